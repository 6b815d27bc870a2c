"""Is one network better than another on the same photos? Paired differences, in numbers and as one verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from core.evaluation.compare import paired, repeats, shared_photos, trade_off
from core.evaluation.compare.paired import Difference, Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.shared_photos import Key, Shared, Tested
from core.evaluation.compare.trade_off import ACCURACY, LEVEL, QUANTITIES
from core.store.runs import Run

# Of fewer photos an interval is so wide that hardly any difference between two usable networks would be shown.
LEAST_PHOTOS = 30


@dataclass(frozen=True)
class Repeat:
    """The accuracies (0..1) of one pair of runs on the `photos` they share."""

    seed: int
    fold: int
    photos: int
    reference: float
    other: float

    @property
    def difference(self) -> float:
        return self.other - self.reference


@dataclass(frozen=True)
class Versus:
    """Entry `other` (model b) against the `reference` (model a), by their letters, on `different` photos that both
    tested, which count `photos` times over all repeats; further counts are those of `Shared`. `paired` is None where
    `different` is less than LEAST_PHOTOS. `p_holm` is the p-value of the accuracies' difference adjusted for all
    `comparisons`, and `p_values` are those of all QUANTITIES."""

    reference: str
    other: str
    paired: Paired | None
    repeats: tuple[Repeat, ...] = ()
    photos: int = 0
    different: int = 0
    alone_reference: int = 0
    alone_other: int = 0
    seen: int = 0
    unknown: int = 0
    p_holm: float | None = None
    comparisons: int = 1
    p_values: dict[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether a difference in accuracy is shown. Of one comparison, where its interval excludes 0."""
        return self.p_holm is not None and self.p_holm < LEVEL

    @property
    def verdict(self) -> str:
        """What one gains over the other and what that costs, or why that can't be said."""
        a, b = self.reference, self.other
        if self.paired:
            return trade_off.verdict(a, b, differences(self.paired), self.p_values)
        if self.different:
            photos = f"{self.different} test photo{'s' * (self.different > 1)}"
            return f"{a} and {b} share {photos}: too few to compare ({LEAST_PHOTOS} at least)."
        return (
            f"{a} and {b} share no test photo, so these runs cannot tell which is better: train both on the same "
            "photos with the same seed, split and folds."
        )

    @property
    def evidence(self) -> str:
        """The photos that each has right and the difference in accuracy; empty where there is no comparison."""
        if not self.paired:
            return ""
        return f"{self._who_is_right(self.paired)}: {points(self.paired.accuracy)}{self._taken_back(self.paired)}."

    @property
    def sentence(self) -> str:
        """The verdict and its evidence."""
        return f"{self.verdict} {self.evidence}".strip()

    @property
    def incomplete(self) -> bool:
        """Whether test photos of either had to be left aside."""
        return bool(self.alone_reference or self.alone_other or self.unknown)

    @property
    def on_which_photos(self) -> str:
        """How many photos the comparison rests on, and what was left aside."""
        a, b = self.reference, self.other
        words = [f"{a} and {b}: {self.photos} test photos shared"]
        words += [f"{self.alone_reference} of {a} alone"] if self.alone_reference else []
        words += [f"{self.alone_other} of {b} alone"] if self.alone_other else []
        words += [f"{self.seen} of these left aside because the other learnt from them"] if self.seen else []
        words += [f"{self.unknown} more have a label that only one of the two knows"] if self.unknown else []
        return ", ".join(words) + "."

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {
            "paired": self.paired.as_dict() if self.paired else None,
            "repeats": [asdict(own) | {"difference": own.difference} for own in self.repeats],
            "shown": self.shown,
            "too_few": 0 < self.different < LEAST_PHOTOS,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "on_which_photos": self.on_which_photos,
        }

    def _who_is_right(self, found: Paired) -> str:
        a, b, several = self.reference, self.other, len(self.repeats)
        photos = f"On {self.photos} shared photos" + (" of labels that both know" if self.unknown else "")
        photos += f" in {several} repeats" if several > 1 else ""
        if not found.only_a_right and not found.only_b_right:
            return f"{photos}, {a} and {b} are right on the same and wrong on the same"
        ahead = sum(own.difference > 0 for own in self.repeats)
        often = f" ({b} ahead in {ahead})" if several > 1 else ""
        return (
            f"{photos}{often}, {b} is right on {found.only_b_right} that {a} gets wrong, {a} on {found.only_a_right} "
            f"that {b} gets wrong"
        )

    def _taken_back(self, found: Paired) -> str:
        if self.shown or not found.accuracy.shown:
            return ""
        return f", which is no difference shown as one of {self.comparisons} comparisons (Holm's p = {self.p_holm:.2g})"


