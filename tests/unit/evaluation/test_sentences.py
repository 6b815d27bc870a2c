"""What is said of a test result is what its numbers say."""

from __future__ import annotations

import numpy as np
import pytest

from core.cli.terminal.evaluation_table import measures
from core.evaluation.one_run import calibration
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.one_run.slices import Rate, Slice
from core.evaluation.wording import sentences
from core.networks.operating_point import OperatingPoint
from core.schema.labels import TWO_CLASSES
from core.schema.result import Result, UnsureResult
from tests.fixtures.result_fixtures import changed, evaluated


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("**", "")


@pytest.fixture
def measured() -> Result:
    """10 photos of 5 groups: 8 right with 0.9, one of each label wrong."""
    true = np.array(["mask"] * 5 + ["no_mask"] * 5)
    mask = np.array([0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9])
    groups, files = np.array(list("aabbccddee")), tuple(map(str, range(10)))
    own = Predictions(files, true, groups, np.stack([mask, 1 - mask], axis=1), TWO_CLASSES)
    return measure(own, OperatingPoint(0.5, 0.02), 1.25)


def row(epoch: int, train: float, again: float, val: float) -> dict[str, float]:
    return {"epoch": epoch, "train_accuracy": train, "measured_train_accuracy": again, "val_accuracy": val}


def test_the_result_says_how_sure_it_is(measured: Result):
    low, high = measured.accuracy_grouped_interval
    assert plain(sentences.result(measured)) == (
        f"On 10 test photos of 5 groups it is right on 80.0 % (95 % interval {100 * low:.1f} to {100 * high:.1f}). "
        f"{measured.photos_to_halve} more test photos would halve that interval."
    )
    assert "groups" not in sentences.result(changed(measured, groups=10))


def test_the_door_is_counted_in_faces(measured: Result):
    said = plain(sentences.door(measured))
    assert said.startswith("Pass at ≥ 50 % mask, chosen on validation photos for at most 2 % false alarms. That ")
    assert "stops 1 of 5 correctly masked faces (20.0 %, " in said
    assert "lets 1 of 5 others pass (20.0 %, " in said


def at_the_door(threshold: float) -> Result:
    """100 photos, each a group: masks score 0.9 and one 0.01; bare faces 0.02, ten of them 0.8."""
    mask = np.array([0.9] * 49 + [0.01] + [0.02] * 40 + [0.8] * 10)
    true, files = np.array(["mask"] * 50 + ["no_mask"] * 50), tuple(map(str, range(100)))
    own = Predictions(files, true, np.array(files), np.stack([mask, 1 - mask], axis=1), TWO_CLASSES)
    return measure(own, OperatingPoint(threshold, 0.02), 1.0)


def test_a_threshold_that_lets_many_pass_is_told_with_what_the_likeliest_label_would_do():
    said = plain(sentences.price(at_the_door(0.004)))
    assert "50 of 50 without a well-worn mask pass (100.0 %)" in said
    assert "the likeliest label instead would let 10 of them pass (20.0 %)" in said
    assert "stop 1 of 50 correctly masked faces (2.0 %)" in said
    assert plain(sentences.door(at_the_door(0.004))).endswith(said)


def test_the_terminal_says_the_price_as_plain_text():
    (line,) = (line for line in measures(evaluated(at_the_door(0.004))).splitlines() if line[:5] == "price")
    assert "50 of 50 without a well-worn mask pass (100.0 %)" in line
    assert not any(line.startswith("price") for line in measures(evaluated(at_the_door(0.5))).splitlines())


@pytest.mark.parametrize("threshold", [0.03, 0.5, 0.85])
def test_a_threshold_that_costs_no_more_than_the_likeliest_label_has_no_price(threshold: float):
    assert sentences.price(at_the_door(threshold)) == ""
    assert sentences.door(at_the_door(threshold)).endswith(").")


def test_a_price_needs_more_than_a_few_photos_to_show(measured: Result):
    door = changed(measured.operating, misses=2, miss_rate=0.4, miss_interval=(0.1, 0.8))
    assert sentences.price(changed(measured, operating=door)) == ""


def test_photos_of_a_label_that_the_network_does_not_know_pass_by_the_likeliest_label_too():
    found = at_the_door(0.004)
    own = changed(found, operating=changed(found.operating, violators=60, misses=60))
    said = sentences.price(evaluated(own, left_out={"wrong_mask": {"mask": 8, "no_mask": 2}}))
    assert "would let 18 of them pass" in said


