"""Which of many 64-bit hashes are nearly the same, without comparing each with each."""

from __future__ import annotations

from itertools import combinations

import numpy as np

# Two 64-bit perceptual hashes this close are the same picture, resized, recompressed or lightly edited.
NEAR_BITS = 4
_BANDS = 2 * NEAR_BITS
# Larger buckets are searched from one hash to the next, which takes whole heaps of near ones away at once.
_SMALL = 32


def clusters(hashes: np.ndarray) -> np.ndarray:
    """The number of its cluster, from 0, for each hash (n,) of uint64: two hashes within NEAR_BITS are in one cluster,
    and so are those joined over several such steps.

    Multi-index hashing (Norouzi et al., CVPR 2012): of eight bands of eight bits, two hashes that differ in at most
    four bits agree whole in at least four, so only those are compared that agree in one of 70 choices of four bands.
    Sorting is what takes most of the time: 70 n log n. The worst case is m different hashes that agree in the same 32
    bits and yet are far from each other: m^2 / 2 words are compared, m at a time.
    """
    if not len(hashes):
        return np.zeros(0, int)
    different, place = np.unique(hashes, return_inverse=True)
    cluster = np.arange(len(different))
    for mask in _masks():
        pairs = _pairs(different, cluster, mask)
        if len(pairs):
            cluster = joined(cluster[pairs[:, 0]], cluster[pairs[:, 1]], len(different))[cluster]
    return np.unique(cluster, return_inverse=True)[1][place]


def joined(first: np.ndarray, second: np.ndarray, nodes: int) -> np.ndarray:
    """The number of its component for each of so many nodes, which pairs (m,), (m,) connect."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(nodes, nodes))
    return connected_components(graph, directed=False)[1]


def _masks() -> list[np.uint64]:
    # Every eighth bit, because bits that stand together are alike: those of fine structure in all soft photos.
    bands = [sum(1 << bit for bit in range(band, 64, _BANDS)) for band in range(_BANDS)]
    return [np.uint64(sum(chosen)) for chosen in combinations(bands, _BANDS - NEAR_BITS)]


def _pairs(hashes: np.ndarray, cluster: np.ndarray, mask: np.uint64) -> np.ndarray:
    """Pairs (m, 2) of places in `hashes` that agree under the mask, are near, and are not in one cluster yet; not all
    of them, but enough to connect what they connect."""
    key = hashes & mask
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    sizes = np.diff(starts, append=len(key))
    own = cluster[order]
    mixed = np.minimum.reduceat(own, starts) != np.maximum.reduceat(own, starts)
    small, large = mixed & (sizes <= _SMALL), mixed & (sizes > _SMALL)
    ends, first = np.repeat(starts + sizes, sizes), np.flatnonzero(np.repeat(small, sizes))
    found = [_in_small(hashes, cluster, order, ends, first)]
    found += [
        _in_large(hashes, order[start : start + size]) for start, size in zip(starts[large], sizes[large], strict=True)
    ]
    return np.concatenate(found)


def _in_small(
    hashes: np.ndarray, cluster: np.ndarray, order: np.ndarray, end: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """All pairs of places in small buckets: `order` (n,) sorts by bucket, `end` (n,) is where each one's bucket ends
    and `first` are places in that order."""
    found, step = [np.zeros((0, 2), int)], 1
    while len(first := first[first + step < end[first]]):
        a, b = order[first], order[first + step]
        near = (np.bitwise_count(hashes[a] ^ hashes[b]) <= NEAR_BITS) & (cluster[a] != cluster[b])
        found.append(np.stack([a[near], b[near]], axis=1))
        step += 1
    return np.concatenate(found)


def _in_large(hashes: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Enough pairs to connect a bucket: from each hash to those near it that were not reached before."""
    found, left = [np.zeros((0, 2), int)], members
    reached: list[int] = []
    while len(left):
        if not reached:
            reached, left = [int(left[0])], left[1:]
        start = reached.pop()
        near = np.bitwise_count(hashes[left] ^ hashes[start]) <= NEAR_BITS
        if near.any():
            new, left = left[near], left[~near]
            found.append(np.stack([np.full(len(new), start), new], axis=1))
            reached.extend(new.tolist())
    return np.concatenate(found)
