"""Faces of whole photos that nobody has labelled: each is cut out and waits in the inbox, in one group per photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from core.data.collect import face_crop, keep_photo
from core.data.collect.inbox import crops, table
from core.data.collect.inbox.table import Note
from core.data.images.decode import SMALLEST_SIDE, decode_bytes

Box = Sequence[int]
Find = Callable[[np.ndarray], Sequence[tuple[Box, Note]]]
"""The faces of an RGB picture, uint8 (H, W, 3): their boxes (x0, y0, x1, y1 in pixels), and what a network says."""

# As much of a file's name as its group's folder has.
_STEM = 40


@dataclass(frozen=True)
class Faces:
    """What a photo gave: faces that wait now, faces that were kept at an earlier import, and faces too small."""

    kept: int = 0
    there: int = 0
    small: int = 0


class Inbox:
    """Takes the faces of photos into the inbox of the dataset at `root`. Raises UserError for a table that can't be
    understood."""

    def __init__(self, root: Path, find: Find) -> None:
        self._root, self._find = root, find
        # Also what was labelled since: its row went with it into the dataset or the bin.
        self._known = {PurePosixPath(file).name for file in table.read(root)}

    def take(self, data: bytes, stem: str, person: str, source: str, photo: str) -> Faces:
        """Cut the faces out of a photo's bytes. They stay together as `person`'s, or as this photo's own; `stem` begins
        its name. A face that was kept before is not kept again, whatever became of it.

        Raises PhotoError for a photo that can't be decoded, and UserError where a face can't be written.
        """
        rgb = np.asarray(decode_bytes(data))
        group = person or f"{stem[:_STEM]}-{keep_photo.digest(data)}"
        done = {"kept": 0, "there": 0, "small": 0}
        for box, note in self._find(rgb):
            x0, y0, x1, y1 = box
            if min(x1 - x0, y1 - y0) < SMALLEST_SIDE:
                done["small"] += 1
                continue
            face = face_crop.jpeg(rgb, box)
            name = f"{keep_photo.digest(face)}.jpg"
            if name in self._known:
                done["there"] += 1
                continue
            where = f"{photo} at {x0}, {y0}, {x1 - x0} x {y1 - y0} pixels"
            crops.keep(self._root, face, group, source, replace(note, photo=where))
            self._known.add(name)
            done["kept"] += 1
        return Faces(**done)