def test_confidence_is_compared_with_what_is_right(measured: Result):
    said = plain(sentences.calibration(measured))
    assert said.startswith("Where its confidence is about 90 %, as on 10 of 10 photos, it is right on 80 % of them")
    assert "the two lie 10.0 points apart" in said
    assert "temperature of 1.25" in said and "did not help" not in said
    worse = changed(measured, calibration=changed(measured.calibration, ece_uncalibrated=0.01))
    assert "did not help" in sentences.calibration(worse)
    needless = changed(measured, calibration=changed(measured.calibration, temperature=1.0012))
    assert plain(sentences.calibration(needless)).endswith(
        "no temperature was needed: the one fitted on validation photos is 1.00."
    )


def test_what_is_withheld_as_unsure_is_said_with_the_errors_among_it(measured: Result):
    assert sentences.unsure(measured) == "" and "unsure" not in measures(evaluated(measured))
    own = UnsureResult(above=0.231, photos=4, errors=3, errors_unsure=1, errors_unsure_interval=(0.061, 0.792))
    test = changed(measured, unsure=own)
    assert plain(sentences.unsure(test)) == (
        "Withheld as unsure, with less than 77 % for the likeliest label: 4 of 10 photos (40.0 %). They hold 1 of "
        "the 3 errors (33.3 %, 95 % interval 6.1 to 79.2)."
    )
    (line,) = (line for line in measures(evaluated(test)).splitlines() if line.startswith("unsure"))
    assert line.startswith("unsure             Withheld") and "4 of 10 photos" in line and "*" not in line
    none = UnsureResult(above=0.231, photos=4, errors=0, errors_unsure=0, errors_unsure_interval=None)
    assert sentences.unsure(changed(measured, unsure=none)).endswith("There are no errors.")


def test_that_no_temperature_could_be_fitted_is_not_that_none_was_needed():
    """On validation photos that are all right, certainty would grow for ever."""
    sure = np.log([[0.99, 0.01], [0.02, 0.98], [0.97, 0.03]])
    temperature = calibration.fit_temperature(sure, np.array([0, 1, 0]))
    true, files = np.array(["mask", "no_mask", "no_mask"]), ("1", "2", "3")
    own = Predictions(files, true, np.array(files), np.exp(sure), TWO_CLASSES)
    found = measure(own, OperatingPoint(0.5, 0.02), temperature)
    said = plain(sentences.calibration(found))
    assert said.endswith("no temperature could be fitted, because no validation photo was wrong.")
    assert "no temperature could be fitted: no validation photo was wrong" in measures(evaluated(found))


@pytest.mark.parametrize(
    ("rows", "says", "leaves_out"),
    [
        ([row(1, 0.60, 0.80, 0.70), row(2, 0.90, 0.92, 0.91)],
         "in every epoch, most in epoch 1 (70.0 % against 60.0 %)", "knows the photos"),
        ([row(1, 0.60, 0.66, 0.70), row(2, 0.90, 0.92, 0.85)],
         "in epoch 1 (70.0 % against 60.0 %)", "no longer below"),
        ([row(1, 0.60, 0.66, 0.70), row(2, 0.90, 0.92, 0.88)], "66.0 %: 4.0 points below validation", "in every"),
        ([row(1, 0.60, 0.65, 0.55), row(2, 0.95, 0.99, 0.88)],
         "In epoch 2 it is right on 99.0 % of the training photos and on 88.0 %", "above training"),
    ],
)  # fmt: skip
def test_validation_above_training_and_memory_are_explained(rows: list[dict], says: str, leaves_out: str):
    said = plain(sentences.training_gap(rows, 2))
    assert says in said and leaves_out not in said


def test_nothing_is_said_where_nothing_is_odd():
    assert sentences.training_gap([row(1, 0.80, 0.82, 0.79), row(2, 0.90, 0.91, 0.89)], 2) == ""
    assert sentences.training_gap([], 1) == ""


def test_the_weakest_slice_is_the_lowest_that_stands_out_below():
    def own(name: str, share: float, p_value: float) -> Slice:
        rate = Rate(round(100 * share), 100, Estimate(share, share - 0.05, share + 0.05))
        return Slice("brightness", name, 100, 90, rate, {}, rate, rate, p_value)

    found = [own("dark", 0.7, 0.01), own("bright", 0.6, 0.4), own("normal", 0.99, 0.001)]
    said = plain(sentences.weakest(found, 0.9))
    assert "brightness *dark*, right on 70.0 % of 100 photos (95 % interval 65.0 to 75.0), against 90.0 %" in said
    assert "No slice stands out as weaker" in sentences.weakest(found[1:], 0.9)
