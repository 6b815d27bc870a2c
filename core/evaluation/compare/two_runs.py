"""Is one network better than another on the same photos? Paired differences, in numbers and as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.evaluation.compare import paired, repeats, shared_photos
from core.evaluation.compare.paired import Difference, Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.shared_photos import Key, Shared, Tested
from core.store.runs import Run

_LEVEL = 0.05


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
    """Entry `other` (model b) against the `reference` (model a), by their letters. `paired` is None where they share no
    photo; the counts are those of `Shared`. `p_holm` is the p-value of the accuracies' difference adjusted for
    all `comparisons`."""

    reference: str
    other: str
    paired: Paired | None
    repeats: tuple[Repeat, ...] = ()
    photos: int = 0
    alone_reference: int = 0
    alone_other: int = 0
    seen: int = 0
    unknown: int = 0
    p_holm: float | None = None
    comparisons: int = 1

    @property
    def shown(self) -> bool:
        """Whether a difference in accuracy is shown. Of one comparison, where its interval excludes 0."""
        return self.p_holm is not None and self.p_holm < _LEVEL

    @property
    def sentence(self) -> str:
        """The answer in words."""
        a, b, found = self.reference, self.other, self.paired
        if found is None:
            return (
                f"{a} and {b} share no test photo, so these runs cannot tell which is better: train both on the same "
                "photos with the same seed, split and folds."
            )
        return f"{self._who_is_right(found)}: {points(found.accuracy)}: {self._verdict(found)}."

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
            f"{photos}{often}, {b} is right on {found.only_b_right} that {a} misses, {a} on {found.only_a_right} that "
            f"{b} misses"
        )

    def _verdict(self, found: Paired) -> str:
        if self.shown:
            return f"{self.other if found.accuracy.difference > 0 else self.reference} is better"
        if found.accuracy.shown:
            return f"no difference shown, as one of {self.comparisons} comparisons (Holm's p = {self.p_holm:.2g})"
        return "no difference shown"


def against(reference: Entry, others: Sequence[Entry]) -> list[Versus]:
    """The reference against each other entry, in their order, with Holm's adjustment over all of them.

    Raises UserError when a run has no predictions.
    """
    tested = shared_photos.load(run for entry in (reference, *others) for run in entry.runs)
    groups = shared_photos.photo_groups(tuple(tested.values()))
    found = [_versus(reference, other, tested, groups) for other in others]
    comparable = [one.paired for one in found if one.paired]
    adjusted = iter(paired.holm([one.p_value for one in comparable]))
    return [
        replace(one, p_holm=next(adjusted), comparisons=len(comparable)) if one.paired else one for one in found
    ]  # fmt: skip


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
    together = [
        (first, shared_photos.align(tested[first.id], tested[second.id], groups))
        for first, second in repeats.pairs(reference, other)
    ]
    if not together:
        return Versus(reference.letter, other.letter, None)
    whole = shared_photos.pool([photos for _, photos in together])
    return Versus(
        reference=reference.letter,
        other=other.letter,
        paired=compare(whole) if len(whole) else None,
        repeats=tuple(_repeat(run, photos) for run, photos in together if len(photos)),
        photos=len(whole),
        alone_reference=whole.alone_a,
        alone_other=whole.alone_b,
        seen=whole.seen,
        unknown=whole.unknown,
    )


def _repeat(run: Run, photos: Shared) -> Repeat:
    right = [float((guess == photos.true).mean()) for guess in (photos.guess_a, photos.guess_b)]
    return Repeat(run.config.seed, run.config.fold, len(photos), *right)
