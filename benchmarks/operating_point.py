"""What the choice of the operating point does on photos that had no say in it: `python -m benchmarks.operating_point`
takes every finished run of MASKLAB_HOME and prints

- misses and false alarms on its test photos, at the strictest threshold within 2 % false alarms on its validation
  photos, however few those are, and at the operating point that is chosen now;
- how far the first goes wrong by the number of compliant photos that it is chosen on: of each run's test photos so many
  are drawn at random, 200 times, with other photos in their proportion, and the rest of the test photos measured.
"""

from __future__ import annotations

import numpy as np

from core.evaluation.one_run.choose_threshold import choose, strictest
from core.evaluation.one_run.predictions import Predictions, of_run
from core.networks.operating_point import FALSE_ALARM_TARGET, OperatingPoint
from core.schema.labels import COMPLIANT
from core.store import runs

_SIZES = (10, 25, 50, 100, 149, 200)
_DRAWS = 200


def main() -> None:
    """Both tables."""
    finished = [run for run in runs.every() if run.report()]
    tested = [of_run(run) for run in finished]
    rule = "threshold | misses | false alarms"
    print(f"| run, seed | validation masks | for 2 %: {rule} | as chosen: {rule} |")
    print("|---|---|---|---|---|---|---|---|")
    for run, test in zip(finished, tested, strict=True):
        score, compliant = _scores(of_run(run, "val"))
        points = OperatingPoint(strictest(score, compliant, FALSE_ALARM_TARGET)), choose(score, compliant)
        cells = " | ".join(f"{point.threshold:.2f} | {_counts(test, point)}" for point in points)
        print(f"| {run.name}, {run.config.seed} | {compliant.sum()} | {cells} |")
    print("\n| chosen on compliant photos | false alarms, mean (5 to 95 %) | above 4 % | misses, mean (5 to 95 %) |")
    print("|---|---|---|---|")
    for size in _SIZES:
        rates = np.array([_redrawn(*_scores(own), size, seed) for own in tested for seed in range(_DRAWS)
                          if (own.true == str(COMPLIANT)).sum() >= 1.5 * size])  # fmt: skip
        if len(rates):
            misses, alarms = rates.T
            above = (alarms > 2 * FALSE_ALARM_TARGET).mean()
            print(f"| {size} | {_spread(alarms)} | {100 * above:.0f} % | {_spread(misses)} |")


def _scores(own: Predictions) -> tuple[np.ndarray, np.ndarray]:
    return own.mask_probability, own.true == str(COMPLIANT)


def _counts(test: Predictions, point: OperatingPoint) -> str:
    score, compliant = _scores(test)
    passed = point.passes(score)
    return f"{(passed & ~compliant).sum()} of {(~compliant).sum()} | {(~passed & compliant).sum()} of {compliant.sum()}"


def _redrawn(score: np.ndarray, compliant: np.ndarray, size: int, seed: int) -> tuple[float, float]:
    """Miss rate and false-alarm rate on the photos that were not drawn."""
    random = np.random.default_rng(seed)
    places = [random.permutation(np.flatnonzero(kind)) for kind in (compliant, ~compliant)]
    cuts = size, size * len(places[1]) // len(places[0])
    drawn = np.concatenate([own[:cut] for own, cut in zip(places, cuts, strict=True)])
    threshold = strictest(score[drawn], compliant[drawn], FALSE_ALARM_TARGET)
    masks, others = (own[cut:] for own, cut in zip(places, cuts, strict=True))
    return float((score[others] >= threshold).mean()), float((score[masks] < threshold).mean())


def _spread(rates: np.ndarray) -> str:
    low, high = 100 * np.quantile(rates, [0.05, 0.95])
    return f"{100 * rates.mean():.1f} % ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main()
