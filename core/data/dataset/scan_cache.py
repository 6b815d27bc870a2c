"""What was found out about the files of a folder, kept under cache/ until a file's size, time or inode changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from core.store import paths

# Size in bytes, time in ns and inode; None of a file that is gone.
Stamp = tuple[int | None, int | None, int | None]
# The stamp's three, and what was found.
Entry = list[Any]
# Raised when an entry is written in another way.
_FORMAT = 3


class Record:
    """`kind` names the folder under cache/. `version` is raised when what is found changes, so that an old record is
    not read as a new one. Deleting the record loses nothing but time."""

    def __init__(self, kind: str, version: int, root: Path) -> None:
        key = hashlib.blake2b(f"{_FORMAT} {version} {root}".encode(), digest_size=8).hexdigest()
        self._root, self._path = root, paths.home() / "cache" / kind / f"{key}.json"
        self._known, self._new = self._read(), False

    def known(self, file: str, stamp: Stamp) -> Entry | None:
        """What was found of a file (relative to the folder) with this stamp, in a list of one; None when that isn't
        known."""
        entry = self._known.get(file)
        return entry[3:] if entry and entry[:3] == [*stamp] else None

    def note(self, file: str, stamp: Stamp, found: Any) -> None:
        """Remember what was found, which is JSON."""
        self._known[file], self._new = [*stamp, found], True

    def put(self, file: str, found: Any) -> None:
        """Remember what was found, which is JSON, of a file (relative to the folder) as it is now."""
        self.note(file, self._stamp(file), found)

    def only(self, files: Collection[str]) -> None:
        """Forget all other files."""
        for gone in self._known.keys() - set(files):
            del self._known[gone]
            self._new = True

    def of(self, file: str, look: Callable[[Path], Any]) -> Any:
        """What `look(path)` found of a file (relative to the folder), which is JSON; called when it isn't known yet."""
        stamp = self._stamp(file)
        if (entry := self.known(file, stamp)) is None:
            found = look(self._root / file)
            self.note(file, stamp, found)
            return found
        return entry[0]

    def get(self, file: str) -> Any:
        """What was found of a file (relative to the folder) as it is now; None when that isn't known."""
        entry = self.known(file, self._stamp(file))
        return entry[0] if entry else None

    def unknown(self, files: Iterable[str]) -> list[str]:
        """Those of the files (relative to the folder) of which nothing is known as they are now."""
        return [file for file in files if self.known(file, self._stamp(file)) is None]

    def write(self) -> None:
        """Keep what was found anew. A full disk must not keep anyone from their photos: it is not an error."""
        if not self._new:
            return
        draft = self._path.with_suffix(f".{os.getpid()}-{id(self)}.tmp")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_text(json.dumps(self._known, separators=(",", ":")))
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)

    def _stamp(self, file: str) -> Stamp:
        try:
            status = (self._root / file).stat()
        except OSError:
            return None, None, None
        return status.st_size, status.st_mtime_ns, status.st_ino

    def _read(self) -> dict[str, Entry]:
        try:
            return json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}


def clear() -> None:
    """Delete every record of every folder. Raises OSError."""
    for path in (paths.home() / "cache").rglob("*.json"):
        path.unlink(missing_ok=True)
