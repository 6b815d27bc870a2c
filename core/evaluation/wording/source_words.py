"""What runs that leave one source out show, in words, for pages, reports and the terminal."""

from __future__ import annotations

from core.evaluation.new_source.results import NewSource, Tested
from core.text.markup import one_line
from core.text.numbers import NONE, percent, span

HEAD = (
    "source", "photos", "accuracy", "95 % interval", "balanced accuracy", "recall", "missed", "wrongly stopped",
    "calibration error",
)  # fmt: skip


def sentence(found: NewSource) -> str:
    """Mean and worst, beside the ordinary test number."""
    worst, count, name = found.worst, len(found.tested), one_line(found.worst.source)
    several = f"mean {percent(found.mean)}, worst {percent(worst.test.accuracy)} ({name})"
    said = several if count > 1 else f"{percent(worst.test.accuracy)} ({name})"
    over = f", over {count} sources" if count > 1 else ", of one source"
    return f"On photos of a source it never saw: {said}{over}. {_ordinary(found)}"


def note(found: NewSource) -> str:
    """What the table's numbers are."""
    chosen = (
        "chosen on the other sources that were left out" if found.worst.test.operating.rule == "sources"
        else "of the network's own"
    )  # fmt: skip
    return (
        "Each source was tested by a network trained on the others. Balanced accuracy is the mean recall of the labels "
        "that the source has; a source without mask has nobody to stop wrongly, one of mask alone nobody to miss. "
        f"Missed and wrongly stopped are at an operating point {chosen}; the calibration error (expected calibration "
        "error) is how far confidence and accuracy lie apart."
    )


def row(tested: Tested) -> list[str]:
    """The cells of a source, as HEAD names them."""
    test, own = tested.test, tested.test.operating
    recalls = [f"{label} {percent(one.recall)}" for label, one in test.per_class.items() if one.recall is not None]
    return [
        one_line(tested.source), f"{test.n:,}", percent(test.accuracy), span(test.accuracy_grouped_interval),
        percent(test.balanced_accuracy), ", ".join(recalls), _of(own.misses, own.violators, own.miss_rate),
        _of(own.false_alarms, own.compliant, own.false_alarm_rate), percent(test.calibration.ece),
    ]  # fmt: skip


def _ordinary(found: NewSource) -> str:
    if found.ordinary is None:
        return "No run with these settings was tested on sources that it also trained on."
    test = found.ordinary[1]
    return (
        f"On ordinary test photos, of sources that it also trained on: {percent(test.accuracy)} (95 % interval "
        f"{span(test.accuracy_grouped_interval)})."
    )


def _of(count: int, total: int, rate: float | None) -> str:
    return f"{count:,} of {total:,} ({percent(rate)})" if total else NONE
