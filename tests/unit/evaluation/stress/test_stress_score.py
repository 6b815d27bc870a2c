"""The stress score, its interval and the paired difference, against loops and against what must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.charts.stress import panels
from core.data.augment import robust
from core.data.disturb import KINDS, SEVERITIES
from core.evaluation.stress import score
from core.evaluation.stress.suite import CLEAN, Cell, Suite, encode
from core.evaluation.wording import stress_words
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES

LABELS = np.array(["mask", "no_mask", "wrong_mask"])
COVERING = ("sheet", "hand", "scarf", "cup", "book", "phone", "microphone", "food")


def made(right: float, photos: int = 60, size: int = 1, seed: int = 0, kinds: Sequence[str] = tuple(KINDS)) -> Suite:
    """A suite in which each answer is right with that chance; photos come in groups of `size` of the same answers."""
    rng = np.random.default_rng(seed)
    groups = np.arange(photos) // size
    true = np.tile(LABELS, photos)[:photos] if size == 1 else LABELS[groups % 3]

    def cell(kind: str, severity: int) -> Cell:
        good = (rng.random(photos) < right)[groups]
        asked = true == "no_mask" if kind in COVERING else np.ones(photos, bool)
        marks = [encode(ok, ok == (label == "mask")) for ok, label in zip(good, true, strict=True)]
        return Cell(kind, severity, "".join(np.where(asked, marks, "-")))

    cells = (cell(CLEAN, 0), *(cell(kind, severity) for kind in kinds for severity in SEVERITIES))
    files = tuple(f"{number}.jpg" for number in range(photos))
    return Suite("m.pth", "run", "/photos", THREE_CLASSES, files, true, groups.astype(str), cells, 0, 1.0)


def by_hand(suite: Suite, wanted) -> float:
    """The mean over wanted cells of the mean recall."""
    scores = []
    for cell in suite.cells:
        if cell.kind != CLEAN and wanted(cell):
            right, true = cell.right[cell.asked], suite.true[cell.asked]
            scores.append(np.mean([right[true == label].mean() for label in set(true)]))
    return float(np.mean(scores))


def test_scores_are_means_over_cells():
    suite = made(0.8)
    own = score.summarise(suite)
    assert own.score["all"].value == pytest.approx(by_hand(suite, lambda cell: True))
    assert score.score(suite) == pytest.approx(own.score["all"].value)
    assert own.score["untrained"].value == pytest.approx(
        by_hand(suite, lambda cell: not robust.was_trained(cell.kind, cell.severity))
    )
    assert own.score["new_kinds"].value == pytest.approx(
        by_hand(suite, lambda cell: cell.kind not in robust.TRAINED_KINDS)
    )
    assert own.kinds["jpeg"].value == pytest.approx(by_hand(suite, lambda cell: cell.kind == "jpeg"))
    covered = [cell.passed[cell.asked].mean() for cell in suite.cells if cell.kind in COVERING]
    assert own.passing.value == pytest.approx(np.mean(covered))
    assert own.clean.value == pytest.approx(suite.measure(suite.clean).balanced_accuracy)


def test_the_weakest_kind_and_severity_are_found():
    suite = made(0.95)
    poor = made(0.1, seed=3)
    cells = tuple(
        poor.cell(cell.kind, cell.severity) if (cell.kind, cell.severity) in (("noise", 2), ("noise", 4)) else cell
        for cell in suite.cells
    )
    weak = replace(suite, cells=cells)
    own = score.summarise(weak)
    assert own.worst_kind == "noise"
    assert own.worst_severity in (2, 4)
    assert "Weakest: noise, severity" in stress_words.result(weak, own)
    assert len(stress_words.table(weak, own)) == len(KINDS)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    held = []
    for seed in range(100):
        own = score.summarise(made(0.7, photos=45, seed=seed, kinds=("jpeg",))).score["all"]
        held.append(own.low <= 0.7 <= own.high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_answers_that_are_all_right_are_not_certain():
    own = score.summarise(made(1.0, kinds=("sheet", "jpeg"))).kinds
    # 20 bare faces, and 60 photos: as if each had been asked once. Wilson's lower limit is n / (n + t²).
    assert own["sheet"].low == pytest.approx(20 / (20 + 2.093**2), abs=1e-3)
    assert own["jpeg"].low == pytest.approx(60 / (60 + 2.002**2), abs=1e-3)
    assert own["sheet"].high == own["jpeg"].high == 1


def test_photos_of_one_group_count_as_one():
    def width(suite: Suite) -> float:
        own = score.summarise(suite).kinds["jpeg"]
        return own.high - own.low

    alone, together = (made(0.7, 60 * size, size, kinds=("jpeg",)) for size in (1, 4))
    assert width(together) == pytest.approx(width(alone), rel=0.4)
    assert width(replace(together, groups=np.arange(240).astype(str))) < 0.7 * width(together)


def test_a_suite_of_one_group_says_that_it_knows_nothing():
    suite = made(0.7)
    own = score.summarise(replace(suite, groups=np.full(60, "one")))
    assert (own.score["all"].low, own.score["all"].high) == (0, 1)


def test_a_network_does_not_differ_from_itself():
    suite = made(0.7)
    found = score.compare(suite, suite)
    assert (found.photos, found.groups) == (60, 60)
    for own in (found.clean, *found.score.values()):
        assert own.difference == 0
        assert own.low == -own.high < 0


def test_a_difference_is_that_of_the_scores_and_is_shown_where_it_is_large():
    a, b = made(0.6), made(0.75, seed=1)
    found = score.compare(a, b)
    first, second = score.summarise(a), score.summarise(b)
    for scope in score.SCOPES:
        own = found.score[scope]
        assert own.difference == pytest.approx(second.score[scope].value - first.score[scope].value)
        assert (own.a, own.b) == (pytest.approx(first.score[scope].value), pytest.approx(second.score[scope].value))
        assert own.low < own.difference < own.high
    assert found.score["all"].shown
    assert found.passing.difference == pytest.approx(second.passing.value - first.passing.value)
    assert "is better" in stress_words.comparison(found, "A", "B")
    mirrored = score.compare(b, a).score["all"]
    assert (mirrored.low, mirrored.high) == pytest.approx(
        (-found.score["all"].high, -found.score["all"].low), rel=0.03
    )


def test_only_shared_photos_are_compared():
    a = made(0.6)
    b = replace(a, files=tuple(f"{number}.jpg" for number in range(30, 90)))
    found = score.compare(a, b)
    assert found.photos == 30
    # The second suite answers for other photos: photo 30 of the first is photo 0 of the second.
    half = np.arange(60) >= 30
    expected = np.mean([np.mean([a.cell("jpeg", s).right[half & (a.true == label)].mean() for label in LABELS])
                        for s in SEVERITIES])  # fmt: skip
    assert found.kinds["jpeg"].a == pytest.approx(expected)


@pytest.mark.parametrize(
    ("other", "words"),
    [({"dataset": "/elsewhere"}, "of different photos"), ({"seed": 1}, "of different photos"),
     ({"files": tuple(f"x{n}.jpg" for n in range(60))}, "share no photo")],
)  # fmt: skip
def test_suites_of_other_photos_are_not_compared(other: dict, words: str):
    suite = made(0.6)
    with pytest.raises(UserError, match=words):
        score.compare(suite, replace(suite, **other))


def test_kinds_that_cover_the_mouth_are_known():
    assert [kind for kind in KINDS if score.covers(kind)] == list(COVERING)


def test_a_suite_from_before_a_kind_existed_is_compared_over_what_both_have():
    old, new = made(0.6, kinds=("jpeg", "sheet")), made(0.6, kinds=("jpeg", "book", "sheet"))
    assert score.shared_kinds([new, old]) == score.shared_kinds([old, new]) == ["jpeg", "sheet"]
    assert score.shared_kinds([]) == []
    assert set(score.compare(new, old).kinds) == set(score.compare(old, new).kinds) == {"jpeg", "sheet"}
    both = [new.cell(kind, severity) for kind in ("jpeg", "sheet") for severity in SEVERITIES]
    assert score.score(new, kinds=("jpeg", "sheet")) == pytest.approx(
        np.mean([new.measure(cell).balanced_accuracy for cell in both])
    )


def test_a_suite_from_before_a_kind_existed_is_drawn_without_it():
    figure = panels({"one": made(0.8, kinds=("jpeg", "sheet"))}, ("jpeg", "noise", "sheet"), "The picture")
    assert [len(line.x) for line in figure.data] == [6, 0, 6]
    assert list(figure.data[0].x) == [0, *SEVERITIES]
