"""The numbers of a report: what is in them, against scikit-learn and statsmodels, and what a photo of an unknown label
counts for."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference
from statsmodels.stats.proportion import proportion_confint

from core.evaluation.one_run import calibration
from core.evaluation.one_run.choose_threshold import curve
from core.evaluation.one_run.measure import measure, photos_to_halve
from core.evaluation.one_run.predictions import Predictions
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label

POINT = OperatingPoint(0.55, 0.02)
TEMPERATURE = 1.6


def predictions(seed: int, classes: tuple[Label, ...] = THREE_CLASSES, n: int = 260, groups: int = 90) -> Predictions:
    """Photos of all three labels, whatever the model's classes are."""
    rng = np.random.default_rng(seed)
    true = rng.choice(3, n, p=[0.5, 0.35, 0.15])
    probability = rng.dirichlet([0.4] * len(classes), n)
    probability[np.arange(n), np.minimum(true, len(classes) - 1)] += 0.6
    return Predictions(
        tuple(f"{index}.jpg" for index in range(n)),
        np.array([str(label) for label in THREE_CLASSES])[true],
        rng.integers(0, groups, n).astype(str),
        probability / probability.sum(axis=1, keepdims=True),
        classes,
    )


@pytest.fixture(params=range(3))
def own(request: pytest.FixtureRequest) -> Predictions:
    return predictions(request.param)


def test_accuracy_and_its_kin_against_scikit_learn_and_statsmodels(own: Predictions):
    found, names = measure(own, POINT, TEMPERATURE), ["mask", "no_mask", "wrong_mask"]
    assert (found.classes, found.n, found.groups) == (THREE_CLASSES, 260, len(set(own.groups)))
    assert np.array_equal(found.confusion, reference.confusion_matrix(own.true, own.guess, labels=names))
    assert found.accuracy == pytest.approx(reference.accuracy_score(own.true, own.guess), abs=1e-9)
    assert found.balanced_accuracy == pytest.approx(reference.balanced_accuracy_score(own.true, own.guess), abs=1e-9)
    table = reference.classification_report(own.true, own.guess, output_dict=True)
    for name in names:
        row = found.per_class[name]
        assert (row.precision, row.recall, row.f1, row.n) == pytest.approx(
            (table[name]["precision"], table[name]["recall"], table[name]["f1-score"], table[name]["support"])
        )


def test_every_interval_holds_its_number(own: Predictions):
    found = measure(own, POINT, TEMPERATURE)
    held = [(found.accuracy, found.accuracy_grouped_interval)]
    held += [(found.balanced_accuracy, found.balanced_accuracy_interval)]
    for row in found.per_class.values():
        held += [row.measure(name) for name in ("precision", "recall", "f1")]
    door = found.operating
    held += [(door.miss_rate, door.miss_interval), (door.false_alarm_rate, door.false_alarm_interval)]
    for value, (low, high) in held:
        assert 0 <= low < value < high <= 1


def test_intervals_of_photos_alone_are_wilson_s_and_f1_s_is_that_of_the_overlap(own: Predictions):
    alone = Predictions(own.files, own.true, np.array(own.files), own.probability, own.classes)
    found = measure(alone, POINT, TEMPERATURE)
    wilson = proportion_confint((own.true == own.guess).sum(), 260, method="wilson")
    assert found.accuracy_grouped_interval == pytest.approx(wilson, abs=1e-9)
    for name, row in found.per_class.items():
        is_true, is_guess = own.true == name, own.guess == name
        both, either = (is_true & is_guess).sum(), (is_true | is_guess).sum()
        low, high = proportion_confint(both, either, method="wilson")
        assert row.f1_interval == pytest.approx([2 * low / (1 + low), 2 * high / (1 + high)], abs=1e-9)
        assert row.recall_interval == pytest.approx(
            proportion_confint(both, is_true.sum(), method="wilson"), abs=1e-9
        )
        assert row.precision_interval == pytest.approx(
            proportion_confint(both, is_guess.sum(), method="wilson"), abs=1e-9
        )


def test_the_operating_point_against_counting(own: Predictions):
    found = measure(own, POINT, TEMPERATURE).operating
    pairs = list(zip(own.true, own.probability[:, 0], strict=True))
    misses = sum(score >= 0.55 for label, score in pairs if label != "mask")
    stopped = sum(score < 0.55 for label, score in pairs if label == "mask")
    compliant = int((own.true == "mask").sum())
    assert (found.threshold, found.target) == (0.55, 0.02)
    assert (found.misses, found.violators) == (misses, 260 - compliant)
    assert (found.false_alarms, found.compliant) == (stopped, compliant)
    assert found.miss_rate == pytest.approx(misses / (260 - compliant), abs=1e-9)
    assert found.false_alarm_rate == pytest.approx(stopped / compliant, abs=1e-9)
    assert list(map(list, found.curve)) == curve(own.mask_probability, own.true == "mask")


