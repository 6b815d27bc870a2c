"""One network's numbers by source, and two entries' differences by source, in words and cells for pages, reports and
the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.by_source.paired import BySource, SourceVersus
from core.evaluation.by_source.parts import Spread
from core.evaluation.compare import two_runs
from core.evaluation.compare.paired import Difference
from core.evaluation.compare.two_runs import LEAST_PHOTOS
from core.evaluation.one_run.slices import WIDEST
from core.schema.labels import Label
from core.schema.result import Rate, SourceResult
from core.text.markup import one_line
from core.text.numbers import NONE, percent, span

NOTE = (
    "The worst first. Balanced accuracy is the mean recall of the labels that the source has; 95 % intervals resample "
    "whole groups. Missed and wrongly stopped are at the operating point. Photos of a source that the network never "
    "learnt from may be harder than these."
)
SEEN = "Photos under seen are those from which, or from whose group, it has learnt: they flatter their source."
PARTS_HEAD = ("source", "label", "training", "validation", "test")
VERSUS_NOTE = (
    "Balanced accuracy of both on the photos of each source that both tested, the difference in points with its paired "
    "95 % interval, and its p-value adjusted for all these sources (Holm). Misses and false alarms: differences in "
    "points at each one's operating point, of which fewer are better."
)
FEW = "too few photos or groups to say much"


def too_few(one: SourceResult) -> bool:
    """Whether its photos say little: fewer than 30 of known labels, or an interval wider than 20 points."""
    limits = one.balanced_accuracy_interval
    known = sum(rate.of for rate in one.recall.values())
    return known < LEAST_PHOTOS or limits is None or limits[1] - limits[0] > WIDEST


def sentence(found: Sequence[SourceResult]) -> str:
    """From the worst to the best source, and which can't be told."""
    telling = [one for one in found if not too_few(one)]
    few = [f"{one_line(one.source)} ({one.photos:,})" for one in found if too_few(one)]
    said = [_range(telling)] if telling else []
    if few:
        said.append(f"{FEW.capitalize()}: {', '.join(few)}.")
    return " ".join(said)


def head(found: Sequence[SourceResult]) -> list[str]:
    """The names of the cells of `row`."""
    seen = ["seen"] if _any_seen(found) else []
    return [
        "source", "balanced accuracy", "95 % interval", "photos", "groups", *seen,
        *(f"recall of {label}" for label in _labels(found)), "missed", "wrongly stopped", "note",
    ]  # fmt: skip


def row(one: SourceResult, found: Sequence[SourceResult]) -> list[str]:
    """The cells of a source among those found, as `head` names them."""
    seen = [f"{one.seen:,}"] if _any_seen(found) else []
    return [
        one_line(one.source), percent(one.balanced_accuracy), span(one.balanced_accuracy_interval),
        f"{one.photos:,}", f"{one.groups:,}", *seen, *(_rate(one.recall.get(label)) for label in _labels(found)),
        _count(one.misses), _count(one.false_alarms), FEW if too_few(one) else "",
    ]  # fmt: skip


def notes(found: Sequence[SourceResult]) -> str:
    """What to think of the numbers."""
    return f"{NOTE} {SEEN}" if _any_seen(found) else NOTE


def parts_row(one: Spread) -> list[str]:
    """The cells of a source and label, as PARTS_HEAD names them."""
    return [one_line(one.source), str(one.label), *(f"{photos:,}" for photos in one.parts.values())]


def versus_sentence(found: BySource) -> str:
    """On which sources a difference is shown, and on how many none is."""
    a, b = found.reference, found.other
    said = [
        f"On {one_line(one.source)} {b if one.balanced.difference > 0 else a} is better: {b} less {a} is "
        f"{two_runs.points(one.balanced)} of balanced accuracy."
        for one in found.sources if one.shown and one.balanced
    ]  # fmt: skip
    few = [f"{one_line(one.source)} ({one.different:,})" for one in found.sources if not one.balanced]
    none = sum(bool(one.balanced) and not one.shown for one in found.sources)
    if none:
        others = f"{none} {'other ' if said else ''}source{'s' * (none > 1)}"
        said.append(f"No difference between {a} and {b} is shown on {others}.")
    if few:
        said.append(f"Too few photos to compare ({LEAST_PHOTOS} at least): {', '.join(few)}.")
    return " ".join(said)


def versus_head(found: BySource) -> list[str]:
    """The names of the cells of `versus_row`."""
    return [
        "source", "difference", "95 % interval", "Holm p", f"balanced, {found.reference}",
        f"balanced, {found.other}", "misses", "false alarms", "photos", "groups", "note",
    ]  # fmt: skip


def versus_row(one: SourceVersus) -> list[str]:
    """The cells of a source, as `versus_head` names them."""
    name, count = one_line(one.source), [f"{one.photos:,}", f"{one.groups:,}"]
    if one.paired is None or one.balanced is None or one.p_holm is None:
        return [name, *[NONE] * 7, *count, f"too few to compare ({LEAST_PHOTOS} at least)"]
    own, other = one.balanced, one.paired
    return [
        name, f"{100 * own.difference:+.1f}", two_runs.limits(own), f"{one.p_holm:.3g}", percent(own.a),
        percent(own.b), _points(other.miss_rate), _points(other.false_alarm_rate), *count,
        "difference shown" if one.shown else "",
    ]  # fmt: skip


def _points(difference: Difference) -> str:
    # Of no photos, or those of one group, nothing is known.
    unknown = (difference.low, difference.high) == (-1, 1)
    return NONE if unknown else f"{100 * difference.difference:+.1f}"


def _range(telling: Sequence[SourceResult]) -> str:
    worst, best = telling[0], telling[-1]
    if worst is best:
        return f"Balanced accuracy on {_named(worst)}: {percent(worst.balanced_accuracy)}."
    return (
        f"By source, balanced accuracy goes from {percent(worst.balanced_accuracy)} on {_named(worst)} to "
        f"{percent(best.balanced_accuracy)} on {_named(best)}."
    )


def _named(one: SourceResult) -> str:
    return f"{one_line(one.source)} ({one.photos:,} photos)"


def _labels(found: Sequence[SourceResult]) -> list[Label]:
    return [label for label in Label if any(label in one.recall for one in found)]


def _any_seen(found: Sequence[SourceResult]) -> bool:
    return any(one.seen for one in found)


def _rate(rate: Rate | None) -> str:
    return f"{percent(rate.share)} of {rate.of:,}" if rate and rate.of else NONE


def _count(rate: Rate) -> str:
    return f"{rate.count:,} of {rate.of:,}" if rate.of else NONE
