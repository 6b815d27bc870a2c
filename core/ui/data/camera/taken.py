"""What one browser's camera took in this session: pictures judged and kept, answers to it, and pictures taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.data.collect import incoming, keep_photo, sources
from core.data.images.decode import PhotoError, decode_bytes
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import paths
from core.ui.data.camera.messages import Photo, TakeBack

# The browser sends one message at a time, and again what was not answered; some more are kept than it can ask about.
_MOST_ANSWERS = 32
# As the slices of Evaluate count: below it a head is straight on.
_TURNED = 0.15
STRAIGHT, LEFT, RIGHT = "straight on", "turned to your left", "turned to your right"

Answer = dict[str, Any]
# A dataset's folder, a label and a person.
Whose = tuple[str, Label, str]


@dataclass
class Taken:
    """`answers`: a message's id -> {"kept": file}, {"refused": why}, {"error": sentence}, or {"back": ids that are
    gone, "stayed": ids that are not this session's}. `poses`: how often each pose was kept here."""

    answers: dict[str, Answer] = field(default_factory=dict)
    poses: dict[Whose, Counter[str]] = field(default_factory=dict)
    _files: dict[str, tuple[Path, str, Whose, str]] = field(default_factory=dict)

    def answer(self, message: Photo | TakeBack) -> None:
        """Do what the message asks, once: it may come twice, and is not done again unless it failed."""
        if "error" not in self.answers.get(message.id, {"error": ""}):
            return
        self.answers.pop(message.id, None)
        try:
            self.answers[message.id] = self._keep(message) if isinstance(message, Photo) else self._take_back(message)
        except UserError as error:
            self.answers[message.id] = {"error": str(error)}
        for old in list(self.answers)[:-_MOST_ANSWERS]:
            del self.answers[old]

    def _keep(self, photo: Photo) -> Answer:
        try:
            judged = incoming.judge(np.asarray(decode_bytes(incoming.jpeg_bytes(photo.picture))))
        except PhotoError as error:
            return {"refused": str(error)}
        if judged.refused:
            return {"refused": judged.refused}
        root = paths.under_allowed_root(photo.folder)
        file = keep_photo.keep(root, photo.label, photo.person, photo.name, judged.face).file
        # Also for a photo that was there: the server may have ended between the two.
        if photo.source.strip():
            sources.note(root, {file: photo.source.strip()})
        whose, pose = (photo.folder, photo.label, photo.person), _pose(judged.turned)
        self._files[photo.id] = root, file, whose, pose
        self.poses.setdefault(whose, Counter())[pose] += 1
        return {"kept": file}

    def _take_back(self, message: TakeBack) -> Answer:
        mine = [photo for photo in message.photos if photo in self._files]
        for photo in mine:
            root, file, whose, pose = self._files[photo]
            try:
                (root / file).unlink(missing_ok=True)
            except OSError as error:
                raise UserError(
                    f"{root / file} can't be deleted ({error.strerror}): make its folder writable."
                ) from None
            sources.note(root, {file: ""})
            del self._files[photo]
            self.poses[whose][pose] -= 1
        return {"back": mine, "stayed": [photo for photo in message.photos if photo not in mine]}


def _pose(turned: float | None) -> str:
    if turned is None or abs(turned) < _TURNED:
        return STRAIGHT
    return LEFT if turned > 0 else RIGHT