def against(reference: Entry, others: Sequence[Entry]) -> list[Versus]:
    """The reference against each other entry, in their order, with Holm's adjustment over all of them.

    Raises UserError when a run has no predictions.
    """
    tested = shared_photos.load(run for entry in (reference, *others) for run in entry.runs)
    groups = shared_photos.photo_groups(tuple(tested.values()))
    found = [_versus(reference, other, tested, groups) for other in others]
    comparable = [one for one in found if one.paired]
    adjusted = _adjusted([differences(one.paired) for one in comparable if one.paired])
    by_other = {one.other: own for one, own in zip(comparable, adjusted, strict=True)}
    return [
        replace(one, p_values=own, p_holm=own[ACCURACY], comparisons=len(comparable))
        if (own := by_other.get(one.other)) else one for one in found
    ]  # fmt: skip


def differences(found: Paired) -> dict[str, Difference]:
    """The differences by QUANTITIES, of which there were photos."""
    return {name: own for name in QUANTITIES if (own := getattr(found, name)) is not None}


def _adjusted(found: Sequence[dict[str, Difference]]) -> list[dict[str, float]]:
    """Of each comparison, quantity -> p-value, adjusted over all comparisons that have it."""
    told: list[dict[str, float]] = [{} for _ in found]
    for name in QUANTITIES:
        places = [place for place, own in enumerate(found) if name in own]
        p_values = paired.holm([found[place][name].p_value or 0.0 for place in places])
        for place, p_value in zip(places, p_values, strict=True):
            told[place][name] = p_value
    return told


def compare(photos: Shared) -> Paired:
    """Model b against model a on their shared photos."""
    return paired.compare(
        photos.true, photos.guess_a, photos.guess_b, photos.groups, photos.passed_a, photos.passed_b
    )  # fmt: skip


def points(difference: Difference) -> str:
    """A difference of shares in percentage points with its 95 % interval."""
    return f"{_tenths(difference.difference):+.1f} points (95 % interval {limits(difference)})"


def limits(difference: Difference) -> str:
    """The 95 % interval of a difference in percentage points."""
    return f"{_tenths(difference.low):.1f} to {_tenths(difference.high):.1f}"


def _tenths(share: float) -> float:
    # Adding 0 makes a rounded -0 a 0.
    return round(100 * share, 1) + 0


def _versus(reference: Entry, other: Entry, tested: dict[str, Tested], groups: dict[Key, str]) -> Versus:
    runs = repeats.pairs(reference, other)
    if not runs:
        return Versus(reference.letter, other.letter, None)
    pairs = [(tested[first.id], tested[second.id]) for first, second in runs]
    together = [shared_photos.align(*pair, groups) for pair in pairs]
    whole = shared_photos.pool(together)
    different = len(set(whole.keys))
    return Versus(
        reference=reference.letter,
        other=other.letter,
        paired=_paired(whole, pairs, groups) if different >= LEAST_PHOTOS else None,
        repeats=tuple(_repeat(run, photos) for (run, _), photos in zip(runs, together, strict=True) if len(photos)),
        photos=len(whole),
        different=different,
        alone_reference=whole.alone_a,
        alone_other=whole.alone_b,
        seen=whole.seen,
        unknown=whole.unknown,
    )


def _paired(whole: Shared, pairs: Sequence[tuple[Tested, Tested]], groups: dict[Key, str]) -> Paired:
    """The comparison on shared photos; where one of the two alone knows wrong_mask, with its recall of that label."""
    found = compare(whole)
    first, second, named = map(
        np.concatenate, zip(*(shared_photos.wrongly_worn(a, b, groups) for a, b in pairs), strict=True)
    )  # fmt: skip
    return replace(found, wrong_mask=paired.of_shares(first, second, named)) if len(named) else found


def _repeat(run: Run, photos: Shared) -> Repeat:
    right = [float((guess == photos.true).mean()) for guess in (photos.guess_a, photos.guess_b)]
    return Repeat(run.config.seed, run.config.fold, len(photos), *right)
