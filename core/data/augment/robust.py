"""Training photos as worse cameras and fuller hands would show them: the option "robust".

Severities that training shows are kept few on purpose, and so are the kinds and designs that declare that it may: the
stress suite has others, and says apart how a network does on what its training never showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.data import disturb
from core.data.faces.landmarks import Marks

if TYPE_CHECKING:
    import torch

TRAINED_SEVERITIES = (2, 4)
TRAINED_CHANGES = tuple(name for name, kind in disturb.CORRUPTIONS.items() if kind.trained)
TRAINED_OCCLUDERS = tuple(name for name, kind in disturb.OCCLUDERS.items() if kind.trained)
TRAINED_KINDS = (*TRAINED_CHANGES, *TRAINED_OCCLUDERS)
# The share of photos that are changed once, of those that are changed twice, and of bare faces that are covered.
ONCE, TWICE, COVERED = 0.4, 0.15, 0.35


def degrade(
    pixels: torch.Tensor, targets: torch.Tensor, bare_index: int, marks: Sequence[Marks | None],
    generator: torch.Generator,
) -> torch.Tensor:  # fmt: skip
    """A changed copy of uint8 photos (N, 3, S, S) on the CPU; everything random follows from the generator.

    Some photos are blurred, coloured, exposed otherwise or coarser. A photo of `bare_index` in `targets` (N,) whose
    face is known may get something before it: its label stays.
    """
    import torch

    seed = int(torch.randint(2**63 - 1, (1,), generator=generator))
    rng = np.random.default_rng(seed)
    changed = pixels.clone()
    for index, (target, own) in enumerate(zip(targets.tolist(), marks, strict=True)):
        covered = target == bare_index and own is not None and rng.random() < COVERED
        changes = _changes(rng)
        if not covered and not changes:
            continue
        square = np.ascontiguousarray(pixels[index].numpy().transpose(1, 2, 0))
        if covered and own is not None:
            kind, severity = rng.choice(TRAINED_OCCLUDERS), rng.choice(TRAINED_SEVERITIES)
            square = disturb.apply(kind, square, severity, rng, own, training=True)
        # The camera comes last: what is held before the face is blurred with it.
        for kind in changes:
            square = disturb.apply(kind, square, rng.choice(TRAINED_SEVERITIES), rng)
        changed[index] = torch.from_numpy(square.transpose(2, 0, 1).copy())
    return changed


def was_trained(kind: str, severity: int) -> bool:
    """Whether robust training shows this kind at this severity (an occluder then in other designs)."""
    return kind in TRAINED_KINDS and severity in TRAINED_SEVERITIES


def _changes(rng: np.random.Generator) -> list[str]:
    draw = rng.random()
    count = 2 if draw < TWICE else int(draw < TWICE + ONCE)
    return [str(kind) for kind in rng.choice(TRAINED_CHANGES, count, replace=False)]