def test_the_calibration_is_of_the_probabilities_before_and_after_the_temperature(own: Predictions):
    found = measure(own, POINT, TEMPERATURE).calibration
    true = np.array([list(THREE_CLASSES).index(Label(name)) for name in own.true])
    before = own.probability**TEMPERATURE
    before /= before.sum(axis=1, keepdims=True)
    assert found.temperature == TEMPERATURE
    assert found.log_loss == pytest.approx(reference.log_loss(true, own.probability), abs=1e-9)
    assert found.log_loss_uncalibrated == pytest.approx(reference.log_loss(true, before), abs=1e-9)
    assert found.ece == calibration.expected_calibration_error(own.probability, true)
    assert found.ece_uncalibrated == pytest.approx(calibration.expected_calibration_error(before, true), abs=1e-9)
    assert sum(one.n for one in found.bins) == 260


def test_a_label_that_the_model_does_not_know_counts_at_the_door_only():
    own = predictions(4, TWO_CLASSES)
    known = own.true != "wrong_mask"
    found, without = measure(own, POINT, TEMPERATURE), measure(own.only(known), POINT, TEMPERATURE)
    assert found.operating.violators == int((own.true != "mask").sum())
    assert without.operating.violators == int((own.true == "no_mask").sum())
    assert found.model_dump(exclude={"operating"}) == without.model_dump(exclude={"operating"})
    assert found.n == known.sum()
    assert list(found.per_class) == ["mask", "no_mask"]


def test_a_report_is_plain_json_and_the_same_each_time(own: Predictions):
    found = measure(own, POINT, TEMPERATURE, 0.3).model_dump(mode="json")
    assert json.loads(json.dumps(found)) == found
    assert {type(leaf) for leaf in leaves(found)} <= {int, float, str}
    assert found == measure(own, POINT, TEMPERATURE, 0.3).model_dump(mode="json")


def test_no_photos_at_all():
    found = measure(predictions(0).only(np.zeros(260, bool)), POINT, TEMPERATURE)
    assert (found.n, found.groups, found.accuracy, found.photos_to_halve) == (0, 0, 0, 4)
    assert found.accuracy_grouped_interval == found.balanced_accuracy_interval == (0, 1)
    assert found.calibration.bins == ()
    assert (found.operating.miss_rate, found.operating.miss_interval) == (None, None)
    assert (found.operating.false_alarm_rate, found.operating.false_alarm_interval) == (None, None)


def test_a_label_without_photos_is_left_out_of_the_balanced_accuracy():
    own = predictions(1)
    some = own.only(own.true != "wrong_mask")
    found = measure(some, POINT, TEMPERATURE)
    row = found.per_class["wrong_mask"]
    assert (row.n, row.recall, row.recall_interval) == (0, None, None)
    assert (row.f1, row.f1_interval) == (None, None)
    assert row.precision == 0, "it was called so, and never rightly"
    low, high = found.balanced_accuracy_interval
    assert high - low < 0.2
    assert low < found.balanced_accuracy < high


@pytest.mark.parametrize(("right", "n"), [(90, 100), (0, 40), (40, 40), (1, 2), (680, 700), (0, 1)])
def test_photos_to_halve_by_trying(right: int, n: int):
    def width(share: float, photos: float) -> float:
        low, high = proportion_confint(share * photos, photos, method="wilson")
        return high - low

    more = photos_to_halve(right / n, n)
    assert width(right / n, n + more) <= width(right / n, n) / 2 + 1e-12
    assert width(right / n, n + more - 1) > width(right / n, n) / 2


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list) else [value]


def test_what_is_withheld_as_unsure_is_counted():
    """Eight photos of mask and no_mask: three get less than 70 %, and of the three wrong ones two are among them."""
    mask = [0.95, 0.65, 0.9, 0.4, 0.31, 0.02, 0.2, 0.98]
    true = ["mask", "mask", "mask", "mask", "mask", "no_mask", "no_mask", "no_mask"]
    probability = np.array([[share, 1 - share] for share in mask])
    own = Predictions(tuple(map(str, range(8))), np.array(true), np.arange(8).astype(str), probability, TWO_CLASSES)
    found = measure(own, POINT, 1.0, unsure_above=0.3).unsure
    # 0.65, 0.4 and 0.31; the last two are of mask and called no_mask, and 0.98 is sure and wrong.
    assert (found.above, found.photos, found.errors, found.errors_unsure) == (0.3, 3, 3, 2)
    assert found.errors_unsure_interval == pytest.approx(proportion_confint(2, 3, method="wilson"), abs=1e-9)
    assert measure(own, POINT, 1.0).unsure is None
    right = measure(own.only(np.array(true) == own.guess), POINT, 1.0, unsure_above=0.3).unsure
    assert (right.photos, right.errors, right.errors_unsure_interval) == (1, 0, None)


def test_photos_of_a_label_that_the_network_does_not_know_are_not_withheld():
    own = predictions(0, TWO_CLASSES)
    known = own.true != str(Label.WRONG_MASK)
    found = measure(own, POINT, TEMPERATURE, unsure_above=0.2).unsure
    assert found.photos == (own.probability[known].max(axis=1) < 0.8).sum()
    assert found.errors == (own.guess != own.true)[known].sum()
