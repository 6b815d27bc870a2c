"""Two models on the same photos, against statsmodels, scikit-learn, counting and Holm's own words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix
from statsmodels.api import OLS
from statsmodels.stats.contingency_tables import mcnemar

from core.evaluation.compare.paired import Difference, Paired, compare, holm

NAMES = np.array(["mask", "no_mask", "wrong_mask"])


def two_models(seed: int, n: int = 240, groups: int = 80) -> dict[str, np.ndarray]:
    """Arguments of compare: photos in groups, and two models whose mistakes partly coincide."""
    rng = np.random.default_rng(seed)
    true, group = rng.choice(3, n, p=[0.5, 0.35, 0.15]), rng.integers(0, groups, n)
    hard = rng.random(groups)[group] + rng.random((2, n))
    guess = np.where(hard > [[1.45], [1.55]], (true + rng.integers(1, 3, n)) % 3, true)
    return {
        "true": NAMES[true], "guess_a": NAMES[guess[0]], "guess_b": NAMES[guess[1]], "groups": group.astype(str),
        "passed_a": guess[0] == 0, "passed_b": (guess[1] == 0) | (rng.random(n) < 0.05),
    }  # fmt: skip


def swapped(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    turned = {"guess_a": "guess_b", "guess_b": "guess_a", "passed_a": "passed_b", "passed_b": "passed_a"}
    return {turned.get(name, name): value for name, value in given.items()}


@pytest.mark.parametrize("seed", range(5))
def test_the_shares_and_their_differences_by_other_means(seed: int):
    given = two_models(seed)
    found = compare(**given)
    true, a, b = given["true"], given["guess_a"], given["guess_b"]
    compliant = true == "mask"
    for difference, of_a, of_b in [
        (found.accuracy, accuracy_score(true, a), accuracy_score(true, b)),
        (found.balanced_accuracy, balanced_accuracy_score(true, a), balanced_accuracy_score(true, b)),
        (found.miss_rate, given["passed_a"][~compliant].mean(), given["passed_b"][~compliant].mean()),
        (found.false_alarm_rate, 1 - given["passed_a"][compliant].mean(), 1 - given["passed_b"][compliant].mean()),
    ]:
        expected = (of_a, of_b, of_b - of_a)
        assert (difference.a, difference.b, difference.difference) == pytest.approx(expected, abs=1e-9)
        assert difference.low < difference.difference < difference.high
    assert (found.n, found.groups) == (240, len(set(given["groups"])))


@pytest.mark.parametrize("seed", range(5))
def test_the_photos_that_one_alone_has_right_are_those_of_mcnemar_s_table(seed: int):
    given = two_models(seed, n=40 + 60 * seed)
    found = compare(**given)
    right_a, right_b = (given[name] == given["true"] for name in ("guess_a", "guess_b"))
    table = confusion_matrix(right_a, right_b, labels=[True, False])
    assert (found.only_a_right, found.only_b_right) == (table[0, 1], table[1, 0])


@pytest.mark.parametrize("seed", [0, 2])
def test_the_p_value_against_cluster_robust_regression(seed: int):
    given = two_models(seed, n=6000, groups=2500)
    change = (given["guess_b"] == given["true"]).astype(float) - (given["guess_a"] == given["true"])
    codes = np.unique(given["groups"], return_inverse=True)[1]
    fit = OLS(change, np.ones(6000)).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    found = compare(**given, resamples=20_000)
    # Of so many photos, one more hardly counts.
    assert student.isf(found.p_value / 2, codes.max()) == pytest.approx(abs(fit.tvalues[0]), rel=0.02)
    assert found.p_value == pytest.approx(fit.pvalues[0], rel=0.15)


@pytest.mark.parametrize("n", [30, 60, 240])
def test_the_p_value_is_below_5_percent_where_the_interval_excludes_0(n: int):
    found = [compare(**two_models(seed, n, groups), resamples=200) for seed in range(60) for groups in (n // 6, n)]
    assert [one.p_value < 0.05 for one in found] == [one.accuracy.shown for one in found]
    assert 0 < sum(one.accuracy.shown for one in found) < len(found)


def test_twenty_photos_of_one_person_are_not_twenty_proofs():
    given = two_models(0, groups=40)
    given["guess_a"] = given["true"].copy()
    given["guess_b"] = given["true"].copy()
    given["groups"][:20] = "the burst"
    given["guess_a"][:20] = np.where(given["true"][:20] == "mask", "no_mask", "mask")
    found = compare(**given)
    assert mcnemar([[220, 0], [20, 0]], exact=True).pvalue < 2e-6
    assert (found.only_a_right, found.only_b_right) == (0, 20)
    assert found.accuracy.low < 0 < found.accuracy.high
    assert found.p_value > 0.05


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("alone", [True, False])
def test_the_interval_of_accuracy_against_cluster_robust_regression(seed: int, alone: bool):
    given = two_models(seed)
    if alone:
        given["groups"] = np.arange(240).astype(str)
    change = (given["guess_b"] == given["true"]).astype(float) - (given["guess_a"] == given["true"])
    codes = np.unique(given["groups"], return_inverse=True)[1]
    fit = OLS(change, np.ones(240)).fit(cov_type="cluster", cov_kwds={"groups": codes})
    sizes, telling = np.bincount(codes), len(np.unique(codes[change != 0]))
    one_more = ((telling + 1) / 240**2 + (sizes**2).mean() / 240**2) / (telling + 2)
    half = student.ppf(0.975, codes.max()) * np.sqrt(fit.bse[0] ** 2 + one_more)
    found = compare(**given, resamples=100_000).accuracy
    assert (found.low, found.high) == pytest.approx((change.mean() - half, change.mean() + half), abs=0.01 * half)


@pytest.mark.parametrize("seed", range(4))
def test_swapping_the_models_turns_every_sign(seed: int):
    given = two_models(seed)
    one, other = compare(**given), compare(**swapped(given))
    for name in ("accuracy", "balanced_accuracy", "miss_rate", "false_alarm_rate"):
        own, turned = getattr(one, name), getattr(other, name)
        assert (own.low, own.difference, own.high) == pytest.approx((-turned.high, -turned.difference, -turned.low))
    assert one.p_value == pytest.approx(other.p_value)


def test_a_model_against_itself_shows_nothing_and_is_not_certain_of_it():
    given = two_models(2)
    given |= {"guess_b": given["guess_a"], "passed_b": given["passed_a"]}
    found = compare(**given)
    assert (found.only_a_right, found.only_b_right, found.p_value) == (0, 0, 1)
    for difference in (found.accuracy, found.balanced_accuracy, found.miss_rate, found.false_alarm_rate):
        assert difference.difference == 0
        assert difference.low == -difference.high < 0
        assert not difference.shown


def test_a_clear_difference_is_shown():
    given = two_models(3)
    given["guess_b"] = given["true"]
    found = compare(**given)
    assert found.accuracy.shown
    assert found.accuracy.low > 0
    assert found.p_value < 1e-3
    assert compare(**swapped(given)).accuracy.high < 0


@pytest.mark.parametrize(("low", "high", "shown"), [(0.01, 0.2, True), (-0.3, -0.1, True), (0, 0.2, False)])
def test_a_difference_is_shown_where_its_interval_excludes_0(low: float, high: float, shown: bool):
    assert Difference(0.5, 0.5, (low + high) / 2, low, high).shown is shown


def test_repeats_of_the_same_photos_make_the_interval_no_narrower():
    given = two_models(4, groups=4000)
    once, thrice = compare(**given), compare(**{name: np.tile(value, 3) for name, value in given.items()})
    assert thrice.n == 3 * once.n
    assert thrice.groups == once.groups
    for name in ("accuracy", "balanced_accuracy", "miss_rate"):
        one, three = getattr(once, name), getattr(thrice, name)
        assert three.difference == pytest.approx(one.difference)
        assert three.high - three.low == pytest.approx(one.high - one.low, rel=0.04)
    assert thrice.p_value == pytest.approx(once.p_value, abs=0.05)


def test_a_label_s_photos_in_one_group_alone_leave_the_balanced_accuracy_open():
    given = two_models(5)
    given["groups"] = np.where(given["true"] == "wrong_mask", "anna", given["groups"])
    found = compare(**given)
    assert (found.balanced_accuracy.low, found.balanced_accuracy.high) == (-1, 1)
    assert found.accuracy.high - found.accuracy.low < 0.5


def test_no_compliant_photos_and_no_photos_at_all():
    given = two_models(6)
    keep = given["true"] != "mask"
    found = compare(**{name: value[keep] for name, value in given.items()})
    assert found.false_alarm_rate == Difference(0, 0, 0, -1, 1, 1)
    assert found.miss_rate.difference == compare(**given).miss_rate.difference
    assert found.miss_rate.low == pytest.approx(compare(**given).miss_rate.low, rel=0.05)
    nothing = Difference(0, 0, 0, -1, 1, 1)
    empty = compare(**{name: value[:0] for name, value in given.items()})
    assert empty == Paired(0, 0, nothing, nothing, nothing, nothing, 0, 0, 1)


def test_the_same_seed_gives_the_same_and_the_order_of_photos_is_of_no_matter():
    given = two_models(7)
    order = np.random.default_rng(0).permutation(240)
    assert compare(**given) == compare(**{name: value[order] for name, value in given.items()})
    assert compare(**given).accuracy != compare(**given, seed=1).accuracy


def test_as_dict_is_json_and_says_what_is_shown():
    found = compare(**two_models(8))
    given = found.as_dict()
    assert json.loads(json.dumps(given)) == given
    assert given["accuracy"]["shown"] is found.accuracy.shown
    assert given["miss_rate"]["low"] == found.miss_rate.low
    assert given["only_b_right"] == found.only_b_right


@pytest.mark.parametrize("seed", range(5))
def test_holm_s_adjustment_as_holm_describes_it(seed: int):
    p_values = np.random.default_rng(seed).beta(0.5, 3, 6)
    ranked, expected, so_far = np.argsort(p_values), np.zeros(6), 0.0
    for place, index in enumerate(ranked):
        so_far = max(so_far, min((6 - place) * p_values[index], 1))
        expected[index] = so_far
    assert holm(p_values.tolist()) == pytest.approx(expected, abs=1e-9)


def test_holm_of_one_and_of_none():
    assert holm([0.04]) == pytest.approx([0.04])
    assert holm([]) == []
