"""What an ImageNet network sees in photos, as one vector per photo; kept with other features by file size and time."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from core.data.cache import network_outputs
from core.data.dataset.scan import Progress
from core.data.images.decode import PhotoError, decode
from core.data.images.preprocessing import Preprocessing
from core.networks.backbone.stages import stages
from core.networks.build import build
from core.schema.train_config import TrainConfig
from core.store.files.atomic import replacing

# The default network with ImageNet weights, at the size that most trainings use.
CONFIG = TrainConfig(dataset="-", image_size=160)
ROWS = CONFIG.image_size // 32
"""Of the network's last map: neighbouring numbers of a vector are one channel's, from the top row down."""
# Raised when what is computed changes, so that an old record is not read as a new one.
_RECORD = 1
_BATCH = 64
Stamp = tuple[int, int]
Known = dict[str, tuple[Stamp, np.ndarray]]


def find(root: Path, files: Sequence[str], progress: Progress | None = None) -> dict[str, np.ndarray]:
    """The network's last features of each photo (paths relative to `root`), averaged along each row of its map but
    not down it, because the labels differ in how high a mask sits: float16 (6400,). A damaged or
    missing photo has none. What was found is kept even when this is interrupted.

    Raises UserError when the ImageNet weights are wanted and unavailable.
    """
    root = root.expanduser().resolve()
    record = _path(root)
    known = {file: entry for file, entry in _read(record).items() if entry[0] == _stamp(root / file)}
    new = [file for file in files if file not in known]
    if new:
        try:
            for done, found in _look(root, new):
                known |= found
                if progress:
                    progress(len(files) - len(new) + done, len(files))
        finally:
            _write(record, known)
    return {file: known[file][1] for file in files if file in known}


def _look(root: Path, files: Sequence[str]) -> Iterator[tuple[int, Known]]:
    """After each batch: how many of the files are done, and what was found in this batch."""
    network, preprocessing = _trunk(), Preprocessing(CONFIG.image_size)

    def load(file: str) -> tuple[str, Stamp | None, np.ndarray | None]:
        stamp = _stamp(root / file)
        try:
            return file, stamp, preprocessing.square(decode(root / file, wanted_side=CONFIG.image_size))
        except PhotoError:
            return file, stamp, None

    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), _BATCH):
            loaded = [
                (file, stamp, pixels)
                for file, stamp, pixels in pool.map(load, files[start : start + _BATCH])
                if stamp is not None and pixels is not None
            ]
            vectors = _vectors(network, preprocessing, [pixels for _, _, pixels in loaded])
            found = {file: (stamp, vector) for (file, stamp, _), vector in zip(loaded, vectors, strict=True)}
            yield min(start + _BATCH, len(files)), found


@torch.inference_mode()
def _vectors(network: nn.Module, preprocessing: Preprocessing, pixels: Sequence[np.ndarray]) -> np.ndarray:
    if not pixels:
        return np.zeros((0, 0), np.float16)
    maps = network(preprocessing.normalise(torch.from_numpy(np.stack(pixels))))
    return maps.mean(dim=3).flatten(1).to(torch.float16).numpy()


def _trunk() -> nn.Module:
    """The convolutions alone, each with its BatchNorm worked into its weights: about twice as fast on a CPU."""
    network = build(CONFIG, classes=2).eval()
    chain, last = stages(network), network.get_submodule(CONFIG.spec.gradcam)
    trunk = nn.Sequential(*chain[: chain.index(last) + 1])
    for block in [part for part in trunk.modules() if isinstance(part, nn.Sequential)]:
        for index in range(len(block) - 1):
            convolution, norm = block[index], block[index + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[index] = fuse_conv_bn_eval(convolution, norm)
                block[index + 1] = nn.Identity()
    return trunk.to(memory_format=torch.channels_last)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _path(root: Path) -> Path:
    key = hashlib.blake2b(f"{_RECORD} {root}".encode(), digest_size=8).hexdigest()
    return network_outputs.folder() / f"{key}{network_outputs.VECTORS}"


def _read(path: Path) -> Known:
    try:
        with np.load(path) as record:
            files, stamps, vectors = record["files"], record["stamps"], record["vectors"]
    except Exception:
        # A damaged archive raises a dozen kinds of error; each of its members has a checksum.
        return {}
    network_outputs.used(path)
    rows = zip(files.tolist(), stamps.tolist(), vectors, strict=True)
    return {file: ((size, time), vector) for file, (size, time), vector in rows}


def _write(path: Path, known: Known) -> None:
    if not known:
        return
    stamps, vectors = zip(*known.values(), strict=True)
    # The record only saves time: a full disk must not keep anyone from their photos.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, draft.open("wb") as file:
            np.savez(file, files=np.array(list(known)), stamps=np.array(stamps), vectors=np.stack(vectors))
        network_outputs.forget_oldest(path)
