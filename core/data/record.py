"""What was found out about the files of a folder, kept under cache/ until a file's size or time changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import paths


class Record:
    """`kind` names the folder under cache/. `version` is raised when what is found changes, so that an old record is
    not read as a new one. Deleting the record loses nothing but time."""

    def __init__(self, kind: str, version: int, root: Path) -> None:
        key = hashlib.blake2b(f"{version} {root}".encode(), digest_size=8).hexdigest()
        self._root, self._path = root, paths.home() / "cache" / kind / f"{key}.json"
        self._known, self._new = self._read(), False

    def of(self, file: str, look: Callable[[Path], Any]) -> Any:
        """What `look(path)` found of a file (relative to the folder), which is JSON; called when it isn't known yet."""
        stamp, entry = self._stamp(file), self._known.get(file)
        if entry is None or entry["stamp"] != stamp:
            entry = self._known[file] = {"stamp": stamp, "found": look(self._root / file)}
            self._new = True
        return entry["found"]

    def write(self) -> None:
        """Keep what was found anew. A full disk must not keep anyone from their photos: it is not an error."""
        if not self._new:
            return
        draft = self._path.with_suffix(f".{os.getpid()}-{id(self)}.tmp")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_text(json.dumps(self._known))
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)

    def _stamp(self, file: str) -> list[int] | None:
        try:
            status = (self._root / file).stat()
        except OSError:
            return None
        return [status.st_size, status.st_mtime_ns]

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
