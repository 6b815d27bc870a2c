"""Slices by hand, their tests against statsmodels, and how often they cry wolf."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint

from core.data.faces.attributes import Traits
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.one_run.slices import Slice, slices
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label

PLAIN = {"face": True, "face_size": 120.0, "brightness": 120.0, "sharpness": 400.0, "turned": 0.0, "mask_colour": None}
POINT = OperatingPoint(0.8)


def predictions(
    true: list[str], right: list[bool], groups: list[str] | None = None, classes: tuple[Label, ...] = THREE_CLASSES
) -> Predictions:
    """Photos that are called their true label with 0.9, or the next one."""
    names = [str(label) for label in classes]
    probability = np.full((len(true), len(classes)), 0.1 / (len(classes) - 1))
    for row, (label, hit) in enumerate(zip(true, right, strict=True)):
        own = names.index(label) if label in names else 0
        probability[row, own if hit else (own + 1) % len(names)] = 0.9
    files = tuple(f"{place}.jpg" for place in range(len(true)))
    return Predictions(files, np.array(true), np.array(groups or files), probability, classes)


def photo(**changes: object) -> Traits:
    return Traits(**PLAIN | changes)


def named(found: list[Slice], name: str) -> Slice:
    return next(own for own in found if own.name == name)


def test_by_hand():
    true = ["mask"] * 4 + ["no_mask"] * 3 + ["wrong_mask"] * 3
    right = [True, True, True, False, True, True, False, True, False, False]
    own = predictions(true, right, groups=list("aabbccddee"))
    traits = {file: photo(brightness=60.0 if place % 2 else 120.0) for place, file in enumerate(own.files)}
    dark = named(slices(own, traits, POINT), "dark")
    assert (dark.axis, dark.photos, dark.groups) == ("brightness", 5, 5)
    assert (dark.accuracy.count, dark.accuracy.of) == (3, 5)
    assert {label: (rate.count, rate.of) for label, rate in dark.recall.items()} == {
        "mask": (1, 2), "no_mask": (1, 1), "wrong_mask": (1, 2),
    }  # fmt: skip
    assert (dark.misses.count, dark.misses.of) == (1, 3), "the wrong_mask photo that is called mask passes"
    assert (dark.false_alarms.count, dark.false_alarms.of) == (1, 2)
    assert dark.accuracy.share.interval == pytest.approx(proportion_confint(3, 5, method="wilson"))
    assert dark.too_small and not dark.stands_out


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"face_size": 47.9}, "below 48 px"), ({"face_size": 48.0}, "48 to 95 px"),
        ({"face_size": 192.0}, "192 px or more"), ({"brightness": 79.0}, "dark"), ({"brightness": 171.0}, "bright"),
        ({"sharpness": 49.0}, "blurred"), ({"sharpness": 50.0}, "soft"), ({"turned": 0.2}, "half turned"),
        ({"turned": 0.5}, "turned away"), ({"face": False, "turned": None}, "no face found"),
        ({"mask_colour": "light blue"}, "light blue"), ({"mask_colour": None}, "can't tell"),
    ],
)  # fmt: skip
def test_a_photo_is_in_the_slices_that_its_traits_name(changes: dict, name: str):
    own = predictions(["mask"], [True])
    found = slices(own, {own.files[0]: photo(**changes)}, POINT)
    assert name in {part.name for part in found}
    assert len({part.axis for part in found}) == len(found), "one slice of each axis"
    assert len(found) == (4 if "turned" in changes and changes["turned"] is None else 6)


def test_a_bare_face_has_no_mask_colour_and_a_photo_without_traits_is_in_no_slice():
    own = predictions(["no_mask", "mask"], [True, True])
    found = slices(own, {own.files[0]: photo(mask_colour="white")}, POINT)
    assert "mask colour" not in {part.axis for part in found}
    assert all(part.photos == 1 for part in found)


def test_the_smallest_come_first_and_an_unknown_label_counts_at_the_door_only():
    own = predictions(["mask"] * 5 + ["wrong_mask"] * 3, [True] * 8, classes=TWO_CLASSES)
    found = slices(own, {file: photo(brightness=60.0 if file < "3" else 120.0) for file in own.files}, POINT)
    assert [part.photos for part in found] == sorted(part.photos for part in found)
    everyone = named(found, "sharp")
    assert (everyone.accuracy.of, everyone.photos, set(everyone.recall)) == (5, 8, {"mask"})
    assert (everyone.misses.count, everyone.misses.of) == (3, 3)


def test_a_weak_slice_stands_out_by_mantel_and_haenszel_s_test_and_holm():
    right = [False] * 12 + [True] * 28 + [False] * 5 + [True] * 195
    own = predictions(["mask", "no_mask"] * 120, right)
    traits = {file: photo(brightness=60.0 if place < 40 else 120.0) for place, file in enumerate(own.files)}
    found = slices(own, traits, POINT)
    dark = named(found, "dark")
    asked = [part for part in found if part.accuracy.of >= 30]
    tables = [[[14, 6], [97, 3]], [[14, 6], [98, 2]]]
    expected = StratifiedTable([np.array(table) for table in tables]).test_null_odds(correction=True).pvalue
    # Dark against normal and normal against dark are the two smallest of all that are asked.
    assert dark.p_value == pytest.approx(min(1, expected * len(asked)))
    assert [part.name for part in found if part.stands_out] == ["dark", "normal"]


def test_a_slice_does_not_stand_out_for_the_labels_it_holds():
    true = ["wrong_mask"] * 60 + ["mask"] * 20 + ["wrong_mask"] * 20 + ["mask"] * 140
    right = [place % 2 == 0 if label == "wrong_mask" else True for place, label in enumerate(true)]
    own = predictions(true, right)
    traits = {file: photo(brightness=60.0 if place < 80 else 120.0) for place, file in enumerate(own.files)}
    dark = named(slices(own, traits, POINT), "dark")
    assert dark.accuracy.share.value == 50 / 80
    assert dark.p_value == 1


def test_where_no_colour_can_be_told_is_shown_but_not_tested():
    own = predictions(["wrong_mask"] * 120, [False] * 60 + [True] * 60)
    traits = {file: photo(mask_colour=None if place < 60 else "white") for place, file in enumerate(own.files)}
    found = slices(own, traits, POINT)
    assert named(found, "can't tell").accuracy.count == 0
    assert not any(part.stands_out for part in found)


def test_photos_of_one_group_count_for_little():
    right = [False] * 12 + [True] * 28 + [False] * 5 + [True] * 195
    groups = [str(place // 4) for place in range(240)]
    traits = {f"{place}.jpg": photo(brightness=60.0 if place < 40 else 120.0) for place in range(240)}
    alone, joined = (
        named(slices(predictions(["mask"] * 240, right, own), traits, POINT), "dark") for own in (None, groups)
    )
    assert joined.p_value > 20 * alone.p_value
    assert joined.accuracy.share.high - joined.accuracy.share.low > alone.accuracy.share.high - alone.accuracy.share.low


def test_where_nothing_is_to_be_found_little_is_found():
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(20):
        groups = [str(place // 3) for place in range(300)]
        luck = np.repeat(rng.beta(9, 1, 100), 3)
        own = predictions(["mask", "no_mask", "wrong_mask"] * 100, list(rng.random(300) < luck), groups)
        traits = {
            file: photo(
                face_size=rng.choice([40.0, 60.0, 120.0, 300.0]), brightness=rng.choice([60.0, 120.0, 200.0]),
                sharpness=rng.choice([20.0, 100.0, 900.0]), turned=rng.choice([0.0, 0.3, 0.6]),
                mask_colour=rng.choice(["white", "light blue", "dark"]),
            )
            for file in own.files
        }  # fmt: skip
        alarms += any(part.stands_out for part in slices(own, traits, POINT, resamples=2))
    assert alarms <= 3, "about one search in twenty may find what is not there"
