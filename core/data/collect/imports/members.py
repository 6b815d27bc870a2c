"""What is imported, file by file: the members of a ZIP or the files of a folder, each read only when its turn comes."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from core.data.collect.imports import names
from core.data.collect.imports.names import Refusal
from core.schema.errors import UserError

MOST_FILES, MOST_BYTES = 50_000, 5_000_000_000
LARGEST = 100_000_000
# Photos are packed already, and text seldom is 50 times smaller: what is smaller still, and large, is a bomb.
_MOST_RATIO, _SMALL = 200, 1_000_000
# A ZIP's list of 50,000 files, and of as many leftovers, takes a fifth of it. It is held in memory as a whole.
_LONGEST_PIECE = LARGEST + 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Member:
    """A file to import: its path as the archive or the browser gives it, unchecked, and its size in bytes, as far as
    known. `refusal`: why it must not be opened."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]
    refusal: str = ""


def read(member: Member, most: int = LARGEST) -> bytes:
    """Its content. Raises Refusal where it may not be read, can't be, or has more than `most` bytes, of which no more
    are read then."""
    if member.refusal:
        raise Refusal(member.refusal)
    try:
        with member.open() as file:
            data = file.read(most + 1) if member.size <= most else None
    except Exception as error:
        # Unpackers raise a dozen kinds of error for scrambled bytes; none may stop an import.
        raise Refusal(why(error)) from None
    if data is None or len(data) > most:
        raise Refusal(f"larger than {most / 1e6:,.0f} MB")
    return data


def why(error: Exception) -> str:
    """Why a file could not be read."""
    return f"can't be read: {getattr(error, 'strerror', None) or error or type(error).__name__}"


def of_zip(file: BinaryIO, name: str) -> list[Member]:
    """The files in a ZIP called `name`, which must stay open. Raises UserError for what is no ZIP, and for more files
    or more bytes than are imported at once."""
    try:
        archive = zipfile.ZipFile(_Wary(file))
    except Exception as error:
        why = str(error) if isinstance(error, Refusal) else "it is no ZIP, or its end is missing"
        raise UserError(f"{name} can't be unpacked ({why}): pack or send it again.") from None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    return _checked([Member(info.filename, info.file_size, partial(archive.open, info), _refusal(info))
                     for info in infos], name)  # fmt: skip


def of_folder(folder: Path) -> list[Member]:
    """The files in a folder and its sub-folders; no link is followed. Raises UserError as `of_zip` does, and for a
    missing folder."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}: check its path.")
    return _checked(list(_files(folder)), str(folder))


def of_file(path: Path) -> Member:
    """One file, called by its name. Raises UserError where it can't be read."""
    try:
        return Member(path.name, path.stat().st_size, partial(_open, path))
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}): check its path.") from None


def _files(folder: Path) -> Iterator[Member]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        linked = [each for each in folders if os.path.islink(os.path.join(place, each))]
        for each in sorted(files + linked):
            path = Path(place, each)
            state = path.lstat()
            refusal = "" if stat.S_ISREG(state.st_mode) else names.NO_FILE
            yield Member(path.relative_to(folder).as_posix(), state.st_size, partial(_open, path), refusal)


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _checked(members: list[Member], name: str) -> list[Member]:
    wanted = [member for member in members if not names.is_leftover(member.path)]
    if len(wanted) > MOST_FILES:
        raise UserError(
            f"{name} holds {len(wanted):,} files; at most {MOST_FILES:,} are imported at once: import it in parts."
        )
    size = sum(member.size for member in wanted)
    if size > MOST_BYTES:
        raise UserError(
            f"{name} holds {size / 1e9:,.1f} GB unpacked; at most {MOST_BYTES / 1e9:.0f} GB are imported at once: "
            "import it in parts."
        )
    return members


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why a member of a ZIP must not be unpacked, or nothing."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return names.NO_FILE
    if info.flag_bits & _ENCRYPTED:
        return "encrypted: unpack it with its password first"
    if info.compress_type not in _METHODS:
        return "packed by a method that is not read: pack it as a plain ZIP"
    if info.file_size > _SMALL and info.file_size > _MOST_RATIO * info.compress_size:
        return f"more than {_MOST_RATIO} times larger than its packed bytes: a decompression bomb"
    return ""


class _Wary(io.RawIOBase):
    """A file of which no more than a photo, or the list of a ZIP's files, is read at once, whatever it claims."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LONGEST_PIECE:
            raise Refusal("too much in one piece")
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
