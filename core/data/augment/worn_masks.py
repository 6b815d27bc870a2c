"""Masks drawn onto bare faces, worn well and wrongly: training photos with another label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.data.disturb.base import SEVERITIES
from core.data.disturb.occluder import Design, Occluder
from core.data.disturb.paint import Canvas, Colour, Path, blur, cloth, grid, shape, strokes
from core.data.faces.attributes import turned
from core.data.faces.landmarks import Marks
from core.schema.labels import BARE, Label

if TYPE_CHECKING:
    import torch

SHARE = 0.15
"""Of bare faces, those that a mask is drawn onto."""
# A mask is painted as it is seen from the front (core/data/faces/attributes.py says how this is measured).
_TURNED = 0.3

# Corners of the right half of a mask from the top of its middle to the bottom of it, in a face's units; its ear loops
# run from the second and the last but one to (1.2, y).
_ON = [(0.0, -0.74), (0.3, -0.66), (0.72, -0.56), (0.98, -0.5), (0.92, 0.1), (0.72, 0.62), (0.4, 0.92), (0.0, 1.02)]
_UNDER_NOSE = [(0.0, -0.2), (0.3, -0.2), (0.7, -0.26), (0.95, -0.34), (0.9, 0.2), (0.7, 0.7), (0.4, 0.98), (0.0, 1.08)]
_ON_CHIN = [(0.0, 0.36), (0.3, 0.34), (0.62, 0.24), (0.86, 0.06), (0.84, 0.4), (0.68, 0.8), (0.4, 1.06), (0.0, 1.16)]
# A mask that hangs from one ear is seen from its side; the picture is mirrored for the other ear.
_FROM_EAR = [(0.88, -0.6), (1.1, -0.56), (1.32, 0.2), (1.24, 0.96), (0.86, 1.06), (0.64, 0.34)]
_PLACES: Mapping[str, list[tuple[float, float]]] = {
    "on": _ON, "under the nose": _UNDER_NOSE, "on the chin": _ON_CHIN,
    # What is pushed up is worn as on the nose, but flatter; _RAISED moves it there.
    "over the eyes": [(x, 0.75 * y) for x, y in _ON], "on the forehead": [(x, 0.5 * y) for x, y in _ON],
    "from an ear": _FROM_EAR,
}  # fmt: skip
_RAISED: Mapping[str, float] = {"over the eyes": -1.05, "on the forehead": -1.75}
_SURGICAL, _CLOTH, _FFP2 = "surgical", "cloth", "ffp2"
_LOOKS: Mapping[str, tuple[str, Colour]] = {
    "light blue": (_SURGICAL, (168, 205, 226)), "white": (_SURGICAL, (236, 238, 240)),
    "green": (_SURGICAL, (160, 205, 184)), "pink": (_SURGICAL, (236, 190, 205)),
    "dark": (_SURGICAL, (52, 54, 60)),
    "white FFP2": (_FFP2, (240, 240, 238)), "black FFP2": (_FFP2, (44, 44, 48)), "grey FFP2": (_FFP2, (150, 154, 160)),
    "black": (_CLOTH, (30, 30, 34)), "navy": (_CLOTH, (44, 58, 96)), "red": (_CLOTH, (168, 46, 52)),
    "grey": (_CLOTH, (124, 126, 130)), "beige": (_CLOTH, (205, 172, 142)), "brown": (_CLOTH, (120, 84, 62)),
    "flowered": (_CLOTH, (222, 214, 200)), "striped": (_CLOTH, (90, 120, 160)), "olive": (_CLOTH, (104, 110, 72)),
}  # fmt: skip


def put_on(
    pixels: torch.Tensor, targets: torch.Tensor, labels: Sequence[Label], marks: Sequence[Marks | None],
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
    """A changed copy of uint8 photos (N, 3, S, S) and of their targets (N,), places in `labels`, on the CPU; everything
    random follows from the generator.

    A share of the bare faces that are known get a mask, half of them well: were most drawn masks worn wrongly, "drawn"
    would be what a network learns.
    """
    import torch

    rng = np.random.default_rng(int(torch.randint(2**63 - 1, (1,), generator=generator)))
    wrong = [place for place, (_, label) in WORN.items() if label is Label.WRONG_MASK and label in labels]
    pixels, targets, bare = pixels.clone(), targets.clone(), labels.index(BARE)
    for index, own in enumerate(marks):
        if targets[index] != bare or own is None or rng.random() >= SHARE:
            continue
        if turned(pixels.shape[-1] * np.array(own.points)) > _TURNED:
            continue
        place = "on" if not wrong or rng.random() < 0.5 else str(rng.choice(wrong))
        kind, label = WORN[place]
        square = np.ascontiguousarray(pixels[index].numpy().transpose(1, 2, 0))
        square = kind.apply(square, int(rng.choice(SEVERITIES)), rng, own, training=True)
        pixels[index] = torch.from_numpy(square.transpose(2, 0, 1).copy())
        targets[index] = labels.index(label)
    return pixels, targets


def mask(place: str, look: str) -> Canvas:
    """A mask of that look, worn there."""
    kind, colour = _LOOKS[look]
    seed = sum(map(ord, place + look))
    half = np.asarray(_PLACES[place]) + np.random.default_rng(seed).normal(0, 0.025, (len(_PLACES[place]), 2))
    canvas = Canvas()
    if place == "from an ear":
        outline, loops = half, strokes([[tuple(half[0]), (1.16, -0.85), tuple(half[1])]], 0.022)
    else:
        half[[0, -1], 0] = 0
        outline, loops = np.vstack([half, half[-2:0:-1] * (-1, 1)]), _loops(half)
    body = shape(outline, round_off=2)
    canvas.paint(loops, colour if np.mean(colour) < 90 else (232, 232, 230))
    canvas.paint(body, _patterned(look, colour, seed))
    canvas.alpha = np.maximum(canvas.alpha * 0.9, body)
    canvas.shade(_light(kind, half, seed), body)
    return canvas


def _loops(half: np.ndarray) -> np.ndarray:
    top, low = half[3], half[5]
    lines: list[Path] = [
        [tuple(corner * (side, 1)), (side * 1.2, corner[1] * 0.6 - 0.35)] for corner in (top, low) for side in (-1, 1)
    ]
    return strokes(lines, 0.022)


def _patterned(look: str, colour: Colour, seed: int) -> np.ndarray:
    x, _ = grid()
    paint = np.ones((*x.shape, 3), np.float32) * np.asarray(colour, np.float32)
    if look == "striped":
        paint = np.where((np.sin(x * 28) > 0)[..., None], paint, np.float32(225))
    if look == "flowered":
        spots = cloth(seed, 0.06) > 1.2
        paint = np.where(spots[..., None], np.asarray((190, 70, 90), np.float32), paint)
    return paint


def _light(kind: str, half: np.ndarray, seed: int) -> np.ndarray:
    """A mask's brightness: round as the face below it, in pleats, with a ridge, or in soft wrinkles."""
    x, y = grid()
    top, low = half[:, 1].min(), half[:, 1].max()
    down = (y - top) / (low - top)
    light = 1.06 - 0.42 * np.clip(np.abs(x) / 1.0, 0, 1) ** 2.2 - 0.12 * np.clip(down, 0, 1) ** 2
    if kind == _SURGICAL:
        for pleat in (0.32, 0.52, 0.72):
            sag = pleat + 0.05 * (1 - x**2)
            light += 0.05 * np.exp(-(((down - sag) / 0.02) ** 2))
            light -= 0.16 * np.exp(-(((down - sag - 0.035) / 0.022) ** 2))
    elif kind == _FFP2:
        light += 0.1 * np.exp(-((x / 0.05) ** 2)) - 0.16 * np.clip(np.abs(x) - 0.05, 0, 1)
    else:
        light -= 0.1 * np.exp(-((x / 0.025) ** 2))
    light += 0.035 * cloth(seed, 0.12) + 0.012 * cloth(seed + 1, 0.015)
    edge = np.exp(-(((down - 0.04) / 0.02) ** 2)) + np.exp(-(((down - 0.95) / 0.02) ** 2))
    return blur((light - 0.1 * edge).astype(np.float32), 0.008)


def _kind(rank: int, place: str) -> Occluder:
    designs: Mapping[str, Design] = {f"{look} mask {place}": partial(mask, place, look) for look in _LOOKS}
    return Occluder(
        name=f"mask {place}", rank=rank, title=f"Mask {place}", unit="{}", sizes=(0.92, 0.97, 1.0, 1.04, 1.1),
        drops=(_RAISED.get(place, 0.0),) * 5, tilt=4.0, training=designs, test={},
    )  # fmt: skip


WORN: Mapping[str, tuple[Occluder, Label]] = {
    place: (_kind(rank, place), Label.MASK if place == "on" else Label.WRONG_MASK)
    for rank, place in enumerate(_PLACES)
}
"""Where a mask is worn -> how it is drawn, and the label that it makes."""


