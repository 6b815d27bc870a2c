"""Every runtime says what torch says, the fastest of those that do is taken, and whatever fails is left out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core import config as configs
from core import ov
from core.data import cache
from core.data.cache import SquareCache, some
from core.data.demo import draw_face
from core.data.photos import decode
from core.data.preprocess import Preprocessing
from core.data.record import Record
from core.evaluation.predict import probabilities
from core.inference.predictor import Predictor
from core.inference.runtimes import agree, int8, kinds, real
from core.inference.runtimes.choose import Choice, _here, again, choose
from core.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.networks import files, graph
from core.networks.build import build
from core.networks.operating import OperatingPoint
from core.paths import PROJECT
from core.quiet import Counters, Quiet
from tests.live_fixtures import tiny_model


def untrained(path: Path, backbone: str, size: int = 64) -> files.Trained:
    """A model file with random weights, whose BatchNorm has seen something, as a trained one's has."""
    labels = TWO_CLASSES if backbone == "ResNetLogit" else THREE_CLASSES
    config = configs.make({"dataset": "x", "backbone": backbone, "weights": "none", "image_size": size, "wrong_mask":
                           len(labels) == 3})  # fmt: skip
    torch.manual_seed(3)
    network = build(config, len(labels)).train()
    with torch.no_grad():
        network(torch.randn(8, 3, size, size))
    preprocessing = Preprocessing(size, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    files.save(path, files.Trained(path, network, config, labels, preprocessing, 1.3, OperatingPoint(0.4), {},
                                   frozenset()))  # fmt: skip
    return files.load(path)


@pytest.mark.parametrize("backbone", ["BasicCNN", "MobileNet", "ResNet", "ResNetLogit"])
def test_every_network_runs_everywhere_with_torchs_numbers_and_any_number_of_faces(tmp_path, backbone):
    trained = untrained(tmp_path / "m.pth", backbone)
    onnx = graph.to_onnx(graph.folded(trained), 64, "logits")
    model = ov.read_openvino(onnx)
    exact = [kinds.Torch(graph.folded(trained), "folded"), kinds.OnnxRuntime(onnx), kinds.OpenVino(model, "32", "f32")]
    for many in (1, 3):
        squares = agree.probes(64)[:many]
        with torch.inference_mode():
            batch = trained.preprocessing.normalise(torch.from_numpy(squares.transpose(0, 3, 1, 2).copy()))
            wanted = trained.network(batch).numpy()
        for runtime in exact:
            assert np.allclose(runtime.logits(squares), wanted, atol=2e-4), runtime.name
        rough = kinds.OpenVino(model, "16", "bf16").logits(squares)
        assert np.abs(agree.softmax(rough, 1.3) - agree.softmax(wanted, 1.3)).max() < agree.LARGEST


def test_openvinos_answers_stay_when_others_are_asked_alone_or_together(tmp_path):
    trained = untrained(tmp_path / "m.pth", "BasicCNN")
    runtime = kinds.OpenVino(ov.read_openvino(graph.to_onnx(graph.folded(trained), 64, "logits")), "32", "f32")
    squares = agree.probes(64)[:4]
    answers = [(part, runtime.logits(part)) for part in (squares[:1], squares, squares[1:2], squares[:2], squares[3:])]
    together = answers[1][1]
    assert np.ptp(together, axis=0).max() > 1e-3
    for part, said in answers:
        assert np.allclose(said, kinds.Torch(graph.plain(trained), "torch").logits(part), atol=2e-4)


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
    trained = files.load(tiny_model(tmp_path / "m.pth"))
    runtime, choice = choose(trained, beside(1.0))
    assert runtime.name == choice.name in choice.milliseconds
    assert choose(trained, beside(1.0))[1] == choice
    (record,) = (own_home / "cache" / "runtimes").rglob("*.json")
    for quiet, hours, anew in ((False, 23, False), (False, 25, True), (True, 1000, False)):
        known = json.loads(record.read_text())
        known["m.pth"][2] |= {"quiet": quiet, "at": time.time() - 3600 * hours}
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
                  again.labels, again.image_size, again.operating_point.threshold, again.network.numbers]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    torch_is_there, says, runtime, *told = json.loads(done.stdout)
    assert not torch_is_there
    assert np.allclose(says, first.probabilities(pictures), atol=1e-6)
    assert runtime == str(first.runtime)
    assert told == [[*first.labels], first.image_size, first.operating_point.threshold, first.network.numbers]


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
    trained = files.load(path)
    files.save(path, replace(trained, temperature=3.0, operating_point=OperatingPoint(0.9)))
    assert again(path) is None
    second = Predictor(path)
    assert (first.operating_point.threshold, second.operating_point.threshold) != (0.9, 0.5)
    assert second.operating_point.threshold == 0.9


