"""What one session's browser sends for a dataset, message by message, and the answers to it."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.collect.staging.place import BusyError
from core.data.collect.staging.staged import Part, Staged
from core.schema.errors import UserError
from core.ui.data.upload.messages import Anew, Check, Drop, Message, Offer, Piece

Answer = dict[str, Any]


@dataclass
class Received:
    """`answer` is to the last message: its `id`, and {"error": sentence}, {"unknown": True} where it must be offered
    anew, {"busy": True} where another window sends under that name, or what its kind says. `imported` is the name of
    the upload that was imported last."""

    root: Path
    staged: Staged | None = None
    answer: Answer = field(default_factory=dict)
    imported: str = ""

    @property
    def complete(self) -> bool:
        """Whether all that was chosen is there."""
        return self.staged is not None and self.staged.complete

    def take(self, message: Message) -> None:
        """Do what the message asks, once: it may come twice."""
        if message.folder != str(self.root) or message.id == self.answer.get("id"):
            return
        try:
            self.answer = {"id": message.id} | self._done(message)
        except UserError as error:
            self.answer = {"id": message.id, "error": str(error)}
        except BusyError:
            self.answer = {"id": message.id, "busy": True}

    def finish(self) -> None:
        """All of it is imported."""
        if self.staged:
            self.imported = self.staged.name
            self.staged.remove()
            self.staged = None

    def _done(self, message: Message) -> Answer:
        if isinstance(message, Offer) and message.first:
            self.staged = Staged(self.root, message.upload, message.window)
        staged = self.staged
        if staged is None or (staged.name, staged.window) != (message.upload, message.window):
            return {"unknown": True}
        staged.claim()
        if isinstance(message, Offer):
            have, skipped = staged.offer(message.files, message.last)
            return {"have": have, "skipped": skipped}
        if isinstance(message, Check):
            return {"digests": staged.digests([Part(*part) for part in message.parts])}
        if isinstance(message, Piece):
            return {"astray": staged.append([Part(*part) for part in message.parts], _bytes(message.data))}
        if isinstance(message, Anew):
            staged.begin_anew(message.files)
        elif isinstance(message, Drop):
            staged.remove()
            self.staged = None
        return {}


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UserError("A piece of the files was damaged on its way: send it again.") from None
