"""Every runtime says what torch says, the fastest is taken, kept and taken again, and whatever breaks is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.synthetic.demo import draw_face
from core.inference.predictor import Predictor
from core.inference.runtimes import agreement, int8, kinds
from core.inference.runtimes.choose import again, choose
from core.machine import openvino_core
from core.machine.contention import Counters, Quiet
from core.networks import checkpoint, onnx_graph
from core.networks.operating_point import OperatingPoint
from core.networks.registry import NETWORKS
from core.schema.labels import Label
from core.store.paths import PROJECT
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.runtime_support import untrained


@pytest.mark.parametrize("backbone", NETWORKS)
def test_every_network_runs_everywhere_with_torchs_numbers_and_any_number_of_faces(tmp_path, backbone):
    trained = untrained(tmp_path / "m.pth", backbone)
    onnx = onnx_graph.to_onnx(onnx_graph.folded(trained), 64, "logits")
    model = openvino_core.read_openvino(onnx)
    exact = [
        kinds.Torch(onnx_graph.folded(trained), "folded"),
        kinds.OnnxRuntime(onnx),
        kinds.OpenVino(model, "32", "f32"),
    ]
    for many in (1, 3):
        squares = agreement.probes(64)[:many]
        with torch.inference_mode():
            batch = trained.preprocessing.normalise(torch.from_numpy(squares.transpose(0, 3, 1, 2).copy()))
            wanted = trained.network(batch).numpy()
        for runtime in exact:
            assert np.allclose(runtime.logits(squares), wanted, atol=2e-4), runtime.name
        rough = kinds.OpenVino(model, "16", "bf16").logits(squares)
        assert np.abs(agreement.softmax(rough, 1.3) - agreement.softmax(wanted, 1.3)).max() < agreement.LARGEST


def test_openvinos_answers_stay_when_others_are_asked_alone_or_together(tmp_path):
    trained = untrained(tmp_path / "m.pth", "BasicCNN")
    runtime = kinds.OpenVino(
        openvino_core.read_openvino(onnx_graph.to_onnx(onnx_graph.folded(trained), 64, "logits")), "32", "f32"
    )
    squares = agreement.probes(64)[:4]
    answers = [(part, runtime.logits(part)) for part in (squares[:1], squares, squares[1:2], squares[:2], squares[3:])]
    together = answers[1][1]
    assert np.ptp(together, axis=0).max() > 1e-3
    for part, said in answers:
        assert np.allclose(said, kinds.Torch(onnx_graph.plain(trained), "torch").logits(part), atol=2e-4)


def beside(others: float) -> Quiet:
    """What counts others' use of the processors, in the second of a measurement, as this."""
    return Quiet(iter([Counters(0.0, 0.0, 0.0), Counters(1.0, others, 0.0)]).__next__)


def test_the_fastest_is_taken_and_taken_again(tmp_path):
    trained = untrained(tmp_path / "m.pth", "MobileNet")
    first, second = choose(trained, beside(0.0))[1], Predictor(trained.path).runtime
    others = {name: taken for name, taken in first.milliseconds.items() if not name.startswith("torch")}
    assert first.milliseconds[first.name] == min(others.values()), "torch is not half as fast again"
    assert {"torch", "ONNX Runtime", "OpenVINO fp32"} <= first.milliseconds.keys()
    assert first.name in str(first)
    # Measured twice, no two times would be the same.
    assert second == first


def test_what_was_measured_beside_other_work_stands_for_a_day(tmp_path, own_home):
    trained = checkpoint.load(tiny_model(tmp_path / "m.pth"))
    runtime, choice = choose(trained, beside(1.0))
    assert runtime.name == choice.name in choice.milliseconds
    assert choose(trained, beside(1.0))[1] == choice
    (record,) = (own_home / "cache" / "runtimes").rglob("*.json")
    for quiet, hours, anew in ((False, 23, False), (False, 25, True), (True, 1000, False)):
        known = json.loads(record.read_text())
        known["m.pth"][3] |= {"quiet": quiet, "at": time.time() - 3600 * hours}
        record.write_text(json.dumps(known))
        assert (choose(trained, beside(1.0))[1] != choice) == anew, (quiet, hours)
        choice = choose(trained, beside(1.0))[1]


