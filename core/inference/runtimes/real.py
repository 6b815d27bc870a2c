"""Whether a runtime decides as torch does on real photos: those that trainings have kept decoded on this machine."""

from __future__ import annotations

import time

import numpy as np

from core.data import cache
from core.inference.runtimes import agree
from core.inference.runtimes.kinds import Runtime
from core.networks.files import Trained

# A network is loaded in some seconds; this may add little to them.
_MOST, _SECONDS = 400, 0.3


def turned(trained: Trained, reference: Runtime, runtime: Runtime) -> tuple[int, int]:
    """On how many photos, as many as there is time for, and for how many of them the decision at the operating point
    is another than torch's. No label is used. For a runtime that agrees on the probes: torch, which is slow, looks
    only at those for which probabilities within LARGEST of each other can mean two decisions."""
    squares, point = cache.some(trained.preprocessing.image_size, _MOST), trained.operating_point
    rows: list[np.ndarray] = []
    ends = time.perf_counter() + _SECONDS
    while len(rows) < len(squares) and (not rows or time.perf_counter() < ends):
        rows.append(runtime.logits(squares[len(rows) : len(rows) + 1]))
    if not rows:
        return 0, 0
    says = agree.softmax(np.concatenate(rows), trained.temperature)
    near = np.flatnonzero(np.abs(says[:, agree.MASK] - point.threshold) <= agree.LARGEST)
    if not len(near):
        return len(rows), 0
    torch_says = agree.softmax(reference.logits(squares[near]), trained.temperature)
    return len(rows), round(agree.difference(torch_says, says[near], point).turned * len(near))
