"""Is a preset better than "Balanced" for everyone's photos: on sources that its training never saw?

    python -m benchmarks.best_preset DATASET --source NAME ... [--photos 30 300] [--draws 5] [--ways Best ...]
                                     [--stress 150]

DATASET has several sources (sources.csv). Each draw takes whole groups of all sources but those named until each label
has so many photos (or all there are; the row says how many), trains each way on them from ImageNet's weights, and tests
on all photos of each source that was left out, over the labels that it has; and on a sample of so many (`--stress`, 0
for none) under all that the stress suite holds before faces and does to pictures. A way is a preset or one of TRIED.
A row is printed when it is measured, and the differences after each draw; a training that MASKLAB_HOME has already is
not repeated.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import draws
from core.data.dataset.scan import Scan, scan
from core.data.dataset.split import Row
from core.evaluation.compare import paired
from core.evaluation.compare.paired import Difference
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.predict import decide
from core.evaluation.stress import score
from core.evaluation.stress.measure_suite import run_suite
from core.evaluation.stress.suite import Suite
from core.inference.labelled_photos import classify
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT, Label
from core.schema.presets import CHOICES
from core.store import paths
from core.store.runs import finished_report

REFERENCE = "Balanced"
_LONGER = CHOICES[REFERENCE] | {"epochs": 20, "average_weights": True, "class_weighting": True}
# What was measured for "Best"; it is the last of them.
TRIED: dict[str, dict[str, Any]] = {
    "224 pixels": CHOICES[REFERENCE] | {"image_size": 224, "epochs": 25},
    "averaged": _LONGER,
    "averaged and robust": _LONGER | {"robust": True},
}


@dataclass(frozen=True)
class Answers:
    """One network's answers on n photos of a source: true label, guess, group and whether it passes, each (n,)."""

    true: np.ndarray
    guess: np.ndarray
    groups: np.ndarray
    passed: np.ndarray


@dataclass(frozen=True)
class Measured:
    """One way in one draw: source -> answers, and the stress suite where there is one."""

    answers: dict[str, Answers]
    suite: Suite | None
    seconds: float


def main() -> None:
    """Draw, train, test, and print the tables."""
    args = _arguments()
    ways = {name: (CHOICES | TRIED)[name] for name in dict.fromkeys([REFERENCE, *args.ways])}
    found = scan(args.dataset)
    tested = {source: draws.of_source(found, source) for source in args.source}
    others = draws.of_others(found, args.source)
    for photos in args.photos:
        done: dict[str, list[Measured]] = {way: [] for way in ways}
        for seed in range(args.draws):
            own = draws.draw(others, photos, seed)
            print(f"\n{photos} photos per label, draw {seed}: {draws.counted(own)}", flush=True)
            folder = paths.home() / "benchmark" / f"without_{'_'.join(args.source)}_{photos}_{seed}"
            draws.copy(found.root, own, folder)
            for way, settings in ways.items():
                done[way].append(_measured(folder, settings, seed, found, tested, args.stress))
                print(f"{way}: {_row(done[way][-1:])}", flush=True)
            _print(done)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--source", nargs="+", required=True)
    parser.add_argument("--photos", type=int, nargs="+", default=[30, 300])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--ways", nargs="+", default=["Best"], choices=[*CHOICES, *TRIED])
    parser.add_argument("--stress", type=int, default=150)
    return parser.parse_args()


def _measured(
    folder: Path, settings: dict[str, Any], seed: int, found: Scan, tested: dict[str, list[Row]], stress: int
) -> Measured:
    run = draws.train(settings | {"dataset": str(folder), "seed": seed})
    report = finished_report(run)
    predictor = Predictor(paths.models_dir() / report.model, exact=True)
    answers = {source: _answers(predictor, found.root, rows) for source, rows in tested.items()}
    every = [row for rows in tested.values() for row in rows]
    suite = run_suite(predictor, found.root, every, stress) if stress else None
    return Measured(answers, suite, report.seconds)