def test_a_network_that_was_loaded_before_answers_without_torch(tmp_path):
    path = untrained(tmp_path / "m.pth", "MobileNet").path
    first = Predictor(path)
    pictures = [draw_face(label, np.random.default_rng(0), 96) for label in Label]
    for picture in pictures:
        picture.save(tmp_path / f"{pictures.index(picture)}.png")
    code = f"""
import json, sys
from pathlib import Path
import numpy as np
from PIL import Image
from core.inference.predictor import Predictor
again = Predictor(Path({str(path)!r}))
pictures = [Image.open(file).convert("RGB") for file in sorted(Path({str(tmp_path)!r}).glob("*.png"))]
print(json.dumps(["torch" in sys.modules, again.probabilities(pictures).tolist(), str(again.runtime),
                  again.labels, again.image_size, again.operating_point.threshold,
                  again.info.report.model_dump_json()]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    torch_is_there, says, runtime, *told = json.loads(done.stdout)
    assert not torch_is_there
    assert np.allclose(says, first.probabilities(pictures), atol=1e-6)
    assert runtime == str(first.runtime)
    report = first.info.report.model_dump_json()
    assert told == [[*first.labels], first.image_size, first.operating_point.threshold, report]


def test_what_is_kept_of_a_network_is_taken_whole_and_unchanged_or_not_at_all(tmp_path, own_home, caplog):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    choose(trained, beside(0.0))
    assert again(trained.path)
    (kept,) = (own_home / "cache" / "features").glob("network-*")
    whole = kept.read_bytes()
    for place in np.linspace(0, len(whole) - 1, 50).astype(int):
        kept.write_bytes(whole[:place])
        assert again(trained.path) is None, f"cut at {place}"
    turned = bytearray(whole)
    turned[len(whole) // 2] ^= 255
    kept.write_bytes(turned)
    assert again(trained.path) is None
    # A runtime that no longer gives torch's answers.
    kept.write_bytes(whole)
    with np.load(kept) as file:
        others = dict(file) | {"logits": file["logits"] + np.float32([0, 0, 20])}
    with kept.open("wb") as file:
        np.savez(file, **others)
    assert again(trained.path) is None
    assert Predictor(trained.path).runtime.name, "it is loaded from the model file, and kept anew"
    assert again(trained.path)


def test_a_model_file_that_changes_is_loaded_anew(tmp_path):
    path = untrained(tmp_path / "m.pth", "BasicCNN", 32).path
    first = Predictor(path)
    assert again(path)
    trained = checkpoint.load(path)
    checkpoint.save(path, replace(trained, temperature=3.0, operating_point=OperatingPoint(0.9)))
    assert again(path) is None
    second = Predictor(path)
    assert (first.operating_point.threshold, second.operating_point.threshold) != (0.9, 0.5)
    assert second.operating_point.threshold == 0.9


def test_what_disagrees_or_breaks_is_left_out(tmp_path, caplog):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = openvino_core.read_openvino(
        onnx_graph.to_onnx(onnx_graph.plain(untrained(tmp_path / "o.pth", "ResNet", 32)), 32, "logits")
    )
    int8.save(other, trained.path)
    runtime, choice = choose(trained)
    assert int8.NAME not in choice.milliseconds
    assert "differ from torch's" in choice.left_out[int8.NAME]
    assert int8.NAME in caplog.text

    whole = int8.path_of(trained.path).read_bytes()
    for spoilt in (b"", os.urandom(5000), whole[: len(whole) // 2], whole[len(whole) // 2 :]):
        int8.path_of(trained.path).write_bytes(spoilt)
        _, choice = choose(trained)
        assert choice.left_out.keys() == {int8.NAME}
        assert choice.name in choice.milliseconds
    assert runtime.logits(agreement.probes(32)).shape == (len(agreement.probes(32)), 3)


def test_an_int8_file_of_another_model_file_is_not_taken(tmp_path):
    mine, other = (untrained(tmp_path / name, "BasicCNN", 32) for name in ("mine.pth", "other.pth"))
    int8.save(openvino_core.read_openvino(onnx_graph.to_onnx(onnx_graph.plain(mine), 32, "logits")), mine.path)
    assert int8.NAME in choose(mine)[1].milliseconds
    mine.path.write_bytes(untrained(tmp_path / "new.pth", "MobileNet", 32).path.read_bytes())
    assert "another model file" in choose(checkpoint.load(mine.path))[1].left_out[int8.NAME]
    assert int8.NAME not in choose(other)[1].left_out


def test_a_choice_that_fails_later_falls_back_to_torch(tmp_path, own_home, caplog):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    choose(trained, beside(0.0))
    (record,) = (own_home / "cache" / "runtimes").rglob("*.json")
    known = json.loads(record.read_text())
    known["m.pth"][3]["choice"]["name"] = "a runtime of yesterday"
    known["m.pth"][3]["choice"]["milliseconds"]["a runtime of yesterday"] = 0.1
    record.write_text(json.dumps(known))
    runtime, choice = choose(trained)
    assert (runtime.name, choice.name) == ("torch", "torch")
    assert "a runtime of yesterday" in caplog.text


def test_openvino_reports_nothing_to_anyone(tmp_path):
    code = (
        "import sys; from core.machine.openvino_core import openvino; openvino().Core(); "
        "print(any(name.startswith('openvino_telemetry.') for name in sys.modules))"
    )
    environment = os.environ | {"HOME": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert told.stdout.strip() == "False"
    # Its consent and counting files would lie here.
    assert not any(tmp_path.glob("intel"))
