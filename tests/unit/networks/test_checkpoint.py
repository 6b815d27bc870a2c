"""The model file: its name, a round trip, and everything that is refused."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from core.data.images.preprocessing import Preprocessing
from core.networks import checkpoint, model_info
from core.networks.build import build
from core.networks.checkpoint import Trained
from core.networks.operating_point import OperatingPoint, likeliest
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES
from core.schema.train_config import TrainConfig
from tests.fixtures.result_fixtures import reported
from tests.fixtures.support import tiny_config

LAST_RELEASE = {
    "format", "state_dict", "config", "labels", "preprocessing", "temperature", "operating_point", "numbers", "seen",
}  # fmt: skip


def make_trained(path: Path, config: TrainConfig, labels=THREE_CLASSES) -> Trained:
    torch.manual_seed(1)
    network = build(config, len(labels)).eval()
    preprocessing = Preprocessing(config.image_size, (0.5, 0.4, 0.3), (0.2, 0.2, 0.25))
    point, seen = OperatingPoint(0.8), frozenset({"a1", "b2"})
    return Trained(config, labels, preprocessing, 1.7, point, reported(labels), seen, path, network)


@pytest.fixture
def saved(tmp_path: Path) -> Trained:
    trained = make_trained(tmp_path / "net.pth", tiny_config(tmp_path))
    checkpoint.save(trained.path, trained)
    return trained


def spoil(saved: Trained, **changes) -> Path:
    """The saved file with some of its content replaced (None leaves the field out)."""
    content = torch.load(saved.path, weights_only=True) | changes
    content = {key: value for key, value in content.items() if value is not None}
    torch.save(content, saved.path)
    return saved.path


def refused(path: Path, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        checkpoint.load(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_the_name_is_report_a_s():
    config = tiny_config(Path("x"), backbone="MobileNet", mode="retrain", batch_size=64, epochs=60, learning_rate=1e-4)
    assert checkpoint.file_name(config, 3) == "MobileNet-retrain-3classes-64-60-0.00010000.pth"
    assert checkpoint.file_name(tiny_config(Path("x"), learning_rate=1e-7), 2).endswith("-2classes-8-2-0.00000010.pth")


@pytest.mark.parametrize(
    ("backbone", "labels"), [("BasicCNN", THREE_CLASSES), ("MobileNet", TWO_CLASSES), ("ResNetLogit", TWO_CLASSES)]
)
def test_there_and_back(tmp_path: Path, backbone: str, labels: tuple):
    config = tiny_config(tmp_path, backbone=backbone, wrong_mask=len(labels) == 3)
    trained = make_trained(tmp_path / "net.pth", config, labels)
    checkpoint.save(trained.path, trained)
    loaded = checkpoint.load(trained.path)
    pixels = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    with torch.inference_mode():
        logits = [item.network(item.preprocessing.normalise(pixels)) for item in (trained, loaded)]
    assert torch.equal(*logits)
    assert not loaded.network.training
    assert (loaded.config, loaded.labels, loaded.preprocessing) == (config, labels, trained.preprocessing)
    assert (loaded.temperature, loaded.operating_point) == (trained.temperature, trained.operating_point)
    assert (loaded.report, loaded.seen) == (trained.report, trained.seen)
    assert os.listdir(tmp_path).count("net.pth") == len([name for name in os.listdir(tmp_path) if "net" in name]) == 1


@pytest.mark.parametrize("point", [likeliest(), OperatingPoint(0.31, 0.04, "hand", "2026-11-30")])
def test_how_the_operating_point_was_chosen_is_kept_and_no_hindrance_to_the_last_release(saved: Trained, point):
    checkpoint.save(saved.path, replace(saved, operating_point=point))
    assert checkpoint.load(saved.path).operating_point == point
    content = torch.load(saved.path, weights_only=True)
    # It reads the point by OperatingPoint(**these), of which it knows two, and passes over other keys of the file.
    assert content["operating_point"] == {"threshold": point.threshold, "target": point.target}
    assert content.keys() - LAST_RELEASE == {"operating_rule"}


def test_a_file_of_the_last_release_was_chosen_for_its_target(saved: Trained):
    loaded = checkpoint.load(spoil(saved, operating_rule=None))
    assert loaded.operating_point == OperatingPoint(0.8, 0.02, "target")


def test_the_uncertainty_above_which_it_is_unsure_is_kept_and_no_hindrance_to_the_last_release(saved: Trained):
    assert checkpoint.load(saved.path).unsure_above is None
    checkpoint.save(saved.path, replace(saved, unsure_above=0.231))
    assert checkpoint.load(saved.path).unsure_above == model_info.read(saved.path).unsure_above == 0.231
    assert torch.load(saved.path, weights_only=True).keys() - LAST_RELEASE == {"operating_rule", "unsure_above"}


def test_loading_needs_no_imagenet_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(
        "core.networks.pretrained.fill", lambda network, config: config.weights == "none" or pytest.fail()
    )
    config = tiny_config(tmp_path, backbone="MobileNet")
    trained = make_trained(tmp_path / "net.pth", config)
    object.__setattr__(trained, "config", config.model_copy(update={"weights": "imagenet"}))
    checkpoint.save(trained.path, trained)
    assert checkpoint.load(trained.path).config.weights == "imagenet"


def test_an_older_file_is_never_overwritten(tmp_path: Path):
    names = []
    for _ in range(3):
        path = checkpoint.free_path(tmp_path, "a-0.00010000.pth")
        path.write_bytes(b"trained")
        names.append(path.name)
    assert names == ["a-0.00010000.pth", "a-0.00010000_2.pth", "a-0.00010000_3.pth"]


def test_a_save_that_fails_leaves_nothing(tmp_path: Path, saved: Trained, monkeypatch: pytest.MonkeyPatch):
    before = saved.path.read_bytes()

    def half(content, path):
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(saved.path, saved)
    assert saved.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["net.pth"]


class Payload:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("wrap", ["zip", "pickle", "legacy"])
def test_a_payload_does_not_run(tmp_path: Path, wrap: str):
    proof, path = tmp_path / "it_ran", tmp_path / "gift.pth"
    payload = {"format": "mask-lab model 2", "state_dict": Payload(f"touch {proof}")}
    if wrap == "pickle":
        path.write_bytes(pickle.dumps(payload))
    else:
        torch.save(payload, path, _use_new_zipfile_serialization=wrap == "zip")
    refused(path, "not a model file that Mask Lab can read")
    assert not proof.exists()


def test_foreign_files_are_refused(tmp_path: Path):
    path = tmp_path / "foreign.pth"
    torch.save(torch.nn.Linear(2, 2).state_dict(), path)
    refused(path, "was not written by this Mask Lab")
    torch.save([1, 2], path)
    refused(path, "was not written by this Mask Lab")
    torch.save(torch.nn.Linear(2, 2), path)
    refused(path, "not a model file")
    for content in (b"", b"words, not weights", os.urandom(5000)):
        path.write_bytes(content)
        refused(path, "not a model file")
    refused(tmp_path / "never.pth", "There is no model file")
    (tmp_path / "folder.pth").mkdir()
    refused(tmp_path / "folder.pth", "There is no model file")


def test_a_truncated_file_is_refused(saved: Trained):
    whole = saved.path.read_bytes()
    for share in (0.1, 0.5, 0.95, 0.999):
        saved.path.write_bytes(whole[: int(len(whole) * share)])
        refused(saved.path, "damaged")


def test_a_missing_part_is_refused(saved: Trained):
    whole = torch.load(saved.path, weights_only=True)
    for key in LAST_RELEASE:
        torch.save({name: value for name, value in whole.items() if name != key}, saved.path)
        refused(saved.path, "was not written by this Mask Lab")


PREPROCESSING = asdict(Preprocessing(32))


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["mask", "cat", "wrong_mask"]},
        {"labels": ["mask", "wrong_mask"]},
        {"labels": ["no_mask", "mask", "wrong_mask"]},
        {"labels": ["mask", "no_mask"]},
        {"labels": 3},
        {"config": {}},
        {"config": "x"},
        {"config": {"dataset": "x", "backbone": "BasicCNN", "weights": "none", "image_size": 10**9}},
        {"config": {"dataset": "x", "backbone": "MobileNet", "weights": "none", "image_size": 32}},
        {"state_dict": {}},
        {"state_dict": [1]},
        {"state_dict": {1: 2}},
        {"preprocessing": {}},
        {"preprocessing": [1]},
        {"preprocessing": PREPROCESSING | {"image_size": 64}},
        {"preprocessing": PREPROCESSING | {"mean": (0.5,)}},
        {"preprocessing": PREPROCESSING | {"std": (0.5, 0.0, 0.5)}},
        {"preprocessing": PREPROCESSING | {"std": (float("nan"), 0.2, 0.5)}},
        {"preprocessing": PREPROCESSING | {"mean": (0.1, float("inf"), 0.5)}},
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"temperature": "x"},
        {"operating_point": 0.5},
        {"operating_point": {"threshold": 2.0, "target": 0.02}},
        {"operating_point": {"threshold": 0.5, "goal": 0.02}},
        {"operating_rule": {"rule": "luck"}},
        {"operating_rule": {"rule": "hand"}},
        {"operating_rule": ["hand"]},
        {"unsure_above": float("nan")},
        {"unsure_above": float("inf")},
        {"unsure_above": -0.1},
        {"unsure_above": 1.0},
        {"unsure_above": "often"},
        {"unsure_above": [0.3]},
        {"numbers": 3},
        {"seen": 3},
    ],
)
def test_wrong_content_is_refused(saved: Trained, changes: dict):
    refused(spoil(saved, **changes), "wrong content .*: train it again")


def test_wrong_shapes_are_refused(saved: Trained):
    state = torch.load(saved.path, weights_only=True)["state_dict"]
    for name, value in {"classifier.5.weight": torch.zeros(2, 64), "features.0.weight": torch.zeros(3)}.items():
        refused(spoil(saved, state_dict=state | {name: value}), "wrong content")
    refused(spoil(saved, state_dict=state | {"extra": torch.zeros(1)}), "wrong content")
