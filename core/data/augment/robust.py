"""Training photos as worse cameras and fuller hands would show them: the option "robust".

Severities that training shows are kept few on purpose, and so are the kinds and designs that declare that it may: the
stress suite has others, and says apart how a network does on what its training never showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.data import disturb
from core.data.augment import held_things
from core.data.faces.landmarks import Marks
from core.schema.labels import BARE, Label

if TYPE_CHECKING:
    import torch

# What a camera does worse than this hides by what a label is told.
CAMERA_SEVERITIES, THING_SEVERITIES = (1, 3), (2, 4)
TRAINED_CHANGES = tuple(name for name, kind in disturb.CORRUPTIONS.items() if kind.trained)
TRAINED_OCCLUDERS = tuple(held_things.KINDS)
TRAINED_KINDS = (*TRAINED_CHANGES, *TRAINED_OCCLUDERS)
# The share of photos that are changed once, and of those that are changed twice.
ONCE, TWICE = 0.2, 0.05
# How often a piece of another photo of the batch is looked for that may fill a thing.
_TRIES = 4


def degrade(
    pixels: torch.Tensor, targets: torch.Tensor, labels: Sequence[Label], marks: Sequence[Marks | None],
    generator: torch.Generator,
) -> torch.Tensor:  # fmt: skip
    """A changed copy of uint8 photos (N, 3, S, S) on the CPU; everything random follows from the generator.

    Some photos are blurred, coloured, exposed otherwise or coarser. A photo whose face is known may get something
    before it that leaves its label, `labels[targets[n]]`, as it is.
    """
    import torch

    seed = int(torch.randint(2**63 - 1, (1,), generator=generator))
    rng = np.random.default_rng(seed)
    changed = pixels.clone()
    own_labels = [labels[target] for target in targets.tolist()]
    donors = [n for n, (label, own) in enumerate(zip(own_labels, marks, strict=True)) if label is BARE and own]
    for index, (label, own) in enumerate(zip(own_labels, marks, strict=True)):
        place = held_things.place_for(label, rng) if own else None
        changes = _changes(rng)
        if not place and not changes:
            continue
        square = _square(pixels, index)
        if place and own:
            filling = _filling(pixels, marks, [donor for donor in donors if donor != index], rng)
            square = held_things.hold(square, place, own, THING_SEVERITIES, filling, rng)
        # The camera comes last: what is held before the face is blurred with it.
        for kind in changes:
            square = disturb.apply(kind, square, rng.choice(CAMERA_SEVERITIES), rng)
        changed[index] = torch.from_numpy(square.transpose(2, 0, 1).copy())
    return changed


def was_trained(kind: str, severity: int) -> bool:
    """Whether robust training shows this kind at this severity (an occluder then in other designs)."""
    if kind in TRAINED_OCCLUDERS:
        return severity in THING_SEVERITIES
    return kind in TRAINED_CHANGES and severity in CAMERA_SEVERITIES


def _filling(
    pixels: torch.Tensor, marks: Sequence[Marks | None], donors: Sequence[int], rng: np.random.Generator
) -> np.ndarray | None:
    for _ in range(_TRIES if donors else 0):
        donor = int(rng.choice(donors))
        own = marks[donor]
        if own is not None and (piece := held_things.filling_of(_square(pixels, donor), own, rng)) is not None:
            return piece
    return None


def _square(pixels: torch.Tensor, index: int) -> np.ndarray:
    return np.ascontiguousarray(pixels[index].numpy().transpose(1, 2, 0))


def _changes(rng: np.random.Generator) -> list[str]:
    draw = rng.random()
    count = 2 if draw < TWICE else int(draw < TWICE + ONCE)
    return [str(kind) for kind in rng.choice(TRAINED_CHANGES, count, replace=False)]
