"""A network's numbers by source, counted by hand; whose sources a run's are; and how sources are spread in a split."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.data.collect import sources
from core.data.dataset.split import Row
from core.evaluation.by_source import measure, parts, told
from core.evaluation.one_run import predictions as saved
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.wording import by_source_words
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.text.numbers import NONE, percent
from tests.fixtures.compare_fixtures import finished_run, right, wrong_on

POINT = OperatingPoint(0.5)


def predictions(said: list[tuple[str, str]], groups: list[str] | None = None, classes=THREE_CLASSES) -> Predictions:
    """(true, called) of each photo: it is called so with 0.8."""
    names = [str(label) for label in classes]
    probability = np.full((len(said), len(names)), 0.2 / (len(names) - 1))
    for row, (_, called) in enumerate(said):
        probability[row, names.index(called)] = 0.8
    files = tuple(f"{number}.jpg" for number in range(len(said)))
    true = np.array([label for label, _ in said])
    return Predictions(files, true, np.array(groups or files), probability, classes)


def named(own: Predictions, *names: str) -> dict[str, str]:
    return dict(zip(own.files, names, strict=True))


def test_by_hand():
    """The phone: 2 of 4 masks and 1 of 1 bare face; the site: 1 of 1 wrong_mask, and no other label."""
    own = predictions(
        [("mask", "mask"), ("mask", "mask"), ("mask", "no_mask"), ("mask", "wrong_mask"), ("no_mask", "no_mask"),
         ("wrong_mask", "wrong_mask"), ("no_mask", "mask")],
        groups=list("aabcdef"),
    )  # fmt: skip
    phone, site, other = "phone", "site", "other"
    told_so = named(own, phone, phone, phone, phone, phone, site, other)
    worst, middle, best = measure.by_source(own, told_so, POINT, seen={"0.jpg", "1.jpg"})
    assert [one.source for one in (worst, middle, best)] == ["other", "phone", "site"]
    assert (middle.photos, middle.groups, middle.seen) == (5, 4, 2)
    assert middle.balanced_accuracy == pytest.approx((2 / 4 + 1 / 1) / 2)
    counted = {label: (rate.count, rate.of) for label, rate in middle.recall.items()}
    assert counted == {"mask": (2, 4), "no_mask": (1, 1)}
    assert (middle.misses.count, middle.misses.of) == (0, 1)
    assert (middle.false_alarms.count, middle.false_alarms.of, middle.false_alarms.share) == (2, 4, 0.5)
    assert (worst.misses.count, worst.misses.of) == (1, 1), "the bare face that is called mask passes"
    assert (best.balanced_accuracy, set(best.recall)) == (1.0, {"wrong_mask"})
    assert (best.false_alarms.of, best.false_alarms.share, best.false_alarms.interval) == (0, None, None)


def test_the_interval_of_a_source_with_one_label_is_that_of_its_recall():
    own = predictions([("mask", "mask")] * 27 + [("mask", "no_mask")] * 3 + [("no_mask", "no_mask")])
    worst, _ = measure.by_source(own, named(own, *["phone"] * 30, "site"), POINT)
    assert worst.recall[Label.MASK].interval == pytest.approx(proportion_confint(27, 30, method="wilson"))
    assert worst.balanced_accuracy_interval == pytest.approx(worst.recall[Label.MASK].interval)


def test_nothing_is_said_of_one_source_or_of_none():
    own = predictions([("mask", "mask"), ("no_mask", "mask")])
    assert measure.by_source(own, {}, POINT) == ()
    assert measure.by_source(own, named(own, "phone", "phone"), POINT) == ()
    unnamed = measure.by_source(own, {"0.jpg": "phone"}, POINT)
    assert [one.source for one in unnamed] == [sources.UNKNOWN, "phone"]


def test_a_source_of_a_label_that_the_network_does_not_know_counts_where_people_pass():
    own = predictions([("mask", "mask"), ("wrong_mask", "mask")], classes=TWO_CLASSES)
    known, unknown = measure.by_source(own, named(own, "phone", "site"), POINT)
    assert (unknown.source, unknown.balanced_accuracy, unknown.recall) == ("site", None, {})
    assert (unknown.photos, unknown.misses.count, unknown.misses.of) == (1, 1, 1)
    both = [known, unknown]
    cells = dict(zip(by_source_words.head(both), by_source_words.row(unknown, both), strict=True))
    assert (cells["balanced accuracy"], cells["recall of mask"], cells["missed"]) == (NONE, NONE, "1 of 1")


def test_few_photos_are_said_and_named_and_the_others_make_the_sentence():
    own = predictions([("mask", "mask")] * 60 + [("mask", "no_mask")] * 6 + [("no_mask", "no_mask")] * 34)
    found = measure.by_source(own, named(own, *["phone"] * 66, *["site"] * 30, *["friend"] * 4), POINT)
    assert [by_source_words.row(one, found)[-1] for one in found] == ["", by_source_words.FEW, ""]
    assert by_source_words.sentence(found) == (
        f"By source, balanced accuracy goes from {percent(60 / 66)} on phone (66 photos) to {percent(1)} on site "
        f"(30 photos). Too few photos or groups to say much: friend (4)."
    )
    assert "seen" not in by_source_words.head(found)
    flattered = measure.by_source(own, named(own, *["phone"] * 66, *["site"] * 34), POINT, seen=own.files[:7])
    place = by_source_words.head(flattered).index("seen")
    assert [by_source_words.row(one, flattered)[place] for one in flattered] == ["7", "0"]
    assert by_source_words.SEEN in by_source_words.notes(flattered)


def test_many_photos_of_one_group_are_too_few():
    own = predictions([("mask", "mask")] * 80, groups=["anna"] * 40 + [str(number) for number in range(40)])
    found = measure.by_source(own, named(own, *["phone"] * 40, *["site"] * 40), POINT)
    assert {one.source: by_source_words.too_few(one) for one in found} == {"phone": True, "site": False}


@pytest.fixture
def dataset(crowd: Path, tmp_path: Path) -> Path:
    """40 photos of each label, each a group; the first twenty are of the phone, and no photo of another source."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    sources.note(folder, {f"{label}/{label}-{number:03}.png": "phone" for label in Label for number in range(20)})
    return folder