def test_what_disagrees_or_breaks_is_left_out(tmp_path, caplog):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = ov.read_openvino(graph.to_onnx(graph.plain(untrained(tmp_path / "o.pth", "ResNet", 32)), 32, "logits"))
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
    assert runtime.logits(agree.probes(32)).shape == (len(agree.probes(32)), 3)


def test_an_int8_file_of_another_model_file_is_not_taken(tmp_path):
    mine, other = (untrained(tmp_path / name, "BasicCNN", 32) for name in ("mine.pth", "other.pth"))
    int8.save(ov.read_openvino(graph.to_onnx(graph.plain(mine), 32, "logits")), mine.path)
    assert int8.NAME in choose(mine)[1].milliseconds
    mine.path.write_bytes(untrained(tmp_path / "new.pth", "MobileNet", 32).path.read_bytes())
    assert "another model file" in choose(files.load(mine.path))[1].left_out[int8.NAME]
    assert int8.NAME not in choose(other)[1].left_out


def test_a_choice_that_fails_later_falls_back_to_torch(tmp_path, own_home, caplog):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    choose(trained, beside(0.0))
    (record,) = (own_home / "cache" / "runtimes").rglob("*.json")
    known = json.loads(record.read_text())
    known["m.pth"][2]["choice"]["name"] = "a runtime of yesterday"
    known["m.pth"][2]["choice"]["milliseconds"]["a runtime of yesterday"] = 0.1
    record.write_text(json.dumps(known))
    runtime, choice = choose(trained)
    assert (runtime.name, choice.name) == ("torch", "torch")
    assert "a runtime of yesterday" in caplog.text


def test_agreement_is_within_the_tolerance_and_only_for_numbers():
    says, point = np.array([[0.7, 0.3], [0.5, 0.5]]), OperatingPoint(0.3)
    assert agree.difference(says, says + [0.09, -0.09], point).agrees
    assert not agree.difference(says, says + [0.11, -0.11], point).agrees
    assert not agree.difference(says, says * np.nan, point).agrees
    close = agree.difference(says, says + [-0.02, 0.02], point)
    assert close.agrees and not close.agrees_on_photos
    assert (close.changed, close.turned) == (0.5, 0)
    with pytest.raises(ValueError, match="shape"):
        agree.difference(says, says[:, :1], point)


@pytest.mark.parametrize(("turned", "agrees"), [(2, True), (3, False)])
def test_one_decision_in_two_hundred_may_turn(turned, agrees):
    mask = np.linspace(0.2, 0.9, 400)
    says = np.stack([mask, 1 - mask], axis=1)
    point = OperatingPoint(mask[200])
    other = says - [[0.1 * (mask[200] - mask[200 - turned]), 0]]
    other[200 : 200 + turned, 0] = mask[200] - 1e-6
    found = agree.difference(says, other, point)
    assert found.turned == turned / 400
    assert (found.agrees, found.agrees_on_photos) == (agrees, agrees)


def shifted(trained: files.Trained, by: float) -> files.Trained:
    """The same network with another logit for mask, and an operating point that lies between the two for a probe."""
    squares = agree.probes(trained.preprocessing.image_size)
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
    int8.save(ov.read_openvino(graph.to_onnx(graph.plain(other), 32, "logits")), trained.path)
    trained = files.load(trained.path)
    assert int8.NAME in choose(trained)[1].milliseconds
    left_out = choose(replace(trained, path=_again(trained.path), operating_point=other.operating_point))[1].left_out
    assert "pass or stop for" in left_out[int8.NAME]
    assert left_out.keys() == {int8.NAME}


def says(trained: files.Trained, squares: np.ndarray) -> np.ndarray:
    """torch's probabilities of mask."""
    return agree.softmax(kinds.Torch(graph.plain(trained), "torch").logits(squares), trained.temperature)[:, 0]


