"""Entries of a comparison when photos get worse: the stress scores of runs that have a stress suite, and the paired
difference of two runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from core.evaluation.compare import repeats
from core.evaluation.compare.paired import Difference
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import points
from core.evaluation.stress import score as stress_score
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.suite import Suite
from core.schema.errors import UserError
from core.store.runs import Run


@dataclass(frozen=True)
class Stressed:
    """A run of entry `other` (model b) against the run of the `reference` (model a) with its seed and fold, on the
    `photos` that both suites show: balanced accuracy on clean photos, the stress score (its mean over all kinds and
    severities), and the share of bare faces that pass with something before their mouth."""

    reference: str
    other: str
    seed: int
    fold: int
    photos: int
    clean: Difference
    score: Difference
    passing: Difference

    @property
    def sentence(self) -> str:
        """The answer in words."""
        own = self.score
        better = self.other if own.difference > 0 else self.reference
        return (
            f"On {self.photos} shared photos under every disturbance, {self.other} reaches {100 * own.b:.1f} % "
            f"balanced accuracy and {self.reference} {100 * own.a:.1f} %: {points(own)}: "
            f"{f'{better} is better' if own.shown else 'no difference shown'}."
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"shown": self.score.shown, "sentence": self.sentence}


def suite(run: Run) -> Suite | None:
    """The run's stress suite, None where there is no readable one."""
    # The page that makes suites says what is wrong with a damaged one.
    with suppress(UserError):
        return stress_suite.load(run.stress_file)
    return None


def scores(entries: Sequence[Entry]) -> list[tuple[float, ...]]:
    """For each entry the stress score (0..1) of each of its runs that has a suite, over the kinds that all of these
    suites show."""
    suites = [[own for run in entry.runs if (own := suite(run)) and own.stressed] for entry in entries]
    kinds = stress_score.shared_kinds([own for each in suites for own in each])
    return [tuple(stress_score.score(own, kinds=kinds) for own in each) if kinds else () for each in suites]


def against(reference: Entry, others: Sequence[Entry]) -> list[Stressed]:
    """A row for every pair of runs whose suites can be compared: of one dataset, with a photo in common."""
    return [
        found
        for other in others
        for a, b in repeats.pairs(reference, other)
        if (found := _pair(reference.letter, other.letter, a, b))
    ]


def _pair(reference: str, other: str, a: Run, b: Run) -> Stressed | None:
    first, second = suite(a), suite(b)
    if first is None or second is None:
        return None
    with suppress(UserError):
        own = stress_score.compare(first, second)
        place = b.config.seed, b.config.fold
        return Stressed(reference, other, *place, own.photos, own.clean, own.score["all"], own.passing)
    return None
