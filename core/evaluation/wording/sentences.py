"""A run's test numbers (core/evaluation/one_run/measure.py) in words, for pages and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.evaluation.wording.operating_words import chosen, pass_at
from core.schema.labels import COMPLIANT
from core.schema.result import UNFITTED, CalibrationResult, Evaluation, Result
from core.text.numbers import percent, span, threshold

if TYPE_CHECKING:
    # Pages show results without what measures them, which takes a second to import.
    from core.evaluation.one_run.slices import Slice

# What the operating point lets pass beyond the likeliest label before that is worth a word, as a share of violators.
_DEAR = 0.1
_MEMORY_WORTH_SAYING = 0.05


def result(test: Result) -> str:
    """How often it is right, how sure that is, and what would make it more certain."""
    apart = f" of {test.groups:,} groups" if test.groups < test.n else ""
    return (
        f"On {test.n:,} test photos{apart} it is right on **{percent(test.accuracy)}** (95 % interval "
        f"{span(test.accuracy_grouped_interval)}). {test.photos_to_halve:,} more test photos would halve that "
        "interval."
    )


def calibration(test: Result) -> str:
    """Whether its confidence means what it says, where it has said most."""
    own = test.calibration
    most = max(own.bins, key=lambda one: one.n)
    before, after = (f"{100 * error:.1f}" for error in (own.ece_uncalibrated, own.ece))
    return (
        f"Where its confidence is about {percent(most.confidence, 0)}, as on {most.n:,} of {test.n:,} photos, it "
        f"is right on **{percent(most.accuracy, 0)}** of them (95 % interval {span(most.interval)}). Over all "
        f"photos the two lie **{after} points** apart on average (expected calibration error); "
        f"{_temperature(own, before)}"
    )


def door(test: Result) -> str:
    """Who is stopped and who passes at the operating point, and its price where that is high."""
    own = test.operating
    return (
        f"{pass_at(own)}, {chosen(own)}. That stops **{own.false_alarms} of {own.compliant:,}** "
        f"correctly masked faces ({percent(own.false_alarm_rate)}, {span(own.false_alarm_interval)}) and lets "
        f"**{own.misses} of {own.violators:,}** others pass ({percent(own.miss_rate)}, "
        f"{span(own.miss_interval)}). {price(test)}"
    ).rstrip()


def price(test: Result) -> str:
    """What the operating point lets pass and what going by the likeliest label would do instead; empty unless the
    operating point lets clearly more pass: by a tenth of the violators, and by more than its 95 % interval."""
    own = test.operating
    if own.miss_rate is None or own.miss_interval is None:
        return ""
    misses, stopped = _likeliest(test)
    instead = misses / max(own.violators, 1)
    if own.miss_interval[0] <= instead or own.miss_rate - instead < _DEAR:
        return ""
    return (
        f"Stopping so few has a price: **{own.misses} of {own.violators:,}** without a well-worn mask pass "
        f"({percent(own.miss_rate)}). Going by the likeliest label instead would let {misses} of them pass "
        f"({percent(instead)}) and stop {stopped} of {own.compliant:,} correctly masked faces "
        f"({percent(stopped / max(own.compliant, 1))})."
    )


def unsure(test: Result) -> str:
    """Of how many photos the network is unsure, and how many errors that withholds; empty where it has no threshold
    for that."""
    own = test.unsure
    if own is None or not test.n:
        return ""
    errors = "There are no errors."
    if own.errors:
        errors = (
            f"They hold **{own.errors_unsure:,} of the {own.errors:,}** errors "
            f"({percent(own.errors_share)}, 95 % interval {span(own.errors_unsure_interval)})."
        )
    return (
        f"Withheld as unsure, with less than {threshold(1 - own.above)} for the likeliest label: **{own.photos:,} of "
        f"{test.n:,}** photos ({percent(own.photos / test.n)}). {errors}"
    )


def training_gap(rows: Sequence[Mapping[str, float]], best_epoch: int) -> str:
    """Why validation lies above training, and how much better it knows its training photos; empty where neither is
    worth a word.

    `rows` are a run's metrics: training is measured in training mode (train_accuracy) and as validation is
    (measured_train_accuracy).
    """
    above = [row for row in rows if row["val_accuracy"] > row["train_accuracy"]]
    best = next((row for row in rows if row["epoch"] == best_epoch), None)
    said = [_validation_above(above, len(rows))] if above else []
    if best and best["measured_train_accuracy"] - best["val_accuracy"] >= _MEMORY_WORTH_SAYING:
        said.append(
            f"In epoch {best_epoch} it is right on {percent(best['measured_train_accuracy'])} of the training photos "
            f"and on {percent(best['val_accuracy'])} of the validation photos, evaluated alike: it knows the "
            "photos it was trained on better than others."
        )
    return " ".join(said)


def weakest(found: Sequence[Slice], accuracy: float) -> str:
    """The worst slice that stands out from its axis, or that there is none."""
    low = [own for own in found if own.stands_out and own.accuracy.share.value < accuracy]
    if not low:
        return (
            "No slice stands out as weaker than the others. Where intervals are wide, that says only that these photos "
            "can't tell."
        )
    worst = min(low, key=lambda own: own.accuracy.share.value)
    share = worst.accuracy.share
    return (
        f"Weakest: {worst.axis} *{worst.name}*, right on **{percent(share.value)}** of {worst.accuracy.of} photos (95 "
        f"% interval {span(share.interval)}), against {percent(accuracy)} over all. If such photos matter to you, "
        "train with more of them."
    )


def moved(photos: int, groups: int, start: str) -> str:
    """What the starting network's memory did to the split; empty where it did nothing."""
    if not photos:
        return ""
    return (
        f"{photos:,} photo{'s' * (photos > 1)} of {groups:,} group{'s' * (groups > 1)} moved to training from "
        f"validation and test: {start} has learnt from them, or from others of their group."
    )


