"""Photos decoded once: their resized inputs on disk, shared by all processes, found by content and size.

Losing any of it costs time alone. Where the disk is full or may not be written, resized inputs are kept in memory
instead.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from filelock import FileLock

from core.data.cache import segments
from core.data.cache.key_value_log import ENTRY, KeyValueLog, digest
from core.data.cache.segments import Segment
from core.data.images import decode
from core.data.images.decode import PhotoError
from core.data.images.preprocessing import Preprocessing
from core.store import paths

# All sizes together; less where that would be over a quarter of the free disk.
LIMIT_BYTES = 8 << 30
SEGMENT_BYTES = 512 << 20
# Of resized inputs that the disk did not take, in each process.
MEMORY_BYTES = 1 << 30
_NAMES_BYTES = 64 << 20
# Raised when a photo's resized input changes, so that an old one is not taken for a new one.
_SQUARE = 2
_CHUNK = 32
_LOCK_SECONDS = 60
# A file changed within this time may change again without a new time: file systems count in steps.
_SETTLED_NS = 2_000_000_000
_NUMBER_BITS = 32


@dataclass(frozen=True)
class _Look:
    """A photo's content and where its resized input is, or else the resized input; `name` where that is worth
    noting."""

    name: bytes | None
    content: bytes
    where: int | None
    square: np.ndarray | None = None


class SquareCache:
    """The resized inputs of one size, as `Preprocessing.pixels` makes them: uint8 (S, S, 3). For one thread at a
    time."""

    def __init__(self, image_size: int, workers: int | None = None) -> None:
        self._preprocessing, self._workers = Preprocessing(image_size), workers
        self._folder = folder() / f"{image_size}-{_SQUARE}-{PIL.__version__}"
        self._names = KeyValueLog(folder() / "names")
        self._blocks: list[Segment | np.ndarray] = []
        self._on_disk, self._memory = True, MEMORY_BYTES

    def locate(self, files: Sequence[Path]) -> Iterator[int | np.ndarray | PhotoError]:
        """For each photo, in order, where `take` finds its resized input; decodes those not kept yet, in threads.

        The resized input itself where it could not be kept, and the reason where the photo is refused.
        """
        self._read()
        with ThreadPoolExecutor(self._workers) as pool:
            for start in range(0, len(files), _CHUNK):
                looks = list(pool.map(self._look, files[start : start + _CHUNK]))
                kept = self._keep([look for look in looks if isinstance(look, _Look)])
                for look in looks:
                    yield look if isinstance(look, PhotoError) else _answer(look, kept)

    def take(self, where: np.ndarray) -> np.ndarray:
        """Copies of the resized inputs at these places, int64 (N,): uint8 (N, S, S, 3)."""
        block, number = where >> _NUMBER_BITS, where & ((1 << _NUMBER_BITS) - 1)
        blocks = np.unique(block)
        if len(blocks) == 1:
            return self._squares(blocks[0]).take(number, axis=0)
        size = self._preprocessing.image_size
        squares = np.empty((len(where), size, size, 3), np.uint8)
        for one in blocks:
            own = np.flatnonzero(block == one)
            squares[own] = self._squares(one)[number[own]]
        return squares

    def _squares(self, block: int) -> np.ndarray:
        found = self._blocks[block]
        return found.squares if isinstance(found, Segment) else found

    def _look(self, path: Path) -> _Look | PhotoError:
        try:
            name, settled = _stamp(path)
            _, content = self._names.known.get(name, (0, b""))
            where = self._find(content)
            if where is not None:
                return _Look(None, content, where)
            data = decode.read(path)
            content = digest(data)
            where = self._find(content)
            return _Look(name if settled else None, content, where, None if where is not None else self._decode(data))
        except PhotoError as error:
            return error

    def _decode(self, data: bytes) -> np.ndarray:
        # At twice the side, the resize still has what it averages over: the resized input is the whole photo's.
        image = decode.decode_bytes(data, wanted_side=2 * self._preprocessing.image_size)
        return self._preprocessing.pixels(image)

    def _find(self, content: bytes) -> int | None:
        for block, own in enumerate(self._blocks):
            if isinstance(own, Segment) and (number := own.find(content)) is not None:
                return _place(block, number)
        return None

    def _keep(self, looks: Sequence[_Look]) -> dict[bytes, int]:
        """Note names and keep resized inputs; returns content -> where for what is kept now."""
        names = {look.name: look.content for look in looks if look.name}
        new = {look.content: look.square for look in looks if look.square is not None}
        if self._on_disk and (names or new):
            try:
                with _lock():
                    self._read_all()
                    self._note(names)
                    return self._append(new)
            except OSError:
                self._on_disk = False
        return self._remember(new)

    def _note(self, names: dict[bytes, bytes]) -> None:
        if self._names.entries * ENTRY > _NAMES_BYTES:
            self._names.path.unlink(missing_ok=True)
            self._names = KeyValueLog(self._names.path)
        self._names.append(item for item in names.items() if item[0] not in self._names.known)

    def _append(self, new: dict[bytes, np.ndarray]) -> dict[bytes, int]:
        # Another process may have kept some of them meanwhile.
        found = {content: where for content in new if (where := self._find(content)) is not None}
        rest = {content: square for content, square in new.items() if content not in found}
        if not rest:
            return found
        used = {own.path for own in self._blocks if isinstance(own, Segment) and own.used}
        if not _make_room(sum(square.nbytes for square in rest.values()), used):
            return found | self._remember(rest)
        block, own = self._open_segment()
        return found | {content: _place(block, number) for content, number in own.append(rest).items()}

    def _open_segment(self) -> tuple[int, Segment]:
        for block, own in enumerate(self._blocks):
            if isinstance(own, Segment) and own.takes(SEGMENT_BYTES):
                return block, own
        own = Segment(self._folder / f"{uuid.uuid4().hex}{segments.SUFFIX}", self._preprocessing.image_size)
        self._blocks.append(own)
        return len(self._blocks) - 1, own

    def _remember(self, new: dict[bytes, np.ndarray]) -> dict[bytes, int]:
        room = sum(square.nbytes for square in new.values())
        if not new or room > self._memory:
            return {}
        self._memory -= room
        self._blocks.append(np.stack(list(new.values())))
        return {content: _place(len(self._blocks) - 1, number) for number, content in enumerate(new)}

    def _read(self) -> None:
        try:
            with _lock():
                self._read_all()
        except OSError:
            self._on_disk = False

    def _read_all(self) -> None:
        self._folder.mkdir(exist_ok=True)
        self._names.read()
        known = {own.path for own in self._blocks if isinstance(own, Segment)}
        for path in sorted(set(self._folder.glob(f"*{segments.SUFFIX}")) - known):
            self._blocks.append(Segment(path, self._preprocessing.image_size))
        for own in self._blocks:
            if isinstance(own, Segment):
                own.read()


def some(image_size: int, most: int) -> np.ndarray:
    """Squares of photos that were trained or measured on here, whichever they are, drawn at random (always the same)
    from all that are kept: uint8 (n, S, S, 3), none where none is kept."""
    own = SquareCache(image_size)
    if folder().exists():
        own._read()
    places = [_place(block, number) for block in range(len(own._blocks)) for number in range(len(own._squares(block)))]
    drawn = np.random.default_rng(0).permutation(np.array(places, np.int64))[:most]
    return own.take(drawn)


def folder() -> Path:
    """Where decoded photos are kept."""
    return paths.home() / "cache" / "photos"


def size() -> int:
    """Bytes on disk."""
    return sum(_bytes(path) for path in _files())


def limit() -> int:
    """Bytes that may be on disk: LIMIT_BYTES, or a quarter of what is free without them."""
    return min(LIMIT_BYTES, (shutil.disk_usage(folder()).free + size()) // 4)


def words() -> str:
    """How much is on disk, and how much may be."""
    folder().mkdir(parents=True, exist_ok=True)
    return f"{size() / 1e6:,.0f} MB of {limit() / 1e6:,.0f} MB at most"


def clear() -> None:
    """Delete all of it; a training at work keeps what it has mapped. Raises OSError."""
    with _lock():
        for path in _files():
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    folder().mkdir(parents=True, exist_ok=True)
    with FileLock(folder() / ".lock", timeout=_LOCK_SECONDS):
        yield


def _files() -> Iterable[Path]:
    return [path for path in folder().rglob("*") if path.is_file() and path.name != ".lock"]


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _make_room(wanted: int, used: set[Path]) -> bool:
    """Delete the files of resized inputs that were not used for longest, but none of `used`, until so many bytes
    fit."""
    room = limit() - size()
    others = set(folder().glob(f"*/*{segments.SUFFIX}")) - used
    for path in sorted(others, key=segments.last_used):
        if wanted <= room:
            break
        segments.delete(path)
        room = limit() - size()
    return wanted <= room


def _stamp(path: Path) -> tuple[bytes, bool]:
    """What tells a file from every other and from itself changed, and whether its last change is long enough ago."""
    try:
        status = path.stat()
    except OSError:
        # Reading it says why.
        return b"", False
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    parts = (path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    name = digest(repr(tuple(map(str, parts))).encode())
    return name, time.time_ns() - changed > _SETTLED_NS


def _answer(look: _Look, kept: dict[bytes, int]) -> int | np.ndarray:
    if look.where is not None:
        return look.where
    found = kept.get(look.content, look.square)
    assert found is not None
    return found


def _place(block: int, number: int) -> int:
    return block << _NUMBER_BITS | number
