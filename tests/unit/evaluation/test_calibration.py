"""Temperature scaling against PyTorch's optimiser and scikit-learn's log loss; reliability bins against scikit-learn,
statsmodels and torchmetrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss as reference_log_loss
from statsmodels.stats.proportion import proportion_confint
from torchmetrics.classification import MulticlassCalibrationError

from core.evaluation.one_run import calibration
from core.evaluation.one_run.calibration import (
    apply,
    expected_calibration_error,
    fit_temperature,
    log_loss,
    reliability,
)


def logits(seed: int, classes: int = 3, n: int = 400, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(logits (n, k), true (n,)) whose softmax is right when they are divided by `temperature`."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 2, (n, classes))
    true = (own + rng.gumbel(size=own.shape)).argmax(axis=1)
    return own * temperature, true


def by_torch(values: np.ndarray, true: np.ndarray) -> float:
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_temperature], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15)

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        scaled = torch.from_numpy(values) / log_temperature.exp()
        loss = torch.nn.functional.cross_entropy(scaled, torch.from_numpy(true))
        loss.backward()
        return loss

    optimiser.step(step)
    return log_temperature.exp().item()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("classes", "temperature"), [(2, 0.4), (2, 1.0), (3, 2.5)])
def test_the_temperature_against_pytorch_s_optimiser(seed: int, classes: int, temperature: float):
    values, true = logits(seed, classes, temperature=temperature)
    assert fit_temperature(values, true) == pytest.approx(by_torch(values, true), rel=1e-6)


def test_the_temperature_that_made_the_logits_is_found():
    assert fit_temperature(*logits(0, n=50_000, temperature=3)) == pytest.approx(3, rel=0.03)
    assert fit_temperature(*logits(0, n=50_000, temperature=0.5)) == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_logarithms_of_probabilities_serve_as_logits(seed: int):
    values, true = logits(seed, temperature=2)
    probability = torch.softmax(torch.from_numpy(values), dim=1).numpy()
    assert fit_temperature(np.log(probability), true) == pytest.approx(fit_temperature(values, true), rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_no_other_temperature_has_a_lower_log_loss(seed: int):
    values, true = logits(seed, temperature=1.7)
    best = fit_temperature(values, true)
    losses = {
        temperature: reference_log_loss(true, torch.softmax(torch.from_numpy(values / temperature), dim=1).numpy())
        for temperature in (0.05, 0.5 * best, 0.99 * best, best, 1.01 * best, 2 * best, 20)
    }
    assert min(losses, key=losses.__getitem__) == best


def test_where_no_photo_is_wrong_or_there_is_none_nothing_is_changed():
    values, true = logits(1)
    right = values.argmax(axis=1) == true
    assert fit_temperature(values[right], true[right]) == 1
    assert fit_temperature(values[:0], true[:0]) == 1
    assert fit_temperature(values, true) != 1


def test_a_network_that_knows_nothing_is_told_to_doubt():
    values, true = logits(2)
    assert fit_temperature(10 * values, (true + 1) % 3) == pytest.approx(20, rel=1e-3)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_applying_a_temperature_divides_the_logits_and_can_be_taken_back(temperature: float):
    values, _ = logits(3)
    plain, scaled = (torch.softmax(torch.from_numpy(values / t), dim=1).numpy() for t in (1, temperature))
    assert apply(plain, temperature) == pytest.approx(scaled, abs=1e-12)
    assert apply(scaled, 1 / temperature) == pytest.approx(plain, abs=1e-9)


def test_a_probability_of_0_stays_usable():
    assert apply(np.array([[1.0, 0.0]]), 2.0).tolist() == [[pytest.approx(1), pytest.approx(0, abs=1e-100)]]
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(36.04, abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_log_loss_against_scikit_learn(seed: int):
    probability = np.random.default_rng(seed).dirichlet([0.3, 0.5, 0.2], 200)
    true = np.random.default_rng(seed + 9).integers(0, 3, 200)
    assert log_loss(probability, true) == pytest.approx(reference_log_loss(true, probability, labels=[0, 1, 2]))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [2, 3])
def test_bins_and_their_mean_distance_against_scikit_learn_statsmodels_and_torchmetrics(seed: int, classes: int):
    values, true = logits(seed, classes)
    probability = torch.softmax(torch.from_numpy(1.5 * values), dim=1).numpy()
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == true
    bins = reliability(probability, true, np.arange(len(true)))
    accuracy, mean = calibration_curve(right, confidence, n_bins=15)
    counts, edges = np.histogram(confidence, bins=15, range=(0, 1))
    assert [own.accuracy for own in bins] == pytest.approx(accuracy, abs=1e-9)
    assert [own.confidence for own in bins] == pytest.approx(mean, abs=1e-9)
    assert [own.n for own in bins] == counts[counts > 0].tolist()
    assert [own.low for own in bins] == pytest.approx(edges[:-1][counts > 0], abs=1e-12)
    assert [own.high for own in bins] == pytest.approx(edges[1:][counts > 0], abs=1e-12)
    for own in bins:
        expected = proportion_confint(round(own.accuracy * own.n), own.n, method="wilson")
        assert own.interval == pytest.approx(expected, abs=1e-9)
    error = expected_calibration_error(probability, true)
    assert error == pytest.approx(np.average(abs(accuracy - mean), weights=counts[counts > 0]), abs=1e-9)
    metric = MulticlassCalibrationError(classes, n_bins=15, norm="l1")
    # torchmetrics reckons in single precision.
    assert error == pytest.approx(metric(torch.from_numpy(probability), torch.from_numpy(true)).item(), abs=1e-6)


def test_bins_by_hand():
    probability = np.array([[1.0, 0.0], [0.98, 0.02], [0.5, 0.5], [0.1, 0.9]])
    bins = reliability(probability, np.array([0, 1, 1, 1]), np.arange(4))
    assert [(own.n, own.confidence, own.accuracy) for own in bins] == [(1, 0.5, 0), (1, 0.9, 1), (2, 0.99, 0.5)]
    assert bins[-1].high == 1
    assert expected_calibration_error(probability, np.array([0, 1, 1, 1])) == pytest.approx((0.5 + 0.1 + 0.98) / 4)


def test_no_photos():
    none = np.zeros((0, 3))
    true = np.zeros(0, dtype=int)
    assert reliability(none, true, true) == []
    assert (expected_calibration_error(none, true), log_loss(none, true)) == (0, 0)
    assert apply(none, 2).shape == (0, 3)
    assert calibration.BINS == 15
