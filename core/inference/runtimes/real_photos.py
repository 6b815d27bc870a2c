"""Whether a runtime decides as torch does on real photos: those that trainings have kept decoded on this machine."""

from __future__ import annotations

import time

import numpy as np

from core.data.cache import resized_images
from core.inference.runtimes import agreement
from core.inference.runtimes.kinds import Runtime
from core.networks.checkpoint import Trained

# A network is loaded in some seconds; this may add little to them.
_MOST, _SECONDS = 400, 0.3


def turned(trained: Trained, reference: Runtime, runtime: Runtime) -> tuple[int, int]:
    """On how many photos, as many as there is time for, and for how many of them the decision at the operating point
    is another than torch's. No label is used. For a runtime that agrees on the probes: torch, which is slow, looks
    only at those for which probabilities within LARGEST of each other can mean two decisions."""
    squares, point = resized_images.some(trained.preprocessing.image_size, _MOST), trained.operating_point
    rows: list[np.ndarray] = []
    ends = time.perf_counter() + _SECONDS
    while len(rows) < len(squares) and (not rows or time.perf_counter() < ends):
        rows.append(runtime.logits(squares[len(rows) : len(rows) + 1]))
    if not rows:
        return 0, 0
    says = agreement.softmax(np.concatenate(rows), trained.temperature)
    near = np.flatnonzero(np.abs(says[:, agreement.MASK] - point.threshold) <= agreement.LARGEST)
    if not len(near):
        return len(rows), 0
    torch_says = agreement.softmax(reference.logits(squares[near]), trained.temperature)
    return len(rows), round(agreement.difference(torch_says, says[near], point).turned * len(near))