def test_a_run_s_test_photos(dataset):
    run = finished_run(dataset, wrong_on("mask-001.png", "mask-025.png"))
    found = measure.of_run(run)
    own = saved.of_run(run)
    for one in found:
        inside = [file for file in own.files if (int(file[-7:-4]) < 20) == (one.source == "phone")]
        wrong = [file for file in inside if file.endswith(("mask-001.png", "mask-025.png"))]
        assert one.photos == len(inside) == sum(rate.of for rate in one.recall.values())
        assert sum(rate.of - rate.count for rate in one.recall.values()) == len(wrong)
    assert sum(one.photos for one in found) == run.report().test.n and len(found) == 2


def test_sources_are_those_that_the_run_was_given_or_else_those_of_now(dataset):
    run = finished_run(dataset, right)
    sources.note(dataset, dict.fromkeys(sources.read(dataset), "elsewhere"))
    assert set(told.of_run(run).values()) == {"phone"}
    run.version_file.unlink()
    assert set(told.of_run(run).values()) == {"elsewhere"}
    (dataset / sources.FILE).write_text("nonsense\n")
    assert told.of_run(run) == {} and measure.of_run(run) == ()


def test_the_split_of_each_source_and_label():
    def row(file: str, label: str, part: str) -> Row:
        return Row(file, Label(label), file, part)

    rows = [row("1", "mask", "train"), row("2", "mask", "train"), row("3", "mask", "test"), row("4", "no_mask", "val"),
            row("5", "mask", "val")]  # fmt: skip
    found = parts.spread(rows, {"1": "site", "2": "site", "3": "site", "4": "site", "5": "phone"})
    assert [by_source_words.parts_row(one) for one in found] == [
        ["site", "mask", "2", "0", "1"], ["site", "no_mask", "0", "1", "0"], ["phone", "mask", "0", "1", "0"],
    ]  # fmt: skip
    assert parts.spread(rows, {}) == [] and parts.spread(rows, dict.fromkeys("12345", "site")) == []
