"""The answer to "what does training on wrong_mask gain?" as sentences."""

from __future__ import annotations

from typing import Literal

from core.evaluation.compare.two_runs import points
from core.evaluation.compare.wrong_mask_training import Answer, Door, Rate, Verdicts

Verdict = Literal["gain", "gain at a cost", "cost", "no difference shown", "too few"]
# Of 20 photos the widest 95 % interval still reaches some 20 points either way; of fewer, "no difference" says nothing.
LEAST_PHOTOS = 20


def verdict(answer: Answer) -> Verdict:
    """Gain: fewer wrong_mask photos pass, or fewer mask photos are stopped; cost: more. Each counts when its interval
    excludes 0, at each model's own operating point. Which of them weighs more is for those who use it to say."""
    changes = [_shown(answer.at_the_door.wrong_mask), _shown(answer.at_the_door.false_alarms)]
    gains, costs = any(change < 0 for change in changes), any(change > 0 for change in changes)
    if gains:
        return "gain at a cost" if costs else "gain"
    if costs:
        return "cost"
    return "too few" if _fewest(answer) < LEAST_PHOTOS else "no difference shown"


def sentences(answer: Answer) -> dict[str, str]:
    """Keys: advice (what it changes at the operating point), costs (mask against no_mask), wrong_mask (where those
    photos go), door and label (compliant or not, by operating point and by likeliest label)."""
    return {
        "advice": _advice(answer),
        "costs": _costs(answer),
        "wrong_mask": _wrong_mask(answer),
        "door": _door("At each model's own operating point", answer.at_the_door),
        "label": _door("By likeliest label instead", answer.by_label),
    }


def _advice(answer: Answer) -> str:
    wrong, alarms = answer.at_the_door.wrong_mask, answer.at_the_door.false_alarms
    does = f"lets pass {_passing(wrong)}, and stops {_stopping(alarms)}"
    if (found := verdict(answer)) == "too few":
        return (
            f"Too few photos to say: {wrong.photos} test photos of wrongly worn masks and {alarms.photos} of well worn "
            f"ones. On them, the network trained with wrong_mask {does}. Collect more, from more people."
        )
    none = "No difference is shown: at" if found == "no difference shown" else "At"
    return f"{none} its operating point, the network trained with wrong_mask {does}."


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
