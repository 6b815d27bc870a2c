"""Whether a runtime says what torch says.

It may differ about as much as cutting one column of pixels off a face's crop does: no detector's box is more exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT, Label

# Of any probability on any picture; so a label can change only where torch's first leads its second by less than twice
# that.
LARGEST = 0.1
# Over real crops; the probes below are chosen to be harder than those.
MEAN, CHANGED = 0.01, 0.01
# Of all decisions at the operating point; of the few probes, none.
TURNED = 0.005
# Who is this close on the probes can turn only decisions that are about as close to the operating point.
EXACT = 0.001
_DRAWN = 6
_SIDE = 96
# Every network's first output.
MASK = [*Label].index(COMPLIANT)


@dataclass(frozen=True)
class Difference:
    """How far probabilities are from torch's: the mean over pictures of the largest difference of any label's
    probability, the largest of all, and the shares of pictures whose label changed and for whom the decision at the
    operating point, pass or stop, turned."""

    mean: float
    largest: float
    changed: float
    turned: float

    def __str__(self) -> str:
        return (
            f"its probabilities differ from torch's by up to {self.largest:.3f}, the likeliest label for "
            f"{100 * self.changed:.1f} % of the pictures, and pass or stop for {100 * self.turned:.1f} %"
        )

    @property
    def agrees(self) -> bool:
        """Within LARGEST and TURNED. What is no number does not agree."""
        return self.largest <= LARGEST and self.turned <= TURNED

    @property
    def agrees_on_photos(self) -> bool:
        """The same for some hundred real crops, and within MEAN and CHANGED."""
        return self.agrees and self.mean <= MEAN and self.changed <= CHANGED


def difference(torch_says: np.ndarray, other_says: np.ndarray, point: OperatingPoint) -> Difference:
    """Of two arrays of probabilities (n, k), and of the decisions at the operating point that follow from them. Raises
    ValueError for arrays of different shape."""
    if torch_says.shape != other_says.shape:
        raise ValueError(f"its output has the shape {other_says.shape}, not {torch_says.shape}")
    apart = np.abs(torch_says - other_says).max(axis=1)
    changed = torch_says.argmax(axis=1) != other_says.argmax(axis=1)
    turned = point.passes(torch_says[:, MASK]) != point.passes(other_says[:, MASK])
    return Difference(float(apart.mean()), float(apart.max()), float(changed.mean()), float(turned.mean()))


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Calibrated probabilities (n, k): the softmax of logits divided by the temperature (Guo et al., 2017)."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@lru_cache(maxsize=4)
def probes(image_size: int) -> np.ndarray:
    """Pictures to compare runtimes on, uint8 (n, image_size, image_size, 3): drawn faces of every label, mixtures of
    two, which lie between labels, and what a camera gives in the dark, in glare and without a lens."""
    from core.data.synthetic.demo import draw_face

    rng = np.random.default_rng(0)
    labels = [list(Label)[number % len(Label)] for number in range(_DRAWN)]
    faces = np.stack([np.asarray(draw_face(label, rng, _SIDE).resize((image_size, image_size))) for label in labels])
    mixed = (faces.astype(np.uint16) + np.roll(faces, 1, axis=0)) // 2
    noise = rng.integers(0, 256, faces[:1].shape)
    edges = np.concatenate([np.zeros_like(faces[:1]), np.full_like(faces[:1], 255), faces[:2] // 4, noise])
    return np.concatenate([faces, mixed, edges]).astype(np.uint8)
