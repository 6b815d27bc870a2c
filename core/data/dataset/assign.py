"""Dealing groups of photos into parts so that each label, and each source's photos of it, come as near to their shares
as the groups allow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from core.data.collect import sources
from core.data.dataset.scan import Scan
from core.schema.errors import UserError
from core.schema.labels import Label

_LEAST_GROUPS = 10


def photos_per_label(scan: Scan, groups: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Photos per label of each group."""
    order = {label: index for index, label in enumerate(scan.labels)}
    sizes: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(order)))
    for photo in scan.photos:
        sizes[groups[photo.file]][order[photo.label]] += 1
    return sizes


def strata(scan: Scan, groups: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Photos of each group per label and, behind them, per source and label. A source has such a number where its
    photos of the label are of _LEAST_GROUPS groups: of fewer, parts can't have their shares, and would all be sent to
    the largest. Without several sources, and where sources.csv can't be understood, there are labels alone."""
    sizes, told = photos_per_label(scan, groups), {}
    with suppress(UserError):
        told = sources.of_photos(scan)
    if len(set(told.values())) < 2:
        return sizes
    own: dict[tuple[str, Label], Counter[str]] = defaultdict(Counter)
    for photo in scan.photos:
        own[told[photo.file], photo.label][groups[photo.file]] += 1
    dealt = [own[key] for key in sorted(own) if len(own[key]) >= _LEAST_GROUPS]
    return {name: np.append(size, [counts[name] for counts in dealt]) for name, size in sizes.items()}


def assign(sizes: dict[str, np.ndarray], shares: np.ndarray, seed: int) -> dict[str, int]:
    """The place in `shares` (k,), which add up to 1, that each group (photos per stratum, (strata,)) is sent to."""
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
