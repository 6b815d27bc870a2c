"""Label issues: ranked as cleanlab ranks them, out of fold and out of group, from folds or from features."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from PIL import Image

from core.cli.main import main
from core.data.dataset import label_decisions
from core.data.dataset.scan import scan
from core.evaluation.label_issues import imagenet_features, label_issues, out_of_fold
from core.evaluation.label_issues.out_of_fold import OutOfFold
from core.networks import pretrained
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, Label
from tests.fixtures.doubts_support import FOLDS, fold_run, fold_runs, random_network
from tests.fixtures.support import picture

MASK, NO_MASK, WRONG_MASK = Label
SHOWN = {"mask/p03_0.jpg": NO_MASK, "no_mask/p05_2.jpg": WRONG_MASK, "wrong_mask/p07_4.jpg": MASK}


@pytest.fixture
def own(faces: Path, tmp_path: Path) -> Path:
    """A copy of the drawn faces."""
    return shutil.copytree(faces, tmp_path / "faces")


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and no ImageNet weights on this machine."""

    def refuse(*args, **words):
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def noisy(count: int = 300, seed: int = 0) -> tuple[OutOfFold, list[Label]]:
    """Predictions of a fair model and labels of which one in ten is wrong."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, count)
    logits = random.normal(size=(count, 3)) + 3 * np.eye(3)[true]
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    given = np.where(random.random(count) < 0.1, (true + 1) % 3, true)
    seen = OutOfFold(tuple(f"{index}.png" for index in range(count)), THREE_CLASSES, probability, "a fair model")
    return seen, [THREE_CLASSES[index] for index in given]


def test_doubts_are_cleanlab_s_in_the_order_of_its_quality():
    seen, labels = noisy()
    given = np.array([THREE_CLASSES.index(label) for label in labels])
    doubted = find_label_issues(given, seen.probability)
    quality = get_label_quality_scores(given, seen.probability, adjust_pred_probs=True)
    found = label_issues.rank(seen, labels)
    assert {doubt.file for doubt in found} == {seen.files[index] for index in np.flatnonzero(doubted)}
    assert 10 < len(found) < 60
    assert [doubt.quality for doubt in found] == sorted(quality[doubted])
    for doubt in found:
        index = seen.files.index(doubt.file)
        assert doubt.quality == quality[index]
        assert doubt.label == labels[index] != doubt.suggested == max(doubt.probability, key=doubt.probability.get)


def test_labels_that_nothing_contradicts_are_not_doubted():
    seen, _ = noisy()
    assert label_issues.rank(seen, [THREE_CLASSES[index] for index in seen.probability.argmax(axis=1)]) == []


def test_photos_in_the_wrong_folder_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(0)
    monkeypatch.setattr(imagenet_features, "build", random_network)
    root = tmp_path / "tinted"
    swapped = {("mask", 3), ("mask", 17), ("no_mask", 8)}
    for label, colour in (("mask", (40, 90, 200)), ("no_mask", (200, 130, 90))):
        for number in range(24):
            folder = {"mask": "no_mask", "no_mask": "mask"}[label] if (label, number) in swapped else label
            (root / folder).mkdir(parents=True, exist_ok=True)
            tinted = Image.blend(picture(number + 100 * len(label)), Image.new("RGB", (64, 64), colour), 0.9)
            tinted.save(root / folder / f"{label}-{number}.png")
    told = []
    found = label_issues.find(scan(root), lambda *what: told.append(what))
    doubted = {doubt.file.split("/")[1] for doubt in found.items}
    # A random network's features need not show each of them, but nothing else may be doubted.
    assert doubted <= {f"{label}-{number}.png" for label, number in swapped}
    assert len(doubted) >= 2
    assert all(doubt.file.startswith(f"{doubt.label}/") for doubt in found.items)
    assert told[0] == ("Extracting features", 48, 48)
    assert told[-1] == ("Learning from the other photos", 5, 5)


def test_a_photo_s_own_group_has_no_say():
    given = np.repeat([0, 1], 60)
    vectors = np.zeros((120, 400), np.float32)
    vectors[:, 200:] = np.random.default_rng(0).normal(size=(120, 200))
    burst = np.arange(25)
    # A place of their own: only photos of the burst could teach that label 1 goes with it.
    vectors[burst], given[burst] = 0, 1
    vectors[burst, :200] = 1
    alone = [str(index) for index in range(120)]
    together = ["burst" if index in burst else str(index) for index in range(120)]
    told, untold = (
        out_of_fold.learn(vectors, given, groups, lambda *count: None)[burst, 1] for groups in (alone, together)
    )
    assert told.min() > 0.9
    assert untold.max() < 0.75


def test_finished_folds_are_taken_and_each_photo_is_judged_by_its_test(own: Path):
    fold_runs(own, SHOWN)
    found = label_issues.find(scan(own))
    assert {doubt.file: doubt.suggested for doubt in found.items} == SHOWN
    assert all(doubt.probability[doubt.suggested] > 0.89 for doubt in found.items)
    assert (found.photos, found.source) == (60, f"the {FOLDS} folds of a BasicCNN (not_retrain)")


def test_what_was_decided_is_not_doubted_again(own: Path):
    fold_runs(own, SHOWN)
    kept, relabelled, excluded = SHOWN
    label_decisions.decide(own, kept, "keep")
    label_decisions.decide(own, relabelled, "relabel", SHOWN[relabelled])
    assert [doubt.file for doubt in label_issues.find(scan(own)).items] == [excluded]
    label_decisions.decide(own, excluded, "exclude")
    found = label_issues.find(scan(own))
    assert (found.items, found.photos) == ((), 59)


def test_folds_count_only_when_they_test_every_photo_once(own: Path):
    for fold in (0, 1):
        fold_run(own, fold, SHOWN)
    fold_run(own, 2, SHOWN, seed=1)
    assert out_of_fold.of_runs(scan(own)) is None
    fold_run(own, 2, SHOWN)
    assert len(out_of_fold.of_runs(scan(own)).files) == 60
    picture(1).save(own / "mask" / "new.png")
    assert out_of_fold.of_runs(scan(own)) is None
    (own / "mask" / "new.png").unlink()
    (own / "mask" / "p01_0.jpg").unlink()
    assert len(out_of_fold.of_runs(scan(own)).files) == 59


def test_without_folds_and_weights_the_sentence_offers_to_train_folds(faces: Path, offline: None):
    with pytest.raises(UserError, match=rf"put mobilenet_v2-b0353104.pth into .* train {faces} --folds 5$"):
        label_issues.find(scan(faces))


def test_too_few_groups_are_said(tmp_path: Path):
    for label, count in (("mask", 6), ("no_mask", 4)):
        (tmp_path / "few" / label).mkdir(parents=True)
        for number in range(count):
            picture(10 * len(label) + number).save(tmp_path / "few" / label / f"{number}.png")
    with pytest.raises(UserError, match=r"no_mask has photos of 4 group\(s\).* needs 5 at least"):
        label_issues.find(scan(tmp_path / "few"))


def test_with_imagenet_features_swapped_labels_are_found(own: Path):
    if not pretrained.imagenet_file("MobileNet").exists():
        pytest.skip("MobileNet's ImageNet weights are not in TORCH_HOME")
    assert label_issues.find(scan(own)).items == ()
    swapped = {"no_mask/p05_2.jpg", "no_mask/p06_2.jpg", "mask/p11_0.jpg"}
    for file in swapped:
        label_decisions.decide(own, file, "relabel", MASK if file.startswith("no_mask") else NO_MASK)
    found = scan(own)
    seen = out_of_fold.of_features(found, lambda *count: None)
    assert {doubt.file for doubt in label_issues.rank(seen, [photo.label for photo in found.photos])[:3]} == swapped


def test_the_command_prints_the_list_and_writes_it(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    fold_runs(own, SHOWN)
    assert main(["doubts", str(own), "--json", str(tmp_path / "doubts.json")]) == 0
    printed = capsys.readouterr()
    header, *lines = [line.split() for line in printed.out.splitlines()]
    assert header == ["file", "label", "suggested", "quality"]
    assert {file: suggested for file, _, suggested, _ in lines} == SHOWN
    assert "3 of 60 labels are contradicted by the 3 folds" in printed.err
    report = json.loads((tmp_path / "doubts.json").read_text())
    assert [item["file"] for item in report["doubts"]] == [line[0] for line in lines]
    assert set(report["doubts"][0]) == {"file", "label", "suggested", "quality", "probability"}
    assert report["photos"] == 60
