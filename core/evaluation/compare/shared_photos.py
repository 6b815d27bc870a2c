"""The photos that two runs can be compared on: tested by both, and of a group that neither has learnt from.

Photos are known by their content, because two folders may hold the same ones under other names: by the content that the
run was given, since another may lie under the same name by now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.near_duplicates import joined
from core.data.dataset.scan import scan
from core.data.dataset.versions import manifest
from core.evaluation.one_run import predictions
from core.evaluation.one_run.predictions import Predictions
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store.runs import Run, finished_report

# What a photo is known by: digest of its content (its path where the file is gone), label, and 0, 1, ... for copies.
Key = tuple[str, str, int]
_ARRAYS = ("true", "groups", "guess_a", "guess_b", "passed_a", "passed_b")
_COUNTS = ("alone_a", "alone_b", "seen", "unknown")


@dataclass(frozen=True)
class Tested:
    """A run's n test photos: `keys` (n,) say which, `passed` (n,) whether the run's network lets them pass at its own
    operating point. `seen` are digests of the photos that it was trained on or selected by."""

    run: Run
    predictions: Predictions
    keys: tuple[Key, ...]
    passed: np.ndarray
    seen: frozenset[str]


@dataclass(frozen=True)
class Shared:
    """n photos that models a and b are compared on: true label, group, guesses, and who passes (each (n,)).

    Not among them: `alone_a` and `alone_b` test photos that can't be shared, of which the other was trained on or
    selected by `seen` or others of their group; `unknown` photos of a label that one of the models does not know.
    """

    keys: tuple[Key, ...]
    true: np.ndarray
    groups: np.ndarray
    guess_a: np.ndarray
    guess_b: np.ndarray
    passed_a: np.ndarray
    passed_b: np.ndarray
    alone_a: int = 0
    alone_b: int = 0
    seen: int = 0
    unknown: int = 0

    def __len__(self) -> int:
        return len(self.keys)

    def only(self, keep: np.ndarray) -> Shared:
        """Those photos that a boolean (n,) picks; what is not among them is counted as before."""
        arrays = {name: getattr(self, name)[keep] for name in _ARRAYS}
        return replace(self, keys=tuple(key for key, kept in zip(self.keys, keep, strict=True) if kept), **arrays)


def load(runs: Iterable[Run]) -> dict[str, Tested]:
    """Run id -> its test photos. Raises UserError when a run has no predictions."""
    wanted = {run.id: run for run in runs}
    given = {name: _given(run) for name, run in wanted.items()}
    here = {folder: _digests(folder) for folder in {run.config.folder for run in wanted.values() if not given[run.id]}}
    return {name: _tested(run, given[name] or here[run.config.folder]) for name, run in wanted.items()}


def photo_groups(tested: Sequence[Tested]) -> dict[Key, str]:
    """Key -> name of the group (photo, person or burst) it belongs to in any of the runs: two photos that are together
    in one run's groups are together here."""
    number: dict[Key | tuple[str, str], int] = {}
    pairs = [
        (number.setdefault(key, len(number)), number.setdefault((own.run.id, str(group)), len(number)))
        for own in tested for key, group in zip(own.keys, own.predictions.groups, strict=True)
    ]  # fmt: skip
    first, second = np.array(pairs, int).reshape(-1, 2).T
    together = joined(first, second, len(number))
    return {key: str(together[number[key]]) for own in tested for key in own.keys}


def learnt(keys: Iterable[Key], seen: Collection[str], groups: dict[Key, str]) -> set[str]:
    """The groups of which a network with these `seen` digests has learnt from a photo."""
    return {groups[key] for key in keys if key[0] in seen}


def align(a: Tested, b: Tested, groups: dict[Key, str]) -> Shared:
    """The photos that two runs share, in the order of the first."""
    known = {str(label) for label in set(a.predictions.classes) & set(b.predictions.classes)}
    place_a, place_b = ({key: place for place, key in enumerate(own.keys)} for own in (a, b))
    fit_a, fit_b = ({key for key in own.keys if key[1] in known} for own in (a, b))
    every = set(a.keys) | set(b.keys)
    by_a, by_b = learnt(every, a.seen, groups), learnt(every, b.seen, groups)
    keys = tuple(key for key in a.keys if key in fit_a & fit_b and groups[key] not in by_a | by_b)
    in_a, in_b = ([place[key] for key in keys] for place in (place_a, place_b))
    alone_a, alone_b = fit_a - set(keys), fit_b - set(keys)
    return Shared(
        keys=keys,
        true=a.predictions.true[in_a],
        groups=np.array([groups[key] for key in keys], dtype=str),
        guess_a=a.predictions.guess[in_a],
        guess_b=b.predictions.guess[in_b],
        passed_a=a.passed[in_a],
        passed_b=b.passed[in_b],
        alone_a=len(alone_a),
        alone_b=len(alone_b),
        seen=sum(groups[key] in by_b for key in alone_a) + sum(groups[key] in by_a for key in alone_b),
        unknown=len(every) - len(fit_a | fit_b),
    )


def wrongly_worn(a: Tested, b: Tested, groups: dict[Key, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(whether a, whether b recognises it, group), each (n,), of the wrong_mask test photos of the one of two runs that
    alone knows the label: the other recognises none. None of them where both know it or neither does."""
    knows = [Label.WRONG_MASK in own.predictions.classes for own in (a, b)]
    own = b if knows[1] else a
    keys = [key[1] == Label.WRONG_MASK for key in own.keys] if knows[0] != knows[1] else [False] * len(own.keys)
    right = own.predictions.guess[keys] == str(Label.WRONG_MASK)
    named = np.array([groups[key] for key, kept in zip(own.keys, keys, strict=True) if kept], dtype=str)
    return (right & False, right, named) if knows[1] else (right, right & False, named)


def pool(several: Sequence[Shared]) -> Shared:
    """The photos of one or more pairs of runs as one set, in which a photo may stand several times."""
    joined_up: dict[str, Any] = {name: np.concatenate([getattr(own, name) for own in several]) for name in _ARRAYS}
    joined_up |= {name: sum(getattr(own, name) for own in several) for name in _COUNTS}
    return Shared(
        keys=tuple(key for own in several for key in own.keys),
        **joined_up,
    )


def operating_point(run: Run) -> OperatingPoint:
    """Where the run's network lets a face pass."""
    measured = finished_report(run).test.operating
    return OperatingPoint(measured.threshold, measured.target, measured.rule, measured.when)


def _tested(run: Run, digests: dict[str, str]) -> Tested:
    own, folder = predictions.of_run(run), run.config.folder.resolve()

    def identity(file: str) -> str:
        return digests.get(file, f"{folder}/{file}")

    copies: Counter[tuple[str, str]] = Counter()
    keys = []
    for file, label in zip(own.files, own.true, strict=True):
        known = identity(file), str(label)
        keys.append((*known, copies[known]))
        copies[known] += 1
    learnt = {identity(row.file) for row in splits.read(run.split_file) if row.part != "test"}
    # A network that went on from another has seen more than its own split tells, and photos may have changed since.
    return Tested(run, own, tuple(keys), operating_point(run).passes(own.mask_probability), run.seen() | learnt)


def _given(run: Run) -> dict[str, str]:
    """file -> digest of what a run was given; empty where that is not known."""
    try:
        version = manifest.read(run.version_file)
    except UserError:
        return {}
    return version.digests if version else {}


def _digests(folder: Path) -> dict[str, str]:
    """file -> digest, empty where the photos are gone: then only runs of that same folder share photos."""
    try:
        return {photo.file: photo.digest for photo in scan(folder).photos}
    except UserError:
        return {}
