"""How far a runtime may be from torch: in probabilities, in decisions on probes and photos, and what is said of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.cache import resized_images
from core.data.cache.resized_images import SquareCache, some
from core.data.dataset.scan_cache import Record
from core.data.images.decode import decode
from core.data.synthetic.demo import draw_face
from core.evaluation.one_run.predict import probabilities
from core.inference.predictor import Predictor
from core.inference.runtimes import agreement, int8, kinds, real_photos
from core.inference.runtimes.choose import Choice, _here, choose
from core.machine import openvino_core
from core.networks import checkpoint, onnx_graph
from core.networks.operating_point import OperatingPoint
from core.store.paths import PROJECT
from tests.fixtures.runtime_support import untrained


def test_agreement_is_within_the_tolerance_and_only_for_numbers():
    says, point = np.array([[0.7, 0.3], [0.5, 0.5]]), OperatingPoint(0.3)
    assert agreement.difference(says, says + [0.09, -0.09], point).agrees
    assert not agreement.difference(says, says + [0.11, -0.11], point).agrees
    assert not agreement.difference(says, says * np.nan, point).agrees
    close = agreement.difference(says, says + [-0.02, 0.02], point)
    assert close.agrees and not close.agrees_on_photos
    assert (close.changed, close.turned) == (0.5, 0)
    with pytest.raises(ValueError, match="shape"):
        agreement.difference(says, says[:, :1], point)


@pytest.mark.parametrize(("turned", "agrees"), [(2, True), (3, False)])
def test_one_decision_in_two_hundred_may_turn(turned, agrees):
    mask = np.linspace(0.2, 0.9, 400)
    says = np.stack([mask, 1 - mask], axis=1)
    point = OperatingPoint(mask[200])
    other = says - [[0.1 * (mask[200] - mask[200 - turned]), 0]]
    other[200 : 200 + turned, 0] = mask[200] - 1e-6
    found = agreement.difference(says, other, point)
    assert found.turned == turned / 400
    assert (found.agrees, found.agrees_on_photos) == (agrees, agrees)


def shifted(trained: checkpoint.Trained, by: float) -> checkpoint.Trained:
    """The same network with another logit for mask, and an operating point that lies between the two for a probe."""
    squares = agreement.probes(trained.preprocessing.image_size)
    before = says(trained, squares)
    last = [module for module in trained.network.modules() if isinstance(module, torch.nn.Linear)][-1]
    with torch.no_grad():
        last.bias[0] += by
    after = says(trained, squares)
    assert 0.001 < np.abs(after - before).max() < 0.05
    return replace(trained, operating_point=OperatingPoint(float(np.sort(before)[8] + np.sort(after)[8]) / 2))


def test_a_runtime_that_turns_decisions_is_left_out_however_small_the_difference(tmp_path):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = shifted(trained, 0.05)
    int8.save(openvino_core.read_openvino(onnx_graph.to_onnx(onnx_graph.plain(other), 32, "logits")), trained.path)
    trained = checkpoint.load(trained.path)
    assert int8.NAME in choose(trained)[1].milliseconds
    left_out = choose(replace(trained, path=_again(trained.path), operating_point=other.operating_point))[1].left_out
    assert "pass or stop for" in left_out[int8.NAME]
    assert left_out.keys() == {int8.NAME}


def says(trained: checkpoint.Trained, squares: np.ndarray) -> np.ndarray:
    """torch's probabilities of mask."""
    return agreement.softmax(kinds.Torch(onnx_graph.plain(trained), "torch").logits(squares), trained.temperature)[:, 0]


def test_a_runtime_that_turns_decisions_on_the_photos_kept_here_is_left_out(tmp_path, own_home, monkeypatch):
    """Also where it turns none on the probes."""
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = shifted(checkpoint.load(trained.path), 0.05)
    int8.save(openvino_core.read_openvino(onnx_graph.to_onnx(onnx_graph.plain(other), 32, "logits")), trained.path)
    photos = [tmp_path / f"{number}.png" for number in range(12)]
    for number, photo in enumerate(photos):
        draw_face("mask", np.random.default_rng(number), 48).save(photo)
    assert len([*SquareCache(32).locate(photos)]) == 12
    kept, probes = some(32, 400), agreement.probes(32)
    assert kept.shape == (12, 32, 32, 3)
    points = np.linspace(0, 1, 10_001)[:, None]
    on_probes, on_photos = (
        ((says(trained, own) >= points) != (says(other, own) >= points)).mean(axis=1) for own in (probes, kept)
    )
    point = float(points[np.where(on_probes == 0, on_photos, 0).argmax(), 0])
    # However quick this machine is: all of them, and the runtime is the one that would be taken.
    monkeypatch.setattr(real_photos, "_SECONDS", 60.0)
    monkeypatch.setattr("core.inference.runtimes.choose._timed", lambda known, _: {name: 2.0 - (name == int8.NAME)
                                                                               for name in known})  # fmt: skip
    choice = choose(replace(trained, operating_point=OperatingPoint(point)))[1]
    assert choice.left_out[int8.NAME].startswith("pass or stop differs for")
    assert int8.NAME not in choice.milliseconds

    resized_images.clear()
    choice = choose(replace(trained, path=_again(trained.path), operating_point=OperatingPoint(point)))[1]
    assert (choice.name, choice.photos) == (int8.NAME, 0)