def test_a_runtime_that_turns_decisions_on_the_photos_kept_here_is_left_out(tmp_path, own_home, monkeypatch):
    """Also where it turns none on the probes."""
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    other = shifted(files.load(trained.path), 0.05)
    int8.save(ov.read_openvino(graph.to_onnx(graph.plain(other), 32, "logits")), trained.path)
    photos = [tmp_path / f"{number}.png" for number in range(12)]
    for number, photo in enumerate(photos):
        draw_face("mask", np.random.default_rng(number), 48).save(photo)
    assert len([*SquareCache(32).locate(photos)]) == 12
    kept, probes = some(32, 400), agree.probes(32)
    assert kept.shape == (12, 32, 32, 3)
    points = np.linspace(0, 1, 10_001)[:, None]
    on_probes, on_photos = (
        ((says(trained, own) >= points) != (says(other, own) >= points)).mean(axis=1) for own in (probes, kept)
    )
    point = float(points[np.where(on_probes == 0, on_photos, 0).argmax(), 0])
    # However quick this machine is: all of them, and the runtime is the one that would be taken.
    monkeypatch.setattr(real, "_SECONDS", 60.0)
    monkeypatch.setattr("core.inference.runtimes.choose._timed", lambda known, _: {name: 2.0 - (name == int8.NAME)
                                                                               for name in known})  # fmt: skip
    choice = choose(replace(trained, operating_point=OperatingPoint(point)))[1]
    assert choice.left_out[int8.NAME].startswith("pass or stop differs for")
    assert int8.NAME not in choice.milliseconds

    cache.clear()
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


def test_what_was_measured_before_decisions_were_compared_is_measured_again(tmp_path, own_home):
    trained = untrained(tmp_path / "m.pth", "BasicCNN", 32)
    old = Record(f"runtimes/{_here(trained.path)}", 2, trained.path.parent.resolve())
    old.of("m.pth", lambda _: {"name": "ONNX Runtime", "milliseconds": {"torch": 1.0, "ONNX Runtime": 1e-9},
                               "left_out": {}})  # fmt: skip
    old.write()
    choice = choose(trained)[1]
    assert choice.milliseconds[choice.name] > 1e-9
    assert choice.apart.keys() == choice.milliseconds.keys()


def test_openvino_reports_nothing_to_anyone(tmp_path):
    code = (
        "import sys; from core.ov import openvino; openvino().Core(); "
        "print(any(name.startswith('openvino_telemetry.') for name in sys.modules))"
    )
    environment = os.environ | {"HOME": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert told.stdout.strip() == "False"
    # Its consent and counting files would lie here.
    assert not any(tmp_path.glob("intel"))


def test_on_real_crops_every_runtime_that_may_be_taken_keeps_labels_decisions_and_probabilities(tmp_path, photos):
    path = shutil.copy(PROJECT / "models" / "starter.pth", tmp_path / "starter.pth")
    trained = files.load(Path(path))
    drawn = np.random.default_rng(0).permutation(sorted((photos / "faces").glob("*/*.jpg")))[:400]
    squares = np.stack([trained.preprocessing.square(decode(Path(file))) for file in drawn])
    torch_says = np.concatenate([probabilities(trained, torch.from_numpy(part)) for part in np.split(squares, 8)])
    last = squares.transpose(0, 2, 3, 1).copy()
    onnx = graph.to_onnx(graph.folded(trained), trained.preprocessing.image_size, "logits")
    model = ov.read_openvino(onnx)
    taken = choose(trained)[1]
    may = [kinds.Torch(graph.folded(trained), "torch, BatchNorm folded"), kinds.OnnxRuntime(onnx),
           kinds.OpenVino(model, "OpenVINO fp32", "f32"), kinds.OpenVino(model, "OpenVINO bf16", "bf16")]  # fmt: skip
    may = [runtime for runtime in may if runtime.name in taken.milliseconds]
    assert len(may) >= 3
    for runtime in may:
        logits = np.concatenate([runtime.logits(last[n : n + 1]) for n in range(len(last))])
        found = agree.difference(torch_says, agree.softmax(logits, trained.temperature), trained.operating_point)
        assert found.agrees_on_photos, (runtime.name, found)
