"""What training on wrong_mask gains and costs: a two-class and a three-class model on the same test photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset.split import Row
from core.evaluation.compare import answer_cache, repeats, shared_photos, two_runs
from core.evaluation.compare.paired import Difference, Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.shared_photos import Key, Shared, Tested
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.one_run.predictions import Predictions
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT, TWO_CLASSES, Label
from core.store import paths
from core.store.runs import finished_report

# (model file, photos' folder, rows) -> what the network says, as `answers.of`.
Said = Callable[[Path, Path, Sequence[Row]], tuple[list[Row], np.ndarray]]


@dataclass(frozen=True)
class Verdicts:
    """What one model says of the wrong_mask photos: `calls` are label -> photos by likeliest label, `called_mask` the
    share called mask and `passes` the share let pass at its own operating point, with 95 % intervals."""

    calls: dict[str, int]
    called_mask: Estimate
    passes: Estimate
    passed: int


@dataclass(frozen=True)
class Rate:
    """How many of `photos` photos the two-class and the three-class model let pass (or stop); the difference of the
    shares is three-class less two-class."""

    photos: int
    two: int
    three: int
    difference: Difference


@dataclass(frozen=True)
class Door:
    """Compliant or not, by one rule: `misses` are photos of no_mask and wrong_mask that pass (`no_mask` and
    `wrong_mask` each of them), `false_alarms` photos of mask that are stopped."""

    misses: Rate
    false_alarms: Rate
    no_mask: Rate
    wrong_mask: Rate

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: rate -> its fields, with `shown` among those of the difference."""
        return {
            name: rate | {"difference": rate["difference"] | {"shown": getattr(self, name).difference.shown}}
            for name, rate in asdict(self).items()
        }


@dataclass(frozen=True)
class Answer:
    """`known`: mask against no_mask photos only, with the two-class model as a. `two` and `three`: the same wrong_mask
    photos. `at_the_door`: at each model's own operating point; `by_label`: who is called mask passes. `let_through` are
    files in `dataset` of wrong_mask photos that the two-class model lets pass; `left_aside` wrong_mask photos that
    it has seen. Over `repeats` pairs of runs, a photo may count several times."""

    known: Paired
    two: Verdicts
    three: Verdicts
    at_the_door: Door
    by_label: Door
    let_through: tuple[str, ...]
    dataset: str
    left_aside: int
    repeats: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {
            "known": self.known.as_dict(),
            "at_the_door": self.at_the_door.as_dict(),
            "by_label": self.by_label.as_dict(),
        }


def ask(two: Entry, three: Entry, said: Said = answer_cache.of) -> Answer:
    """Compare a two-class with a three-class entry on the test photos of mask and no_mask that they share and on the
    three-class model's test photos of wrong_mask, which are shown to the two-class model: by `said`.

    Raises UserError when the entries do not fit, a two-class model file is gone, or there is no photo to ask about.
    """
    if [len(finished_report(entry.runs[0]).labels) for entry in (two, three)] != [2, 3]:
        raise UserError("Choose one finished run with two classes and one with three.")
    together = repeats.pairs(two, three)
    tested = shared_photos.load(run for pair in together for run in pair)
    groups = shared_photos.photo_groups(tuple(tested.values()))
    pairs = [(tested[first.id], tested[second.id]) for first, second in together]
    known = shared_photos.pool([shared_photos.align(*pair, groups) for pair in pairs]) if pairs else None
    if not known:
        raise UserError(
            f"{two.name} and {three.name} share no test photo of mask and no_mask: train both on the same photos with "
            "the same seed and split."
        )
    if (different := len(set(known.keys))) < two_runs.LEAST_PHOTOS:
        raise UserError(
            f"{two.name} and {three.name} share {different} test photos of mask and no_mask: too few to compare "
            f"({two_runs.LEAST_PHOTOS} at least)."
        )
    wrong = shared_photos.pool([_shown(*pair, groups, said) for pair in pairs])
    if not len(wrong):
        raise UserError(f"{three.name} has no readable wrong_mask test photo that {two.name} has not learnt from.")
    return _answer(known, wrong, pairs)


def _answer(known: Shared, wrong: Shared, pairs: list[tuple[Tested, Tested]]) -> Answer:
    every = shared_photos.pool([known, wrong])
    by_label = replace(every, passed_a=every.guess_a == COMPLIANT, passed_b=every.guess_b == COMPLIANT)
    two, three = _verdicts(wrong)
    names = {key: file for _, own in pairs for key, file in zip(own.keys, own.predictions.files, strict=True)}
    passed = dict.fromkeys(names[key] for key, through in zip(wrong.keys, wrong.passed_a, strict=True) if through)
    return Answer(
        known=two_runs.compare(known),
        two=two,
        three=three,
        at_the_door=_door(every),
        by_label=_door(by_label),
        let_through=tuple(passed),
        dataset=pairs[0][1].run.config.dataset,
        left_aside=wrong.seen,
        repeats=len(pairs),
    )


def _shown(two: Tested, three: Tested, groups: dict[Key, str], said: Said) -> Shared:
    """The three-class model's wrong_mask test photos, with what the two-class model says of those it has not seen."""
    asked = {
        file: place
        for place, (file, key) in enumerate(zip(three.predictions.files, three.keys, strict=True))
        if key[1] == Label.WRONG_MASK
    }
    learnt = shared_photos.learnt(three.keys, two.seen, groups)
    fresh = [file for file, place in asked.items() if groups[three.keys[place]] not in learnt]
    rows = [Row(file, Label.WRONG_MASK, file, "test") for file in fresh]
    used, probability = said(paths.models_dir() / finished_report(two.run).model, three.run.config.folder, rows)
    places = [asked[row.file] for row in used]
    own = three.predictions.only(np.array(places, dtype=int))
    answer = Predictions(own.files, own.true, own.groups, probability.reshape(-1, 2), TWO_CLASSES)
    keys = tuple(three.keys[place] for place in places)
    return Shared(
        keys=keys,
        true=own.true,
        groups=np.array([groups[key] for key in keys], dtype=str),
        guess_a=answer.guess,
        guess_b=own.guess,
        passed_a=shared_photos.operating_point(two.run).passes(answer.mask_probability),
        passed_b=three.passed[places],
        seen=len(asked) - len(fresh),
    )


def _verdicts(wrong: Shared) -> tuple[Verdicts, Verdicts]:
    guesses, passed = (wrong.guess_a, wrong.guess_b), (wrong.passed_a, wrong.passed_b)
    hits = np.stack([*(guess == COMPLIANT for guess in guesses), *passed], axis=1)
    share = bootstrap.shares(hits, np.ones_like(hits), wrong.groups)
    two, three = (
        Verdicts(dict(Counter(guesses[model].tolist())), share[model], share[model + 2], int(passed[model].sum()))
        for model in (0, 1)
    )
    return two, three


def _door(photos: Shared) -> Door:
    compliant = photos.true == COMPLIANT
    return Door(
        misses=_passing(photos, ~compliant),
        false_alarms=Rate(
            int(compliant.sum()),
            int((compliant & ~photos.passed_a).sum()),
            int((compliant & ~photos.passed_b).sum()),
            two_runs.compare(photos).false_alarm_rate,
        ),
        no_mask=_passing(photos, photos.true == Label.NO_MASK),
        wrong_mask=_passing(photos, photos.true == Label.WRONG_MASK),
    )


def _passing(photos: Shared, of: np.ndarray) -> Rate:
    own = photos.only(of)
    return Rate(len(own), int(own.passed_a.sum()), int(own.passed_b.sum()), two_runs.compare(own).miss_rate)
