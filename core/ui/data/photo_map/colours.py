"""What the map's points are coloured by. Each group has a shape beside its colour, for colour-blind eyes and print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.dataset.scan import Photo
from core.data.dataset.split import PART_NAMES
from core.evaluation.photo_map.answers import Answer
from core.schema.labels import Label

# Okabe and Ito's palette, without black and yellow, which one of the two themes hides.
_PALETTE = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")
_SHAPES = ("circle", "x", "triangle", "square", "diamond", "plus", "down", "star")
# So many people or sources can be told apart; the others are one group.
_MOST = 8


@dataclass(frozen=True)
class Group:
    """Points that look alike: `colour` is empty for those in the background; `shape` by its name in shapes.js."""

    name: str
    colour: str
    shape: str


@dataclass(frozen=True)
class Colouring:
    """`groups`, and `of` (n,) the number of each point's group."""

    groups: tuple[Group, ...]
    of: np.ndarray


def by_label(photos: Sequence[Photo]) -> Colouring:
    """As all charts have them."""
    shapes = {"triangle-up": "triangle"}
    groups = {
        str(label): Group(str(label), label.row.colour, shapes.get(label.row.shape, label.row.shape))
        for label in Label
    }
    return _of([photo.label for photo in photos], groups, None)


def by_name(names: Sequence[str]) -> Colouring:
    """People or sources: the most frequent ones each for itself. "" is unknown."""
    counts = Counter(names)
    frequent = [name for name, _ in counts.most_common(_MOST + 1) if name][:_MOST]
    groups = {
        name: Group(name, _PALETTE[place % len(_PALETTE)], _SHAPES[place]) for place, name in enumerate(frequent)
    }
    others = len(counts.keys() - set(frequent) - {""})
    rest = ", ".join([*(["unknown"] if "" in counts else []), *([f"{others:,} others"] if others else [])])
    return _of(names, groups, Group(rest, "", "dot"))


def by_part(photos: Sequence[Photo], parts: Mapping[str, str]) -> Colouring:
    """The part of a split, by file; those in no part are in the background."""
    looks = zip(PART_NAMES, ("#0072B2", "#E69F00", "#009E73"), ("circle", "triangle", "x"), strict=True)
    groups = {part: Group(PART_NAMES[part], colour, shape) for part, colour, shape in looks}
    return _of([parts.get(photo.file, "") for photo in photos], groups, Group("in no part", "", "dot"))


def by_error(photos: Sequence[Photo], said: Mapping[str, Answer]) -> Colouring:
    """Whether what a network said is the photo's label now; what it was not asked about is in the background."""

    def right(photo: Photo) -> str:
        answer = said.get(photo.file)
        return "" if answer is None else "right" if answer.said == photo.label else "wrong"

    groups = {"right": Group("right", "#0072B2", "circle"), "wrong": Group("wrong", "#D55E00", "x")}
    return _of([right(photo) for photo in photos], groups, Group("not tested", "", "dot"))


def _of(kinds: Sequence[str], groups: Mapping[str, Group], rest: Group | None) -> Colouring:
    """What is of no group is of the `rest`; groups without a point are left out."""
    there = set(kinds)
    kept = [kind for kind in groups if kind in there]
    number = {kind: place for place, kind in enumerate(kept)}
    of = np.array([number.get(kind, len(kept)) for kind in kinds], np.uint8)
    shown = [groups[kind] for kind in kept]
    return Colouring(tuple([*shown, rest] if rest and len(kept) in of else shown), of)
