"""What lies on disk of a dataset's map by a network: each photo's features and its place, by the photo's digest. Needs
no torch."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data.cache import network_outputs
from core.networks import pretrained
from core.schema.errors import UserError
from core.schema.train_config import IMAGENET
from core.store.files.atomic import replacing

# Raised when features or places are computed otherwise, so that an old record is not read as a new one.
_RECORD = 1
LEAST = 10
"""Of fewer photos a t-SNE shows nothing."""
MOST = 20_000
"""Of more photos some are drawn: those whose digests come first, which is as good as at random."""


def wanted(digests: Mapping[str, str]) -> list[str]:
    """Which of the photos (file -> digest) are on a map: their digests, each once, in the order of the map."""
    return sorted(set(digests.values()))[:MOST]


def places(root: Path, network: str) -> dict[str, tuple[float, float]]:
    """Digest -> place (x, y), each in 0..1, of the map as it was drawn last; empty where there is none. Raises
    UserError where the network is gone."""
    path = _path(root, network, "map")
    found = _read(path)
    network_outputs.used(path)
    return {digest: (float(x), float(y)) for digest, (x, y) in found.items()}


def put_places(root: Path, network: str, found: Mapping[str, np.ndarray]) -> None:
    """Keep a map: digest -> place (2,). Raises OSError, and UserError where the network is gone."""
    _write(_path(root, network, "map"), found)


def features(root: Path, network: str) -> dict[str, np.ndarray]:
    """Digest -> features, float16 (d,), of photos that went through the network before. Raises UserError where the
    network is gone."""
    return _read(_path(root, network, "features"))


def put_features(root: Path, network: str, found: Mapping[str, np.ndarray]) -> None:
    """Keep features. They only save time: a full disk is not an error. Raises UserError where the network is gone."""
    with contextlib.suppress(OSError):
        _write(_path(root, network, "features"), found)


def _path(root: Path, network: str, what: str) -> Path:
    """By the content of the network, so that one that is trained anew under its name has a map of its own."""
    content = IMAGENET
    if network != IMAGENET:
        file = pretrained.trained_file(network)
        try:
            status = file.stat()
            content = _digest(file, status.st_mtime_ns, status.st_size)
        except OSError as error:
            raise UserError(f"{file} can't be read ({error.strerror}): choose another network.") from None
    key = hashlib.blake2b(f"{_RECORD} {content} {root.resolve()}".encode(), digest_size=12).hexdigest()
    return network_outputs.folder() / f"{what}-{key}{network_outputs.VECTORS}"


@lru_cache(maxsize=32)
def _digest(file: Path, changed_ns: int, size: int) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as record:
            digests, values = record["digests"].tolist(), record["values"]
        return dict(zip(digests, values, strict=True))
    except Exception:
        # A damaged archive raises a dozen kinds of error; each of its members has a checksum.
        return {}


def _write(path: Path, found: Mapping[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(file, digests=np.array(list(found)), values=np.stack(list(found.values())))
    network_outputs.forget_oldest(path)
