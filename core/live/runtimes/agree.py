"""Whether a runtime says what torch says.

It may differ about as much as cutting one column of pixels off a face's crop does: no detector's box is more exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.data.demo import draw_face
from core.labels import Label

# Of any probability on any picture; so a label can change only where torch's first leads its second by less than twice
# that.
LARGEST = 0.1
# Over real crops; the probes below are chosen to be harder than those.
MEAN, CHANGED = 0.01, 0.01
_DRAWN = 6
_SIDE = 96


@dataclass(frozen=True)
class Difference:
    """How far probabilities are from torch's: the mean over pictures of the largest difference of any label's
    probability, the largest of all, and the share of pictures whose label changed."""

    mean: float
    largest: float
    changed: float

    @property
    def agrees(self) -> bool:
        """Within LARGEST. What is no number does not agree."""
        return self.largest <= LARGEST

    @property
    def agrees_on_photos(self) -> bool:
        """The same for some hundred real crops, and within MEAN and CHANGED."""
        return self.agrees and self.mean <= MEAN and self.changed <= CHANGED


def difference(torch_says: np.ndarray, other_says: np.ndarray) -> Difference:
    """Of two arrays of probabilities (n, k). Raises ValueError for arrays of different shape."""
    if torch_says.shape != other_says.shape:
        raise ValueError(f"its output has the shape {other_says.shape}, not {torch_says.shape}")
    apart = np.abs(torch_says - other_says).max(axis=1)
    changed = torch_says.argmax(axis=1) != other_says.argmax(axis=1)
    return Difference(float(apart.mean()), float(apart.max()), float(changed.mean()))


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Calibrated probabilities (n, k): the softmax of logits divided by the temperature (Guo et al., 2017)."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@lru_cache(maxsize=4)
def probes(image_size: int) -> np.ndarray:
    """Pictures to compare runtimes on, uint8 (n, image_size, image_size, 3): drawn faces of every label, mixtures of
    two, which lie between labels, and what a camera gives in the dark, in glare and without a lens."""
    rng = np.random.default_rng(0)
    labels = [list(Label)[number % len(Label)] for number in range(_DRAWN)]
    faces = np.stack([np.asarray(draw_face(label, rng, _SIDE).resize((image_size, image_size))) for label in labels])
    mixed = (faces.astype(np.uint16) + np.roll(faces, 1, axis=0)) // 2
    noise = rng.integers(0, 256, faces[:1].shape)
    edges = np.concatenate([np.zeros_like(faces[:1]), np.full_like(faces[:1], 255), faces[:2] // 4, noise])
    return np.concatenate([faces, mixed, edges]).astype(np.uint8)
