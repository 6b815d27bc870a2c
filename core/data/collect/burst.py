"""A video of one person as a burst: a few pictures a second, those that the camera would have kept, no two alike."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image

from core.data.collect import incoming
from core.data.collect.imports import members
from core.data.collect.imports.members import Member
from core.data.collect.imports.names import Refusal
from core.data.dataset import inspect_file, near_duplicates
from core.data.images.decode import decode_bytes

SUFFIXES = (".mp4", ".webm", ".mov", ".avi")
LARGEST = 2_000_000_000
"""Bytes of a video."""
PER_SECOND = 4
"""Pictures that are judged, as many as the camera takes."""
MOST_MINUTES = 10
ALIKE = "nearly the same as another one"
# A file may give all its pictures the same time; real cameras take 240 a second at most.
_MOST_PICTURES = MOST_MINUTES * 60 * 240
_MOST_PIXELS = 40_000_000
_PIECE = 1_000_000
_HASHED_SIDE = 128


class Picture(NamedTuple):
    """One that was judged: its time in seconds, and the face as a JPEG's bytes or why it is left out."""

    at: float
    face: bytes
    left_out: str


class Burst(NamedTuple):
    """`expected` pictures to be judged, as far as the file says it, and these, one at a time."""

    expected: int
    pictures: Iterator[Picture]


@contextmanager
def opened(member: Member, scratch: Path) -> Iterator[Burst]:
    """A video's burst; one in a ZIP is unpacked into a nameless file in the folder `scratch`. Raises Refusal for what
    is no video or too long a one, also in the midst of it."""
    # PyAV takes a while to be imported, and most imports have no video.
    from core.data.images import video

    if member.refusal:
        raise Refusal(member.refusal)
    if member.size > LARGEST:
        raise Refusal(f"larger than {LARGEST / 1e9:.0f} GB: cut the video")
    try:
        with _on_disk(member, scratch) as file, video.opened(file) as container:
            length = video.seconds(container) or 0
            if length > MOST_MINUTES * 60:
                raise Refusal(_too_long(f"lasts {length / 60:,.0f} minutes"))
            yield Burst(max(0, int(length * PER_SECOND)) + 1, _pictures(container))
    except video.VideoError as error:
        raise Refusal(f"as a video {error}") from None


@contextmanager
def _on_disk(member: Member, scratch: Path) -> Iterator[IO[bytes]]:
    """The video as a file in which one can go back. Raises Refusal where it can't be read."""
    try:
        file = member.open()
    except Exception as error:
        raise Refusal(members.why(error)) from None
    with file:
        if hasattr(file, "raw"):
            yield file
            return
        try:
            copy = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
        except OSError as error:
            raise Refusal(members.why(error)) from None
        with copy:
            _unpack(file, copy)
            yield copy


def _unpack(file: IO[bytes], copy: IO[bytes]) -> None:
    size = 0
    try:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > LARGEST:
                raise Refusal(f"larger than {LARGEST / 1e9:.0f} GB: cut the video")
            copy.write(piece)
        copy.seek(0)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(members.why(error)) from None


def _pictures(container: Any) -> Iterator[Picture]:
    from core.data.images import video

    kept: list[int] = []
    due = 0.0
    for number, (at, picture) in enumerate(video.pictures(container)):
        if at > MOST_MINUTES * 60 or number >= _MOST_PICTURES:
            raise Refusal(_too_long("does not end"))
        if picture.width * picture.height > _MOST_PIXELS:
            raise Refusal(f"its pictures have more than {_MOST_PIXELS / 1e6:.0f} megapixels")
        if at < due:
            continue
        # By the clock, not from the last one: at 30 pictures a second every seventh or eighth is taken.
        due = (int(at * PER_SECOND + 1e-6) + 1) / PER_SECOND
        yield _judged(at, video.upright(picture), kept)


def _judged(at: float, rgb: np.ndarray, kept: list[int]) -> Picture:
    judged = incoming.judge(rgb)
    if judged.refused:
        return Picture(at, b"", judged.refused.partition(":")[0])
    own = _hash(decode_bytes(judged.face, _HASHED_SIDE))
    if any((own ^ other).bit_count() <= near_duplicates.NEAR_BITS for other in kept):
        return Picture(at, b"", ALIKE)
    kept.append(own)
    return Picture(at, judged.face, "")


def _hash(face: Image.Image) -> int:
    return int(inspect_file.phash(face), 16)


def _too_long(how: str) -> str:
    return f"{how}: at most {MOST_MINUTES} minutes of a video are read, so cut it"
