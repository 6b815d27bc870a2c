"""What is said about a photo beside it: boxes with the names of their classes, or a label for the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.data.collect.imports.names import Parts


class Box(NamedTuple):
    """A face of a class: left, top, width and height in pixels, or in 0..1 of the photo's width and height."""

    name: str
    x: float
    y: float
    width: float
    height: float
    relative: bool = False


@dataclass
class Marks:
    """`size` is the (width, height) of the photo that its boxes were drawn on, where known. Empty words are unknown.
    `refusal`: why none of it can be used."""

    boxes: list[Box] = field(default_factory=list)
    label: str = ""
    person: str = ""
    source: str = ""
    size: tuple[int, int] | None = None
    refusal: str = ""

    def add(self, other: Marks) -> None:
        """Take what another says of the same photo; two labels for it are none."""
        self.boxes += [box for box in other.boxes if box not in self.boxes]
        if self.label and other.label and self.label != other.label:
            self.refusal = f"it is given two labels, {self.label} and {other.label}"
        self.label, self.person = self.label or other.label, self.person or other.person
        self.source, self.size = self.source or other.source, self.size or other.size
        self.refusal = self.refusal or other.refusal


class Entry(NamedTuple):
    """What a list in `folder` says about the photo that it calls `file`."""

    folder: Parts
    file: Parts
    marks: Marks


def resolve(entries: Sequence[Entry], photos: Sequence[Parts]) -> dict[Parts, Marks]:
    """Marks by photo. An entry is about the photo whose path ends in what it calls it; of several the one that lies
    nearest to the list. Where two are equally near, neither can be told and both are refused."""
    named: dict[str, list[Parts]] = {}
    for photo in dict.fromkeys(photos):
        named.setdefault(photo[-1], []).append(photo)
    found: dict[Parts, Marks] = {}
    for folder, file, marks in entries:
        ends = [photo for photo in named.get(file[-1], ()) if photo[-len(file) :] == file]
        near = [_shared(folder, photo) for photo in ends]
        nearest = [photo for photo, depth in zip(ends, near, strict=True) if depth == max(near)]
        for photo in nearest:
            unsure = Marks(refusal=f"{'/'.join(file)} in a list may mean this photo or another of its name")
            found.setdefault(photo, Marks()).add(marks if len(nearest) == 1 else unsure)
    return found


def _shared(folder: Parts, photo: Parts) -> tuple[int, int]:
    """How many folders a list and a photo have in common from the top; of photos that share as many, one that lies
    less deep is nearer."""
    depth = 0
    for one, other in zip(folder, photo[:-1], strict=False):
        if one != other:
            break
        depth += 1
    return depth, -len(photo)
