"""What one session's browser sends for a dataset, message by message and piece by piece, and the answers to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.collect.staging.place import BusyError
from core.data.collect.staging.staged import Part, Staged
from core.schema.errors import UserError
from core.ui.data.upload import messages
from core.ui.data.upload.messages import Anew, Check, Drop, Message, Offer, Piece

Answer = dict[str, Any]


@dataclass
class Received:
    """`answer` is to the last message: its `id`, and {"error": sentence}, {"unknown": True} where it must be offered
    anew, {"busy": True} where another window sends under that name, or what its kind says. `imported` is the name of
    the upload that was imported last, `token` what the session's pieces are known by."""

    root: Path
    staged: Staged | None = None
    answer: Answer = field(default_factory=dict)
    imported: str = ""
    token: str = ""
    # Pieces come in another thread than messages.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        """Whether all that was chosen is there."""
        return self.staged is not None and self.staged.complete

    def take(self, message: Message) -> None:
        """Do what the message asks, once: it may come twice."""
        if message.folder == str(self.root) and message.id != self.answer.get("id"):
            self.answer = {"id": message.id} | self._answer(message)

    def take_piece(self, body: bytes | bytearray) -> Answer:
        """Append a piece: a line that says what it is of, and its bytes."""
        head, _, data = body.partition(b"\n")
        piece = messages.read_piece(head)
        if piece is None or piece.folder != str(self.root):
            return {"error": "A piece of the files was damaged on its way: send it again."}
        return {"id": piece.id} | self._answer(piece, data)

    def finish(self) -> None:
        """All of it is imported."""
        with self._lock:
            if self.staged:
                self.imported = self.staged.name
                self.staged.remove()
                self.staged = None

    def _answer(self, message: Message | Piece, data: bytes | bytearray = b"") -> Answer:
        try:
            with self._lock:
                return self._done(message, data)
        except UserError as error:
            return {"error": str(error)}
        except BusyError:
            return {"busy": True}

    def _done(self, message: Message | Piece, data: bytes | bytearray) -> Answer:
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
            return {"astray": staged.append([Part(*part) for part in message.parts], data)}
        if isinstance(message, Anew):
            staged.begin_anew(message.files)
        elif isinstance(message, Drop):
            staged.remove()
            self.staged = None
        return {"complete": staged.complete}
