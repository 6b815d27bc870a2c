"""Near-duplicate hashes: the same clusters as comparing each with each, also where many are alike."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.cluster.hierarchy import DisjointSet

from core.data.dataset.near_duplicates import NEAR_BITS, clusters


def by_brute_force(hashes: list[int]) -> set[frozenset[int]]:
    """Sets of places, each compared with each."""
    together = DisjointSet(range(len(hashes)))
    for place, value in enumerate(hashes):
        for other in range(place):
            if (value ^ hashes[other]).bit_count() <= NEAR_BITS:
                together.merge(place, other)
    return {frozenset(own) for own in together.subsets()}


def found(hashes: list[int]) -> set[frozenset[int]]:
    numbers = clusters(np.array(hashes, dtype=np.uint64))
    return {frozenset(np.flatnonzero(numbers == number).tolist()) for number in range(numbers.max() + 1)}


def changed(rng: random.Random, value: int, count: int) -> int:
    """With so many bits turned round, which stand together as often as apart."""
    start = rng.randint(0, 64 - count)
    bits = rng.choice([rng.sample(range(64), count), range(start, start + count)])
    return value ^ sum(1 << bit for bit in bits)


@pytest.mark.parametrize("seed", range(10))
def test_what_brute_force_finds(seed: int):
    rng = random.Random(seed)
    hashes = [rng.getrandbits(64) for _ in range(60)]
    # On both sides of the limit.
    hashes += [changed(rng, value, rng.randint(0, NEAR_BITS + 3)) for value in hashes[:40]]
    rng.shuffle(hashes)
    expected = by_brute_force(hashes)
    assert found(hashes) == expected
    assert 60 <= len(expected) < 95


@pytest.mark.parametrize("bits", [2, NEAR_BITS, NEAR_BITS + 2, 9])
@pytest.mark.parametrize("seed", range(3))
def test_many_around_one_picture(seed: int, bits: int):
    rng = random.Random(seed)
    hashes = [changed(rng, 0x0F0F_3355_0000_FFFF, bits) for _ in range(300)]
    assert found(hashes) == by_brute_force(hashes)


@pytest.mark.parametrize("seed", range(3))
def test_dark_pictures_whose_hashes_hold_few_bits(seed: int):
    rng = random.Random(seed)
    hashes = [sum(1 << bit for bit in range(64) if rng.random() < 0.1) for _ in range(400)]
    expected = by_brute_force(hashes)
    assert found(hashes) == expected
    assert 1 < len(expected) < 400


def test_many_that_agree_in_half_their_bits_and_are_far_apart():
    # 32 bits of a code whose words differ in eight bits at least, beside 32 that are the same.
    words = [sum(byte << 8 * place for place in range(4)) for byte in range(256)]
    places = [bit for bit in range(64) if bit % 8 >= 4]
    spread = [sum(1 << places[bit] for bit in range(32) if word >> bit & 1) for word in words]
    assert found(spread) == by_brute_force(spread)


def test_a_chain_is_one_cluster():
    hashes = [(1 << length) - 1 for length in range(0, 65, NEAR_BITS)]
    assert found(hashes) == {frozenset(range(len(hashes)))}


def test_all_the_same_and_none():
    assert found([5] * 1000) == {frozenset(range(1000))}
    assert len(clusters(np.zeros(0, np.uint64))) == 0
