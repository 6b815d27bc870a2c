"""What a file that is imported may be, by its name."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import PurePosixPath

from core.data.collect import burst
from core.data.collect.imports.annotations import SUFFIXES as BESIDE
from core.data.collect.imports.names import Parts, Refusal
from core.data.images import decode

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")


class Kind(Enum):
    """A photo, a video, or what may say something of a photo."""

    PHOTO = auto()
    VIDEO = auto()
    BESIDE = auto()


SUFFIXES = {suffix: kind for kind, own in (
    (Kind.PHOTO, decode.SUFFIXES), (Kind.VIDEO, burst.SUFFIXES), (Kind.BESIDE, BESIDE),
) for suffix in own}  # fmt: skip


def kind(parts: Parts) -> Kind:
    """The kind of a file. Raises Refusal for any other."""
    suffix = PurePosixPath(parts[-1]).suffix.lower()
    if suffix in _ARCHIVES:
        raise Refusal("an archive in the import: unpack it, and import what it holds")
    if suffix not in SUFFIXES:
        raise Refusal("not a JPEG, PNG, WebP or BMP picture, nor an MP4, WebM, MOV or AVI video by its name")
    return SUFFIXES[suffix]
