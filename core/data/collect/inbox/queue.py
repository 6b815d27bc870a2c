"""Which face of an inbox to label next: what the network is least sure of, one of each burst before the next of any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from core.data.collect.inbox import crops
from core.data.collect.inbox.crops import Crop
from core.data.collect.inbox.table import Note
from core.data.dataset import near_duplicates
from core.schema.labels import Label


def default(note: Note) -> Label | None:
    """The label that a face most likely has: what a person said, else the network's guess."""
    return note.label or note.guess


def uncertainty(note: Note) -> float:
    """How little is known of a face's label, 0..1: 1 less the margin between the two likeliest labels (margin
    sampling); 1 where the network was wrong or said nothing."""
    if (note.label and note.label is not note.guess) or len(note.probabilities) < 2:
        return 1.0
    first, second, *_ = sorted(note.probabilities.values(), reverse=True)
    return 1.0 - (first - second)


def order(waiting: Sequence[Crop], said: Mapping[str, Note]) -> list[Crop]:
    """The faces that wait, what to label first in front. Faces of one group, or nearly the same picture, take turns
    with all others, and those that were answered already (`said`, which is the table of the inbox, has their rows) have
    had theirs."""
    answered = [(file, note) for file, note in said.items() if not file.startswith(f"{crops.FOLDER}/")]
    kinds = _kinds([
        *((_group(file), note.hash) for file, note in answered), *((crop.group, crop.note.hash) for crop in waiting),
    ])  # fmt: skip
    turns = Counter(kinds[: len(answered)].tolist())
    unsure = [uncertainty(crop.note) for crop in waiting]
    ranked = []
    for place in sorted(range(len(waiting)), key=lambda place: (-unsure[place], waiting[place].file)):
        kind = int(kinds[len(answered) + place])
        ranked.append((turns[kind], place))
        turns[kind] += 1
    # Stable: within a turn the most uncertain stay in front.
    return [waiting[place] for _, place in sorted(ranked, key=lambda item: item[0])]


def by_photo(waiting: Sequence[Crop]) -> list[Crop]:
    """The faces that wait, those of one photo or person side by side."""
    return sorted(waiting, key=lambda crop: (crop.group, crop.note.when, crop.file))


def _group(file: str) -> str:
    return file.rsplit("/", 2)[-2] if "/" in file else ""


def _kinds(known: Sequence[tuple[str, str]]) -> np.ndarray:
    """A number for each (group, hash): the same for those of one group, and for near-duplicates."""
    groups: dict[str, int] = {}
    first: dict[int, int] = {}
    pairs = []
    hashed = [place for place, (_, own) in enumerate(known) if own]
    clusters = near_duplicates.clusters(np.array([int(known[place][1], 16) for place in hashed], dtype=np.uint64))
    for place, (group, _) in enumerate(known):
        pairs.append((groups.setdefault(group, place), place))
    for place, cluster in zip(hashed, clusters.tolist(), strict=True):
        pairs.append((first.setdefault(cluster, place), place))
    if not pairs:
        return np.zeros(0, int)
    left, right = np.array(pairs).T
    return near_duplicates.joined(left, right, len(known))