def _answers(predictor: Predictor, root: Path, rows: Sequence[Row]) -> Answers:
    used, probability, _ = classify(predictor, root, rows)
    return Answers(
        np.array([str(row.label) for row in used]),
        np.array([str(label) for label in decide(probability, predictor.labels)]),
        np.array([row.group for row in used]),
        predictor.operating_point.passes(probability[:, predictor.labels.index(COMPLIANT)]),
    )


def _row(several: Sequence[Measured]) -> str:
    """Balanced accuracy by source with its interval by group, and the mean of the stress suite, over some draws."""
    words = []
    for source in several[0].answers:
        own = _pooled([one.answers[source] for one in several])
        labels = np.array([label for label in Label if label in own.true])
        of = own.true[:, None] == labels
        share = bootstrap.shares((own.guess == own.true)[:, None] & of, of, own.groups).mean(range(len(labels)))
        words.append(f"{source} {_percent(share.value, share.low, share.high)}")
    if suites := [one.suite for one in several if one.suite]:
        found = score.summarise(_pooled_suites(suites)).score["all"]
        words.append(f"stress {_percent(found.value, found.low, found.high)}")
    return ", ".join([*words, f"{statistics.median(one.seconds for one in several):.0f} s"])


def _print(done: dict[str, list[Measured]]) -> None:
    """Every way over the draws so far, and its differences from the first, paired."""
    reference = done[REFERENCE]
    print(f"\nOver {len(reference)} draw(s), in %, intervals by group; differences from {REFERENCE} in points:")
    for way, own in done.items():
        print(f"- {way}: {_row(own)}")
        if way != REFERENCE:
            print("\n".join(f"  {line}" for line in _differences(reference, own)), flush=True)


def _differences(reference: Sequence[Measured], other: Sequence[Measured]) -> list[str]:
    lines = []
    for source in reference[0].answers:
        a, b = ([one.answers[source] for one in several] for several in (reference, other))
        one, two = _pooled(a), _pooled(b)
        found = paired.compare(one.true, one.guess, two.guess, one.groups, one.passed, two.passed).balanced_accuracy
        by_draw = [_balanced(second) - _balanced(first) for first, second in zip(a, b, strict=True)]
        lines.append(f"{source}: {_points(found)} by group; over the draws {draws.interval(by_draw)}")
    suites = [[one.suite for one in several if one.suite] for several in (reference, other)]
    if suites[0]:
        versus = score.compare(*map(_pooled_suites, suites))
        lines += [f"stress, {words}: {_points(versus.score[scope])}" for scope, words in score.SCOPES.items()]
        lines.append(f"bare faces that pass with something before the mouth: {_points(versus.passing)}")
    return lines


def _balanced(own: Answers) -> float:
    return statistics.fmean((own.guess == own.true)[own.true == label].mean() for label in np.unique(own.true))


def _pooled(several: Sequence[Answers]) -> Answers:
    """The photos of several draws as one set, in which each stands several times and keeps its group."""
    return Answers(*(np.concatenate([getattr(own, name) for own in several])
                     for name in ("true", "guess", "groups", "passed")))  # fmt: skip


def _pooled_suites(several: Sequence[Suite]) -> Suite:
    cells = [replace(cell, outcome="".join(own.cells[place].outcome for own in several))
             for place, cell in enumerate(several[0].cells)]  # fmt: skip
    return replace(
        several[0],
        files=tuple(f"{draw} {file}" for draw, own in enumerate(several) for file in own.files),
        true=np.concatenate([own.true for own in several]),
        groups=np.concatenate([own.groups for own in several]),
        cells=tuple(cells),
    )


def _percent(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _points(found: Difference) -> str:
    return f"{100 * found.difference:+.1f} ({100 * found.low:+.1f} to {100 * found.high:+.1f})"


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
