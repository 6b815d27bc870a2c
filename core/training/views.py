"""Kept views: what a frozen network makes of a few augmented views of each photo, computed once for all epochs and for
all runs that differ only in what follows."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.config import TrainConfig
from core.data.dataset import Batch
from core.training import kept as keeping
from core.training.compute import Compute
from core.training.feed import Feed

_CHUNK = 64
# Raised when views are drawn otherwise.
_RECORD = 1
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
    compute: Compute, feed: Feed, config: TrainConfig, shown: Shown, step_done: Callable[[int, int], None]
) -> Views:
    """Read the views, or make them. `shown` draws a batch as training would; `step_done` is called with photos done
    and photos in all. Raises OSError where the disk is full."""
    count, total = config.kept_views, len(feed.photos)
    items, targets, digest = [], [], hashlib.blake2b(digest_size=16)
    for start in range(0, total, _CHUNK):
        batch = feed.batch(range(start, min(start + _CHUNK, total)))
        items += batch.items
        targets.append(batch.target)
        digest.update(batch.pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy())
    own = (_RECORD, compute.frozen_digest, compute.chosen.frozen, config.augment, config.robust, config.seed, count)
    digest.update(repr((own, feed.photos.preprocessing)).encode())
    if config.robust:
        # What is held before a face depends on its label.
        digest.update(torch.cat(targets).cpu().numpy())
    path = keeping.folder() / f"{digest.hexdigest()}.npy"
    if not path.exists():
        _write(path, compute, feed, items, count, config.seed, shown, step_done)
    with contextlib.suppress(OSError):
        os.utime(path)
    return Views(np.load(path, mmap_mode="r"), torch.cat(targets))


def _write(
    path: Path, compute: Compute, feed: Feed, items: list[int], count: int, seed: int, shown: Shown,
    step_done: Callable[[int, int], None],
) -> None:  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    compute.network.eval()
    try:
        with draft.open("wb") as file:
            for view in range(count):
                # Like an epoch's, but never the same as one's: epochs count from 1.
                generator = torch.Generator().manual_seed(2**40 + seed * 100_003 + view)
                for start in range(0, len(items), _CHUNK):
                    chunk = items[start : start + _CHUNK]
                    features = compute.features(shown(feed.batch(chunk), generator)).cpu().numpy()
                    if view == start == 0:
                        _header(file, (count, len(items), features.shape[1]))
                    file.write(np.ascontiguousarray(features, dtype=np.float32))
                    step_done(view * len(items) + start + len(chunk), count * len(items))
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    keeping.forget_oldest(path)


def _header(file, shape: tuple[int, ...]) -> None:
    kind = np.lib.format.dtype_to_descr(np.dtype(np.float32))
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
