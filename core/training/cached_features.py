"""Cached augmented features: what a frozen network makes of a few augmented views of each photo, computed once for all
epochs and for all runs that differ only in what follows."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.data.cache import network_outputs as keeping
from core.data.dataset.torch_dataset import Batch
from core.schema.effects import Effect
from core.schema.train_config import TrainConfig, values_affecting
from core.store.files.atomic import replacing
from core.training.batches import Feed
from core.training.compute import Compute

_CHUNK = 64
# Raised when views are drawn or kept otherwise.
_RECORD = 3
_CHECK_BYTES, _READ_BYTES = 4, 1 << 24
Shown = Callable[[Batch, torch.Generator], torch.Tensor]


@dataclass(frozen=True)
class Views:
    """`features` float32 (K, n, width) of n photos with labels `target` int64 (n,)."""

    features: np.ndarray
    target: torch.Tensor

    def batch(self, places: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """(features (m, width), target (m,)) of the photos at these places, each in one of its views, at random."""
        view = torch.randint(len(self.features), (len(places),), generator=generator)
        return torch.from_numpy(self.features[view.numpy(), places.numpy()]), self.target[places]


def kept(
    compute: Compute, feed: Feed, config: TrainConfig, shown: Shown, step_done: Callable[[int, int], object]
) -> Views:
    """Read the views, or make them. `shown` draws a batch as training would; `step_done` is called with photos done
    and photos in all. Raises OSError where the disk is full."""
    count, total = config.kept_views, len(feed.photos)
    items, targets, digest = [], [], hashlib.blake2b(digest_size=16)
    for start in range(0, total, _CHUNK):
        batch = feed.batch(range(start, min(start + _CHUNK, total)))
        items += batch.items
        targets.append(batch.target)
        digest.update(batch.pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy().data)
    # The pixels say which photos train, the digest what the backbone is; how views are drawn, the settings alone say.
    drawn = values_affecting(config.model_copy(update={"views": count}), Effect.VIEWS)
    own = (_RECORD, compute.frozen_digest, compute.chosen.frozen, *drawn)
    digest.update(repr((own, feed.photos.preprocessing)).encode())
    if config.robust:
        # What is held before a face depends on its label.
        digest.update(torch.cat(targets).cpu().numpy().data)
    path = keeping.folder() / f"{digest.hexdigest()}{keeping.VIEWS}"
    if not _whole(path):
        _write(path, compute, feed, items, count, config.seed, shown, step_done)
    keeping.used(path)
    return Views(np.load(path, mmap_mode="r"), torch.cat(targets))


def _whole(path: Path) -> bool:
    """Whether the file ends in the checksum of what comes before it."""
    try:
        data = np.memmap(path, np.uint8, "r")
        check = 0
        for start in range(0, len(data) - _CHECK_BYTES, _READ_BYTES):
            check = zlib.crc32(data[start : min(start + _READ_BYTES, len(data) - _CHECK_BYTES)].data, check)
    except (OSError, ValueError):
        return False
    return len(data) > _CHECK_BYTES and check.to_bytes(_CHECK_BYTES) == data[-_CHECK_BYTES:].tobytes()


def _write(
    path: Path, compute: Compute, feed: Feed, items: list[int], count: int, seed: int, shown: Shown,
    step_done: Callable[[int, int], object],
) -> None:  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    compute.network.eval()
    with replacing(path) as draft, draft.open("wb") as file:
        check = 0
        for view in range(count):
            # Like an epoch's, but never the same as one's: epochs count from 1.
            generator = torch.Generator().manual_seed(2**40 + seed * 100_003 + view)
            for start in range(0, len(items), _CHUNK):
                chunk = items[start : start + _CHUNK]
                features = compute.features(shown(feed.batch(chunk), generator)).cpu().numpy()
                data = np.ascontiguousarray(features, dtype=np.float32).tobytes()
                if view == start == 0:
                    data = _header((count, len(items), features.shape[1])) + data
                file.write(data)
                check = zlib.crc32(data, check)
                step_done(view * len(items) + start + len(chunk), count * len(items))
        # numpy passes over what comes after the array.
        file.write(check.to_bytes(_CHECK_BYTES))
    keeping.forget_oldest(path)


def _header(shape: tuple[int, ...]) -> bytes:
    header, kind = io.BytesIO(), np.lib.format.dtype_to_descr(np.dtype(np.float32))
    np.lib.format.write_array_header_1_0(header, {"descr": kind, "fortran_order": False, "shape": shape})
    return header.getvalue()
