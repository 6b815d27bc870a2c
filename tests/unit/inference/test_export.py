"""Exported files say what the predictor says without Mask Lab, and int8 files are calibrated on learnt photos only."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from core.cli.main import main
from core.data.dataset.scan import scan
from core.data.images.decode import decode
from core.data.synthetic.demo import draw_face
from core.inference import quantise
from core.inference.exported import outdated
from core.inference.predictor import Predictor
from core.inference.runtimes import agreement, int8, kinds
from core.inference.runtimes.choose import choose
from core.machine.openvino_core import openvino, shared_core
from core.networks import checkpoint, onnx_graph
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES
from tests.fixtures.live_fixtures import tiny_model

CROPS = [draw_face("mask", np.random.default_rng(n), 90) for n in range(3)]


def squares(side: int) -> np.ndarray:
    return np.stack([np.asarray(image.resize((side, side), 2)) for image in CROPS])


def test_the_files_alone_give_the_predictors_probabilities(tmp_path, capsys):
    model = tiny_model(tmp_path / "X.pth")
    assert main(["export", str(model), "--out", str(tmp_path / "out")]) == 0
    lines = [tmp_path / "out" / name for name in ("X.onnx", "X.xml")]
    assert capsys.readouterr().out == f"onnx {lines[0]}\nopenvino {lines[1]}\n"
    wanted = Predictor(model).probabilities(CROPS)

    session = onnxruntime.InferenceSession(lines[0])
    said = session.get_modelmeta().custom_metadata_map
    given = squares(int(said["image_size"]))
    (rows,) = session.run(["probabilities"], {"squares": given})
    assert np.allclose(rows, wanted, atol=0.02)
    assert json.loads(said["labels"]) == [*THREE_CLASSES]
    assert float(said["pass_from_mask_probability"]) == 0.5

    package = openvino()
    read = shared_core().read_model(lines[1])
    exact = package.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert np.allclose(exact(given)["probabilities"], rows, atol=1e-5)
    assert {name: read.get_rt_info(["mask_lab", name]).astype(str) for name in said} == said


def test_files_exported_before_say_that_they_hold_the_old_operating_point(tmp_path, capsys):
    model, out = tiny_model(tmp_path / "X.pth"), tmp_path / "out"
    words = ["export", str(model), "--out", str(out)]
    assert main([*words, "--check"]) == 0 and "Nothing in" in capsys.readouterr().out
    assert main(words) == 0
    assert outdated(model, 0.5, out) == ""
    trained = checkpoint.load(model)
    checkpoint.save(model, replace(trained, operating_point=OperatingPoint(0.31, 0.1, "hand", "2026-11-30")))
    capsys.readouterr()
    assert main([*words, "--check"]) == 0
    said = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "X.onnx and X.xml were exported with ≥ 50 % and not with ≥ 31 %: move them away and export again.\n"
    )


def test_an_int8_file_of_the_model_file_as_it_was_is_said_to_be_unused(tmp_path):
    model = tiny_model(tmp_path / "X.pth")
    int8.path_of(model).write_text(f"<net>{int8.digest(model)}</net>")
    assert outdated(model, 0.5) == ""
    model.write_bytes(model.read_bytes() + b" ")
    assert "X.int8.xml was made from the model file as it was before" in outdated(model, 0.5)


def test_nothing_is_overwritten(tmp_path, capsys):
    model = tiny_model(tmp_path / "X.pth")
    (tmp_path / "X.bin").write_bytes(b"mine")
    assert main(["export", str(model)]) == 2
    assert "X.bin exists already" in capsys.readouterr().err
    assert {path.name for path in tmp_path.glob("X.*")} == {"X.pth", "X.bin"}


def learnt(path: Path, dataset: Path, count: int, temperature: float = 1.0) -> checkpoint.Trained:
    """An untrained network that is said to have learnt from so many photos of the dataset."""
    digests = [photo.digest for photo in scan(dataset).photos]
    trained = checkpoint.load(tiny_model(path))
    checkpoint.save(path, replace(trained, temperature=temperature, seen=frozenset(digests[:count])))
    return checkpoint.load(path)


def test_int8_is_calibrated_on_learnt_photos_and_then_a_candidate(tmp_path, faces, capsys):
    trained = learnt(tmp_path / "X.pth", faces, 45)
    assert main(["export", str(trained.path), "--int8", str(faces)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"int8 {int8.path_of(trained.path)}\nCalibrated on 22 photos")
    assert "(15 others left aside)" in said and "On 23 more" in said
    _, choice = choose(trained)
    assert int8.NAME in choice.milliseconds
    weights = int8.path_of(trained.path).with_suffix(".bin")
    assert weights.stat().st_size < trained.path.stat().st_size
    with pytest.raises(UserError, match="exists already"):
        quantise.quantise(trained, faces)


def test_int8_needs_photos_that_the_network_has_learnt_from(tmp_path, faces):
    with pytest.raises(UserError, match="learnt from 39 of the 60 photos"):
        quantise.quantise(learnt(tmp_path / "X.pth", faces, 39), faces)


def test_int8_without_its_package_says_what_to_install(tmp_path, faces, capsys, monkeypatch):
    trained = learnt(tmp_path / "X.pth", faces, 45)
    monkeypatch.setitem(sys.modules, "nncf", None)
    assert main(["export", str(trained.path), "--int8", str(faces)]) == 2
    assert "by the package nncf, which is not installed: `make extras` installs it." in capsys.readouterr().err
    assert not int8.path_of(trained.path).exists()


def test_int8_that_changes_the_answers_is_not_written(tmp_path, faces):
    trained = learnt(tmp_path / "X.pth", faces, 45)
    squares = torch.stack([torch.from_numpy(trained.preprocessing.square(image)) for image in CROPS])
    last = trained.network.classifier[-1]
    with torch.no_grad():
        # No label is likelier than another, and so small a temperature makes a decision of every rounding error.
        last.bias -= trained.network(trained.preprocessing.normalise(squares)).mean(dim=0)
    with pytest.raises(UserError, match="would answer differently"):
        quantise.quantise(replace(trained, temperature=1e-6), faces)
    assert not int8.path_of(trained.path).exists()


def test_int8_that_turns_decisions_is_not_written_though_the_labels_stay(tmp_path, faces):
    trained = learnt(tmp_path / "X.pth", faces, 60)
    written = quantise.quantise(trained, faces).path
    squares = np.stack([trained.preprocessing.pixels(decode(faces / photo.file, 64)) for photo in scan(faces).photos])
    torch_says, int8_says = (
        agreement.softmax(runtime.logits(squares), trained.temperature)[:, 0]
        for runtime in (kinds.Torch(onnx_graph.plain(trained), "torch"), int8.load(trained.path))
    )
    written.unlink()
    # The checked half of the photos are not known here; the decision turns for one of the most that it can.
    points = np.linspace(torch_says.min(), torch_says.max(), 999)
    turned = [np.count_nonzero((torch_says >= point) != (int8_says >= point)) for point in points]
    point = OperatingPoint(float(points[np.argmax(turned)]))
    with pytest.raises(UserError, match=r"label for 0.0 % of the pictures, and pass or stop for [1-9]"):
        quantise.quantise(replace(trained, operating_point=point), faces)
    assert not written.exists()
