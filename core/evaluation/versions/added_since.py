"""Two runs of one dataset on the photos that were added since the older one's version, of which neither has learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.scan import Scan, scan
from core.data.dataset.split import Row
from core.data.dataset.versions.manifest import Version
from core.evaluation.compare import answer_cache, repeats, shared_photos, trade_off, two_runs
from core.evaluation.compare.paired import Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.shared_photos import Key, Shared, Tested
from core.evaluation.compare.two_runs import LEAST_PHOTOS
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.versions import known
from core.schema.errors import UserError
from core.store import paths
from core.store.runs import Run, finished_report

# (model file, photos' folder, rows) -> what the network says, as `answer_cache.of`.
Said = Callable[[Path, Path, Sequence[Row]], tuple[list[Row], np.ndarray]]


@dataclass(frozen=True)
class Added:
    """Entries by their letters, `newer` being model b. Of `added` photos, `learnt` are of a group from which one of the
    two has learnt, and `different` are new to both, which count `photos` times over all repeats; the rest can't be
    read or has a label that one does not know. `paired` is None where `different` is less than LEAST_PHOTOS."""

    older: str
    newer: str
    added: int
    learnt: int
    different: int
    photos: int
    paired: Paired | None

    @property
    def sentence(self) -> str:
        """What the newer one gains on these photos, or why that can't be said."""
        a, b = self.older, self.newer
        on = f"the {self.added:,} photo{'s' * (self.added != 1)} added since {a}"
        if not self.added:
            return f"No photo was added since {a} was trained that is there now."
        if self.paired is None:
            new = f"{self.different:,} {'is' if self.different == 1 else 'are'} new to both" if self.different else (
                "none is new to both"
            )  # fmt: skip
            return f"Of {on}, {new}: too few to compare ({LEAST_PHOTOS} at least). {self._learnt()}".rstrip()
        found = two_runs.differences(self.paired)
        told = trade_off.verdict(a, b, found, {name: own.p_value or 0.0 for name, own in found.items()})
        return (
            f"On {self.different:,} of {on}, new to both: {told} {b} is right on {self.paired.only_b_right} that {a} "
            f"gets wrong, {a} on {self.paired.only_a_right} that {b} gets wrong: "
            f"{two_runs.points(self.paired.accuracy)}. {self._learnt()}"
        ).rstrip()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        paired = self.paired.as_dict() if self.paired else None
        return asdict(self) | {"paired": paired, "sentence": self.sentence}

    def _learnt(self) -> str:
        one = self.learnt == 1
        return (
            f"{self.learnt:,} {'is' if one else 'are'} left out: one of the two learnt from {'it' if one else 'them'} "
            "or from others of the group."
        ) if self.learnt else ""  # fmt: skip


def differ(one: Entry, other: Entry) -> bool:
    """Whether both tell which version they were given, and not the same."""
    heads = [known.of_run(entry.runs[0]) for entry in (one, other)]
    return all(heads) and len({head.id for head in heads if head}) == 2


def compare(one: Entry, other: Entry, said: Said = answer_cache.of) -> Added:
    """The entry of the older version against the one of the newer. Networks are asked by `said` about photos that they
    have not tested.

    Raises UserError, in one sentence, where there is nothing to compare: other datasets, the same version, a version
    that is not known, or a network that is gone.
    """
    older, newer = sorted((one, other), key=lambda entry: _seen_at(entry.runs[0]))
    pairs = repeats.pairs(older, newer)
    if not pairs:
        raise UserError(f"{older.letter} and {newer.letter} have no seed and fold in common.")
    folders = {run.config.folder.resolve() for pair in pairs for run in pair}
    if len(folders) > 1:
        raise UserError(f"{older.letter} and {newer.letter} were trained on different datasets.")
    versions = {run.id: known.read(run) for pair in pairs for run in pair}
    if all(versions[a.id].id == versions[b.id].id for a, b in pairs):
        raise UserError(f"{older.letter} and {newer.letter} were given the same version of the photos.")
    found, tested = scan(folders.pop()), shared_photos.load(run for pair in pairs for run in pair)
    each = [_shared(tested[a.id], tested[b.id], found, versions[a.id], said) for a, b in pairs]
    whole = shared_photos.pool([photos for _, photos in each])
    different = len(set(whole.keys))
    return Added(
        older=older.letter,
        newer=newer.letter,
        added=each[0][0],
        learnt=each[0][1].seen,
        different=different,
        photos=len(whole),
        paired=two_runs.compare(whole) if different >= LEAST_PHOTOS else None,
    )


def _seen_at(run: Run) -> tuple[str, str]:
    head = known.of_run(run)
    return (head.when if head else "", run.id)


def _shared(a: Tested, b: Tested, found: Scan, older: Version, said: Said) -> tuple[int, Shared]:
    """(how many photos were added, those that are new to both with what both say of them)."""
    before = set(older.digests.values())
    digests = {photo.file: photo.digest for photo in found.photos if photo.digest not in before}
    # A group of which either has seen anything is known to it: that also keeps all of the newer one's training out.
    new = [row for row in splits.new_to(found, a.seen | b.seen) if row.file in digests]
    both = set(a.predictions.classes) & set(b.predictions.classes)
    rows = [row for row in new if row.label in both]
    said_a, said_b = (_said(own, found.root, rows, said) for own in (a, b))
    files = [row for row in rows if row.file in said_a and row.file in said_b]
    own_a, own_b = (_predictions(own, files, answers) for own, answers in ((a, said_a), (b, said_b)))
    return len(digests), Shared(
        keys=_keys(files, digests),
        true=own_a.true,
        groups=own_a.groups,
        guess_a=own_a.guess,
        guess_b=own_b.guess,
        passed_a=shared_photos.operating_point(a.run).passes(own_a.mask_probability),
        passed_b=shared_photos.operating_point(b.run).passes(own_b.mask_probability),
        seen=len(digests) - len(new),
        unknown=len(new) - len(rows),
    )


def _said(own: Tested, root: Path, rows: Sequence[Row], said: Said) -> dict[str, np.ndarray]:
    """File -> probabilities (classes,)."""
    if not rows:
        return {}
    used, probability = said(paths.models_dir() / finished_report(own.run).model, root, rows)
    return {row.file: share for row, share in zip(used, probability, strict=True)}


def _predictions(own: Tested, rows: Sequence[Row], answers: dict[str, np.ndarray]) -> Predictions:
    classes = own.predictions.classes
    return Predictions(
        files=tuple(row.file for row in rows),
        true=np.array([str(row.label) for row in rows], dtype=str),
        groups=np.array([row.group for row in rows], dtype=str),
        probability=np.array([answers[row.file] for row in rows]).reshape(-1, len(classes)),
        classes=classes,
    )


def _keys(rows: Sequence[Row], digests: dict[str, str]) -> tuple[Key, ...]:
    copies: Counter[tuple[str, str]] = Counter()
    keys = []
    for row in rows:
        own = digests[row.file], str(row.label)
        keys.append((*own, copies[own]))
        copies[own] += 1
    return tuple(keys)
