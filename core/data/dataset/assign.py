"""Dealing groups of photos into parts so that each label comes as near to its shares as the groups allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from core.data.dataset.scan import Scan


def photos_per_label(scan: Scan, groups: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Photos per label of each group."""
    order = {label: index for index, label in enumerate(scan.labels)}
    sizes: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(order)))
    for photo in scan.photos:
        sizes[groups[photo.file]][order[photo.label]] += 1
    return sizes


def assign(sizes: dict[str, np.ndarray], shares: np.ndarray, seed: int) -> dict[str, int]:
    """The place in `shares` (k,), which add up to 1, that each group (photos per label, (labels,)) is sent to."""
    names = sorted(sizes)
    np.random.default_rng(seed).shuffle(names)
    # Large groups first: small ones then even out what the large ones left.
    names.sort(key=lambda name: -sizes[name].sum())
    # At least 1, because the groups that a fold leaves may lack a label: check_parts then says so.
    total = np.maximum(sum(sizes.values()), 1)
    target = shares[:, None] * total[None, :]
    have = np.zeros_like(target)
    chosen = {}
    for name in names:
        after = have + sizes[name]
        cost = (((after - target) / total) ** 2 - ((have - target) / total) ** 2).sum(axis=1)
        # Weighted by share, so that a small part is not filled before a large one has begun.
        part = int(np.argmin(cost / shares))
        have[part] += sizes[name]
        chosen[name] = part
    _fill_gaps(chosen, sizes, have)
    return chosen


def _fill_gaps(chosen: dict[str, int], sizes: dict[str, np.ndarray], have: np.ndarray) -> None:
    """Where a part lacks a label, move the smallest group there that its own part can spare, if there is one."""
    for part, label in np.argwhere(have == 0):
        holders = [name for name, size in sizes.items() if size[label]]
        spare = [name for name in holders if ((have[chosen[name]] > sizes[name]) | (sizes[name] == 0)).all()]
        if spare and not have[part, label]:
            name = min(spare, key=lambda name: (sizes[name].sum(), name))
            have[chosen[name]] -= sizes[name]
            have[part] += sizes[name]
            chosen[name] = int(part)
