"""What a report says in sentences: the verdict at its top, and what its numbers do not say."""

from __future__ import annotations

from core.data.dataset import held_out
from core.data.dataset import split as splits
from core.data.dataset.split import PART_NAMES
from core.evaluation.wording import version_words
from core.evaluation.wording.sentences import moved
from core.networks.operating_point import photos_to_show
from core.report.material import Material
from core.schema.labels import COMPLIANT, MEANINGS, Label
from core.text.numbers import percent, span, threshold

# So few photos of a label leave an interval of some 20 points either way.
_FEW = 20


def verdict(material: Material) -> str:
    """Everything in one sentence."""
    test = material.report.test
    door = test.operating
    apart = f" of {test.groups:,} groups" if test.groups < test.n else ""
    return (
        f"Right on {percent(test.accuracy)} of {test.n:,} test photos{apart} (95 % interval "
        f"{span(test.accuracy_grouped_interval)}); at its operating point it lets {door.misses:,} of "
        f"{door.violators:,} non-compliant faces pass ({percent(door.miss_rate)}, {span(door.miss_interval)}) "
        f"and stops {door.false_alarms:,} of {door.compliant:,} compliant ones "
        f"({percent(door.false_alarm_rate)}, {span(door.false_alarm_interval)})."
    )


def split(material: Material) -> str:
    """Which photos there were, and how they were sent to training, validation and test."""
    version = material.report.version
    given = f"It was given {version_words.named(version)} of the dataset. " if version else f"{version_words.UNKNOWN} "
    return f"{given}{_dealt(material)}"


def _dealt(material: Material) -> str:
    config = material.config
    shares = " / ".join(f"{100 * share:g}" for share in config.split)
    if config.held_out_source:
        return _without_source(material)
    folds = f"fold {config.fold} of {config.folds} is the test part, the others are split " if config.folds else ""
    return (
        f"Split by group with seed {config.seed}: {folds}{shares} % ({', '.join(PART_NAMES.values())}), so that photos "
        "of one person, occasion or near-duplicate picture are all on one side. "
        f"{moved(*splits.moved(material.rows), config.weights)}"
    ).rstrip()


def _without_source(material: Material) -> str:
    config, linked = material.config, sum(row["reason"] == held_out.LINKED for row in material.refused)
    train, val, _ = config.split
    apart = f" {linked:,} photos of other sources that belong with some of these are in no part." if linked else ""
    return (
        f"Tested on all photos of the source {config.held_out_source}, and trained on none of it.{apart} The others "
        f"are split by group with seed {config.seed}: {100 * train / (train + val):.3g} % for training, the rest for "
        "validation."
    )


def limits(material: Material) -> list[str]:
    """What the numbers do not say, the general first."""
    return [*_always(material), *_photos(material), *_door(material)]


def labels(material: Material) -> list[str]:
    """Each label the network knows, with its meaning."""
    return [f"{label}: {MEANINGS[label]}" for label in material.classes]


def _always(material: Material) -> list[str]:
    return [
        "How it does elsewhere, with other people, cameras, light, masks and ways of wearing them: the intervals say "
        "what other photos of this kind would show.",
        "Whether the labels are right. They were taken as they stand in the folders and in decisions.csv; a wrong "
        "label counts a right answer as a mistake, or hides one.",
        "Whether it serves everyone alike: age, skin, beards, glasses and head coverings were not recorded.",
        "Which of several networks is best. Whoever tries many and keeps the best on these test photos reads too high "
        "a number.",
    ]


def _photos(material: Material) -> list[str]:
    found = []
    if not material.grouped:
        found.append(
            "How it does on new people: no photo was said to belong with another, so photos of one person may stand on "
            "both sides of the split, and the accuracy may be too high."
        )
    few = [f"{own.n} of {label}" for label, own in material.report.test.per_class.items() if own.n < _FEW]
    if few:
        found.append(f"Much about labels with few test photos ({', '.join(few)}): their intervals are wide.")
    if Label.WRONG_MASK not in material.classes:
        found.append("How it answers to masks worn wrongly: it was not trained on them and predicts one of its labels.")
    return found


def _door(material: Material) -> list[str]:
    own = material.report.operating_point
    if own.rule == "hand":
        return ["How often it misses and stops others: whoever set the operating point saw these test numbers."]
    if own.rule == "sources":
        return []
    compliant, target = material.report.val.per_class[COMPLIANT].n, threshold(own.target)
    if own.target and compliant >= photos_to_show(own.target):
        return []
    return [
        f"That no more than {target} of compliant people are stopped: {compliant} validation photos of mask are too "
        "few to show it."
    ]