def balanced_over(test: Result) -> str:
    """Over which labels the balanced accuracy is, where that is not all that the network knows; else empty."""
    absent = [name for name, own in test.per_class.items() if not own.n]
    present = [name for name in test.per_class if name not in absent]
    return f"over {' and '.join(present)}: no photo shows {' or '.join(absent)}" if absent else ""


def _likeliest(test: Result) -> tuple[int, int]:
    """How many violators pass and how many compliant are stopped when the likeliest label decides. An evaluation has
    violators of labels that the network does not know, too."""
    mask = test.classes.index(COMPLIANT)
    called = [row[mask] for row in test.confusion]
    left_out = test.left_out if isinstance(test, Evaluation) else {}
    others = sum(called_so[COMPLIANT] for called_so in left_out.values())
    return sum(called) - called[mask] + others, sum(test.confusion[mask]) - called[mask]


def _temperature(own: CalibrationResult, before: str) -> str:
    if own.temperature == UNFITTED:
        return "no temperature could be fitted, because no validation photo was wrong."
    if f"{own.temperature:.2f}" == "1.00":
        return "no temperature was needed: the one fitted on validation photos is 1.00."
    helped = "" if own.ece <= own.ece_uncalibrated else ", so on these photos that did not help"
    return f"before its logits were divided by a temperature of {own.temperature:.2f}, {before} points{helped}."


def _validation_above(above: Sequence[Mapping[str, float]], epochs: int) -> str:
    most = max(above, key=lambda row: row["val_accuracy"] - row["train_accuracy"])
    again, val, train = (most[key] for key in ("measured_train_accuracy", "val_accuracy", "train_accuracy"))
    where = f"in epoch {most['epoch']:.0f} ({percent(val)} against {percent(train)})"
    if len(above) > 1:
        where = f"in {'every epoch' if len(above) == epochs else f'{len(above)} of {epochs} epochs'}, most {where}"
    verdict = "no longer below validation." if again >= val else (
        f"{100 * (val - again):.1f} points below validation, whose photos happen to be easier."
    )  # fmt: skip
    return (
        f"Validation lies above training {where}. Training accuracy is counted during the epoch: on augmented photos, "
        "with dropout, while the weights still change. Evaluated without augmentation, as validation is, it is "
        f"{percent(again)}: {verdict}"
    )