def _again(path: Path) -> Path:
    """The same files in another folder, of which nothing was measured yet."""
    return Path(shutil.copytree(path.parent, path.parent / "again")) / path.name


def test_what_is_said_of_the_choice_names_what_was_compared_and_tolerated():
    choice = Choice("quick", {"torch": 6.0, "quick": 2.0}, {}, {"torch": 0.0, "quick": 0.01234}, 17)
    drawn = (
        "Run by quick: 2.0 ms per face, 3.0 times as fast as torch. On 17 drawn pictures its probabilities are at most "
        "0.0124 from torch's (0.1 is tolerated) and all decisions, pass or stop, the same"
    )
    assert str(choice) == drawn + "."
    assert str(replace(choice, photos=400, turned=1)) == (
        drawn + "; on 400 real photos 1 of them changed (0.5% are tolerated)."
    )


def test_published_numbers_are_by_a_runtime_that_gives_torchs(tmp_path, own_home, monkeypatch):
    """However much faster a lower precision is."""
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = onnx_graph.to_onnx(onnx_graph.plain(shifted(trained, 0.05)), 32, "logits")
    int8.save(openvino_core.read_openvino(other), trained.path)
    trained = checkpoint.load(trained.path)
    monkeypatch.setattr("core.inference.runtimes.choose._timed", lambda known, _: {name: 2.0 - (name == int8.NAME)
                                                                               for name in known})  # fmt: skip
    quick, exact = Predictor(trained.path), Predictor(trained.path, exact=True)
    assert quick.runtime.name == int8.NAME
    assert exact.runtime.name != int8.NAME and exact.runtime.apart[exact.runtime.name] <= agreement.EXACT
    squares = agreement.probes(32)
    assert np.allclose(exact.of_squares(squares)[:, 0], says(trained, squares), atol=1e-3)


def test_what_was_measured_before_decisions_were_compared_is_measured_again(tmp_path, own_home):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    old = Record(f"runtimes/{_here(trained.path)}", 2, trained.path.parent.resolve())
    old.of("m.pth", lambda _: {"name": "ONNX Runtime", "milliseconds": {"torch": 1.0, "ONNX Runtime": 1e-9},
                               "left_out": {}})  # fmt: skip
    old.write()
    choice = choose(trained)[1]
    assert choice.milliseconds[choice.name] > 1e-9
    assert choice.apart.keys() == choice.milliseconds.keys()


def test_on_real_crops_every_runtime_that_may_be_taken_keeps_labels_decisions_and_probabilities(tmp_path, photos):
    path = shutil.copy(PROJECT / "models" / "starter.pth", tmp_path / "starter.pth")
    trained = checkpoint.load(Path(path))
    drawn = np.random.default_rng(0).permutation(sorted((photos / "faces").glob("*/*.jpg")))[:400]
    squares = np.stack([trained.preprocessing.square(decode(Path(file))) for file in drawn])
    torch_says = np.concatenate([probabilities(trained, torch.from_numpy(part)) for part in np.split(squares, 8)])
    last = squares.transpose(0, 2, 3, 1).copy()
    onnx = onnx_graph.to_onnx(onnx_graph.folded(trained), trained.preprocessing.image_size, "logits")
    model = openvino_core.read_openvino(onnx)
    taken = choose(trained)[1]
    may = [kinds.Torch(onnx_graph.folded(trained), "torch, BatchNorm folded"), kinds.OnnxRuntime(onnx),
           kinds.OpenVino(model, "OpenVINO fp32", "f32"), kinds.OpenVino(model, "OpenVINO bf16", "bf16")]  # fmt: skip
    may = [runtime for runtime in may if runtime.name in taken.milliseconds]
    assert len(may) >= 3
    for runtime in may:
        logits = np.concatenate([runtime.logits(last[n : n + 1]) for n in range(len(last))])
        found = agreement.difference(
            torch_says, agreement.softmax(logits, trained.temperature), trained.operating_point
        )
        assert found.agrees_on_photos, (runtime.name, found)
