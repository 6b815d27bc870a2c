"""What one window of a browser sends: pieces are appended to files, so that they take no memory, and each file goes on
where it broke off. Nothing that a browser says is trusted."""

from __future__ import annotations

import io
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.data.collect.imports import members
from core.data.collect.imports.members import Member
from core.data.collect.staging import offered, place
from core.data.collect.staging.offered import Offered
from core.schema.errors import UserError

MOST_PIECE = 8_000_000
"""Bytes that are sent at once."""
MOST_CHECKED = 64_000_000
"""Bytes of which digests are told at once."""
_NAME = re.compile(r"[0-9a-f]{32}")
# Files of the system are offered too, and counted.
_MOST_OFFERED = 4 * members.MOST_FILES
# So that there is room for tables, and for saying what is wrong.
_ROOM = 100_000_000
_READ = 1_000_000


class Part(NamedTuple):
    """Bytes of the file of that number, from `start` on."""

    number: int
    start: int
    length: int


# Of a file's number, how many bytes of it are there.
Have = list[tuple[int, int]]


@dataclass
class Staged:
    """What a window sends for the dataset at `root` under a name of its own; both names have 32 hexadecimal digits.
    `listed`: whether all its files are offered."""

    root: Path
    name: str
    window: str
    files: list[Offered] = field(default_factory=list)
    listed: bool = False
    _have: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _NAME.fullmatch(self.window):
            raise UserError("The browser gave no name to what it sends: load the page anew.")

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self.root / place.FOLDER / self.name

    @property
    def complete(self) -> bool:
        """Whether all files are there."""
        return self.listed and bool(self.files) and not any(self._missing())

    def claim(self) -> None:
        """Keep other windows from sending under this name for a while. Raises BusyError where one does."""
        place.claim(self.folder, self.window)

    def offer(self, files: Sequence[tuple[str, int]], last: bool) -> tuple[Have, list[int]]:
        """Some more files (path, size in bytes): what of them is there already, and the numbers of those that need not
        be sent. Raises UserError for more than is imported at once, and where there is no room."""
        first = len(self.files)
        self.files += [offered.look(path, size) for path, size in files]
        wanted = [file.size for file in self.files if not file.refusal]
        if len(wanted) > members.MOST_FILES or len(self.files) > _MOST_OFFERED:
            raise UserError(f"These are more than {members.MOST_FILES:,} photos: upload them in parts.")
        if sum(wanted) > members.MOST_BYTES:
            raise UserError(f"These are more than {members.MOST_BYTES / 1e9:.0f} GB: upload them in parts.")
        self._have += [self._size(file) for file in self.files[first:]]
        if last:
            self._check_room()
        self.listed = last
        new = list(enumerate(self.files))[first:]
        have = [(number, self._have[number]) for number, file in new if self._have[number] and not file.refusal]
        return have, [number for number, file in new if file.refusal]

    def digests(self, parts: Sequence[Part]) -> list[int]:
        """The CRC-32 of each part; -1 for what is not there. Raises UserError for more than MOST_CHECKED bytes."""
        if sum(part.length for part in parts) > MOST_CHECKED:
            raise UserError("The browser asks for too much at once: load the page anew.")
        return [self._digest(part) for part in parts]

    def begin_anew(self, numbers: Sequence[int]) -> None:
        """Delete what is there of these files: it is of others that had their names. Raises UserError."""
        with place.told(self.root):
            for number in numbers:
                if self._is_known(Part(number, 0, 0)):
                    self._path(number).unlink(missing_ok=True)
                    self._have[number] = 0

    def append(self, parts: Sequence[Part], data: bytes | bytearray) -> Have:
        """Append a piece that is made of these parts. One that does not begin where its file ends is passed over: what
        is there of its file is returned. Raises UserError for what is no such piece, and where it can't be written:
        what was there stays."""
        if len(data) > MOST_PIECE or sum(part.length for part in parts) != len(data):
            raise UserError("A piece of the files was damaged on its way: send it again.")
        astray, view = [], memoryview(data)
        with place.told(self.root):
            os.utime(place.make(self.root, self.name))
            for part in parts:
                if not self._append(part, view[: part.length]):
                    astray.append((part.number, self._have[part.number]))
                view = view[part.length :]
        return astray

    def batches(self) -> Iterator[list[Member]]:
        """Each ZIP by itself, and all other files together: those may speak of each other. Raises UserError for a ZIP
        that can't be read, and where files are gone."""
        self._have = [self._size(file) for file in self.files]
        if not self.complete:
            raise UserError(
                "What was sent is no longer there: another window has imported or discarded it, or somebody was "
                "forgotten meanwhile. Press Discard, and choose the files again."
            )
        if others := [number for number, file in enumerate(self.files) if not file.packed]:
            yield [self._member(number) for number in others]
        for number, file in enumerate(self.files):
            if file.packed:
                with place.told(self.root), self._open(number) as archive:
                    yield members.of_zip(archive, file.path)

    def remove(self) -> None:
        """Delete all of it."""
        place.remove(self.folder)
        self.files, self._have, self.listed = [], [], False

    def _missing(self) -> Iterator[int]:
        return (file.size - have for file, have in zip(self.files, self._have, strict=True))

    def _check_room(self) -> None:
        with place.told(self.root):
            missing, free = sum(self._missing()), shutil.disk_usage(self.root).free
        if missing > max(0, free - _ROOM):
            raise UserError(
                f"There is no room for these files: {missing / 1e9:,.1f} GB are to come, and {free / 1e9:,.1f} GB are "
                f"free where {self.root} is. Free some space, then go on."
            )

    def _path(self, number: int) -> Path:
        return self.folder / self.files[number].place

    def _size(self, file: Offered) -> int:
        """How many of its bytes are there; all of them where it need not be sent."""
        if file.refusal:
            return file.size
        try:
            return os.lstat(self.folder / file.place).st_size
        except OSError:
            return 0

    def _digest(self, part: Part) -> int:
        if not self._is_known(part):
            return -1
        digest, left = 0, part.length
        try:
            with self._open(part.number) as file:
                file.seek(part.start)
                while left and (data := file.read(min(left, _READ))):
                    digest, left = zlib.crc32(data, digest), left - len(data)
        except OSError:
            return -1
        return -1 if left else digest

    def _append(self, part: Part, piece: memoryview) -> bool:
        """Whether it began where its file ends. Raises UserError for a part of no file that is wanted, and OSError."""
        if not self._is_known(part):
            raise UserError("The browser sent a piece of no file that it named: load the page anew.")
        descriptor = os.open(self._path(part.number), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb", buffering=0) as file:
            fits = file.seek(0, os.SEEK_END) == part.start
            try:
                while fits and piece:
                    piece = piece[file.write(piece) :]
            finally:
                self._have[part.number] = file.tell()
        return fits

    def _is_known(self, part: Part) -> bool:
        """Whether it lies within a file that is wanted."""
        number, start, length = part
        if not 0 <= number < len(self.files) or self.files[number].refusal:
            return False
        return start >= 0 and length >= 0 and start + length <= self.files[number].size

    def _member(self, number: int) -> Member:
        file = self.files[number]
        return Member(file.path, file.size, partial(self._open, number), file.refusal)

    def _open(self, number: int) -> BinaryIO:
        # Of an empty file no piece came.
        return self._path(number).open("rb") if self.files[number].size else io.BytesIO()
