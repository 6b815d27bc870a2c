"""The answer to "what does training on wrong_mask gain?" as sentences that someone can act on."""

from __future__ import annotations

from typing import Literal

from core.evaluation.compare.two_runs import points
from core.evaluation.compare.wrong_mask_training import Answer, Door, Rate, Verdicts

Verdict = Literal["train with it", "train without it", "costs more than it gains", "no difference shown", "too few"]
# Of 20 photos the widest 95 % interval still reaches some 20 points either way; of fewer, "no difference" says nothing.
LEAST_PHOTOS = 20


def verdict(answer: Answer) -> Verdict:
    """Gain: fewer wrong_mask photos pass. Cost: more mask photos are stopped. Each counts when its interval excludes 0,
    at each model's own operating point; they are weighed as shares of the photos concerned."""
    gain, cost = -_shown(answer.at_the_door.wrong_mask), _shown(answer.at_the_door.false_alarms)
    if gain == cost == 0:
        return "too few" if _fewest(answer) < LEAST_PHOTOS else "no difference shown"
    if gain > cost:
        return "train with it"
    return "costs more than it gains" if gain > 0 else "train without it"


def sentences(answer: Answer) -> dict[str, str]:
    """Keys: advice (what to do), costs (mask against no_mask), wrong_mask (where those photos go), door and label
    (compliant or not, by operating point and by likeliest label)."""
    return {
        "advice": _advice(answer),
        "costs": _costs(answer),
        "wrong_mask": _wrong_mask(answer),
        "door": _door("At each model's own operating point", answer.at_the_door),
        "label": _door("By likeliest label instead", answer.by_label),
    }


def _advice(answer: Answer) -> str:
    wrong, alarms = answer.at_the_door.wrong_mask, answer.at_the_door.false_alarms
    does = f"let pass {_passing(wrong)}, and stop {_stopping(alarms)}"
    return {
        "train with it": f"Train with wrong_mask: at its operating point it would {does}.",
        "train without it": f"Train without wrong_mask: with it, the network would {does}.",
        "costs more than it gains": "Training with wrong_mask costs more than it gains: at its operating point it "
        f"would {does}.",
        "no difference shown": f"No difference shown: trained with wrong_mask, the network would {does}.",
        "too few": f"Too few photos to say: {wrong.photos} test photos of wrongly worn masks and {alarms.photos} of "
        f"well worn ones. On them, training with wrong_mask would {does}. Collect more, from more people.",
    }[verdict(answer)]  # fmt: skip


def _passing(wrong: Rate) -> str:
    if wrong.two == wrong.three:
        return f"as many wrongly worn masks ({wrong.three} of {wrong.photos})"
    chance = "" if wrong.difference.shown else " (which may be chance)"
    return f"{wrong.three} of {wrong.photos} wrongly worn masks instead of {wrong.two}{chance}"


def _stopping(alarms: Rate) -> str:
    more = alarms.three - alarms.two
    if not more:
        return f"as many correctly masked people ({alarms.three} of {alarms.photos})"
    chance = "" if alarms.difference.shown else " (which may be chance)"
    return f"{abs(more)} of {alarms.photos} correctly masked people {'more' if more > 0 else 'fewer'}{chance}"


def _costs(answer: Answer) -> str:
    found = answer.known
    shown = "a difference is shown" if found.accuracy.shown else "no difference shown"
    return (
        f"What the third class costs: on the {found.n} test photos of mask and no_mask alone, the two-class model has "
        f"{100 * found.accuracy.a:.1f} % right and the three-class model {100 * found.accuracy.b:.1f} %: "
        f"{points(found.accuracy)}, {shown}."
    )


def _wrong_mask(answer: Answer) -> str:
    return (
        f"Of {answer.at_the_door.wrong_mask.photos} test photos of a wrongly worn mask, the two-class model predicts "
        f"{_calls(answer.two)}; the three-class model predicts {_calls(answer.three)}."
    )


def _calls(verdicts: Verdicts) -> str:
    share, words = verdicts.called_mask, f"{verdicts.calls.get('mask', 0)} mask"
    return f"{words} ({100 * share.value:.0f} %, 95 % interval {100 * share.low:.0f} to {100 * share.high:.0f} %)"


def _door(rule: str, door: Door) -> str:
    misses, alarms = door.misses, door.false_alarms
    return (
        f"{rule}, of {misses.photos} photos without a well worn mask {misses.two} pass with two classes and "
        f"{misses.three} with three, {points(misses.difference)}; of {alarms.photos} with one, {alarms.two} and "
        f"{alarms.three} are stopped, {points(alarms.difference)}."
    )


def _shown(rate: Rate) -> float:
    return rate.difference.difference if rate.difference.shown else 0.0


def _fewest(answer: Answer) -> int:
    return min(answer.at_the_door.wrong_mask.photos, answer.at_the_door.false_alarms.photos)
