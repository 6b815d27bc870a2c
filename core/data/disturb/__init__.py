"""Degraded pictures: the registry of all kinds of disturbance. A kind is one file with one declaration, `KIND`, a
`base` Disturbance: those of the picture (`corruption`) lie in `corruptions`, things before a face (`occluder`), which
`paint` and `grips` draw in the `light` of the photo, in `occluders`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import numpy as np

from core.data.disturb import corruptions, occluders
from core.data.disturb.base import SEVERITIES, Disturbance
from core.data.faces.landmarks import Marks

__all__ = ["CORRUPTIONS", "KINDS", "OCCLUDERS", "SEVERITIES", "Disturbance", "apply"]


def _found(folder: ModuleType) -> dict[str, Disturbance]:
    """Name -> kind of every file in the folder, by their ranks. Raises TypeError for a file without its kind."""
    kinds: list[Disturbance] = []
    for file in iter_modules(folder.__path__):
        kind = getattr(import_module(f"{folder.__name__}.{file.name}"), "KIND", None)
        if not isinstance(kind, Disturbance) or kind.name != file.name:
            raise TypeError(f"{folder.__name__}.{file.name} declares no KIND of that name.")
        kinds.append(kind)
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.rank)}


CORRUPTIONS: Mapping[str, Disturbance] = _found(corruptions)
OCCLUDERS: Mapping[str, Disturbance] = _found(occluders)
KINDS: Mapping[str, Disturbance] = {**CORRUPTIONS, **OCCLUDERS}


def apply(
    kind: str, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks | None = None,
    training: bool = False,
) -> np.ndarray:  # fmt: skip
    """A disturbed copy of an RGB square, uint8 (S, S, 3), at a severity of 1..5; everything random comes from `rng`.

    `marks` say where the face is; a kind with `needs_face` can't do without. With `training`, an occluder comes in one
    of the designs that training may show, else in one of those that are kept for tests. Raises KeyError for an unknown
    kind, and ValueError for an occluder that training may not show.
    """
    return KINDS[kind].apply(square, severity, rng, marks, training)
