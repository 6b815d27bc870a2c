"""Numbers from predictions, against counting by hand and scikit-learn; predictions of files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn import metrics as reference

from core.data.dataset.split import Row
from core.data.images.preprocessing import Preprocessing
from core.evaluation.one_run.metrics import LabelScores, summarise
from core.evaluation.one_run.predict import decide, predict, probabilities
from core.networks.build import build
from core.networks.checkpoint import Trained
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from tests.fixtures.support import picture, tiny_config

MASK, BARE, WRONG = THREE_CLASSES


def test_by_hand():
    true = [MASK] * 4 + [BARE] * 2 + [WRONG] * 2
    guess = [MASK, MASK, MASK, BARE, BARE, BARE, MASK, WRONG]
    numbers = summarise(true, guess, THREE_CLASSES)
    assert numbers.confusion == ((3, 1, 0), (0, 2, 0), (1, 0, 1))
    assert numbers.n == 8
    assert numbers.accuracy == 6 / 8
    assert numbers.balanced_accuracy == pytest.approx((3 / 4 + 1 + 1 / 2) / 3)
    scores = {label: asdict(own) for label, own in numbers.per_class.items()}
    assert scores["mask"] == pytest.approx({"precision": 3 / 4, "recall": 3 / 4, "f1": 3 / 4, "n": 4})
    assert scores["no_mask"] == pytest.approx({"precision": 2 / 3, "recall": 1, "f1": 0.8, "n": 2})
    assert scores["wrong_mask"] == pytest.approx({"precision": 1, "recall": 0.5, "f1": 2 / 3, "n": 2})


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [TWO_CLASSES, THREE_CLASSES])
def test_against_scikit_learn(seed: int, classes: tuple[Label, ...]):
    rng = np.random.default_rng(seed)
    true = [classes[i] for i in rng.integers(0, len(classes), 90)]
    guess = [classes[i] if rng.random() < 0.4 else label for i, label in zip(rng.integers(0, len(classes), 90), true,
                                                                            strict=True)]  # fmt: skip
    numbers, names = summarise(true, guess, classes), [str(label) for label in classes]
    truth, said = [str(label) for label in true], [str(label) for label in guess]
    assert numbers.accuracy == pytest.approx(reference.accuracy_score(truth, said))
    assert numbers.balanced_accuracy == pytest.approx(reference.balanced_accuracy_score(truth, said))
    assert np.array_equal(numbers.confusion, reference.confusion_matrix(truth, said, labels=names))
    table = reference.classification_report(truth, said, labels=names, output_dict=True, zero_division=0)
    for name in names:
        row = numbers.per_class[name]
        assert (row.precision, row.recall, row.f1) == pytest.approx(
            (table[name]["precision"], table[name]["recall"], table[name]["f1-score"])
        )


def test_an_absent_label_counts_for_nothing():
    numbers = summarise([MASK, MASK, BARE], [MASK, BARE, BARE], THREE_CLASSES)
    assert numbers.balanced_accuracy == pytest.approx(0.75)
    assert numbers.per_class["wrong_mask"] == LabelScores(None, None, None, 0)


def test_no_photos_at_all():
    numbers = summarise([], [], TWO_CLASSES)
    assert (numbers.n, numbers.accuracy, numbers.balanced_accuracy) == (0, 0, 0)
    assert numbers.confusion == ((0, 0), (0, 0))


def test_the_most_probable_label_wins():
    assert decide(np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.1, 0.1, 0.8]]), THREE_CLASSES) == [BARE, MASK, WRONG]


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    torch.manual_seed(0)
    config = tiny_config(tmp_path)
    network = build(config, 3).eval()
    path, point = tmp_path / "x.pth", OperatingPoint(0.5)
    return Trained(config, THREE_CLASSES, Preprocessing(32), 1.0, point, None, frozenset(), path, network)


def test_predictions_in_order_with_damaged_files_set_aside(tmp_path: Path, trained: Trained):
    (tmp_path / "mask").mkdir()
    rows = [Row(f"mask/{i}.png", MASK, str(i), "test") for i in range(70)]
    for i, row in enumerate(rows):
        picture(i).save(tmp_path / row.file)
    (tmp_path / rows[1].file).write_bytes(b"")
    (tmp_path / rows[66].file).unlink()
    seen: list[tuple[int, int]] = []
    used, probability, refused = predict(trained, tmp_path, rows, lambda done, total: seen.append((done, total)))
    assert used == [row for i, row in enumerate(rows) if i not in (1, 66)]
    assert [(item.file, item.reason) for item in refused] == [
        ("mask/1.png", "the file is empty"), ("mask/66.png", "the file is gone"),
    ]  # fmt: skip
    assert seen == [(64, 70), (70, 70)]
    assert probability.shape == (68, 3)
    assert np.allclose(probability.sum(axis=1), 1)
    for place, index in [(0, 0), (1, 2), (67, 69)]:
        pixels = torch.from_numpy(trained.preprocessing.square(picture(index)))[None]
        assert np.allclose(probability[place], probabilities(trained, pixels)[0], atol=1e-6)


def test_nothing_to_predict(tmp_path: Path, trained: Trained):
    used, probability, refused = predict(trained, tmp_path, [])
    assert (used, refused, probability.shape) == ([], [], (0, 3))
