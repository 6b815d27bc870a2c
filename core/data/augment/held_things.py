"""Things held before the faces of training photos without changing what their label should be.

There are three places. Beside the face a thing leaves all that tells a label, and lies there as often for each label:
were it less often beside bare faces, a collar would be what makes a mask. Partly before the lower face it leaves a well
worn mask to be seen, and is as often before a bare face. Over the mouth only a bare face has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import cv2
import numpy as np

from core.data import disturb
from core.data.disturb.occluder import Dress, Occluder, in_face_units, lay
from core.data.faces.landmarks import Marks
from core.schema.labels import BARE, Label

KINDS: dict[str, Occluder] = {
    name: kind for name, kind in disturb.OCCLUDERS.items() if isinstance(kind, Occluder) and kind.trained
}
PARTLY_HIDDEN = 0.33
"""Of the lower face, what a thing that is partly before it may hide."""
BESIDE_HIDDEN = 0.2
"""Of either half of the lower face, mouth and chin, what a thing beside the face may hide."""
# Of things, those that are filled with a piece of photo.
_FILLED = 0.5
# Ways from the mouth that are tried, in a face's units, the nearest that is allowed is taken; and the side that is
# coarse enough to be quick and fine enough to tell shares.
_WAYS = (0.35, 0.55, 0.75, 0.95, 1.15, 1.35, 1.6)
_COARSE = 48
# Things that are tried before a face stays without, and the share of the picture below which one is as good as none.
_TRIES, _LEAST = 4, 0.02
# The lower face, in a face's units: from the bridge of the nose to the chin; what lies above the second is nose and
# mouth, below it the chin.
_TOP, _PARTING, _BOTTOM, _HALF = -0.74, 0.2, 1.02, 0.95


class Place(Enum):
    """Where a thing is held."""

    BESIDE = "beside the face"
    PARTLY = "partly before the lower face"
    OVER = "over the mouth"


SHARES = {Place.BESIDE: 0.2, Place.PARTLY: 0.1, Place.OVER: 0.2}
"""Of the faces that may have a thing there, those that get one."""


def place_for(label: Label, rng: np.random.Generator) -> Place | None:
    """Where a face of that label gets something, None for most."""
    allowed = {BARE: list(Place), Label.MASK: [Place.BESIDE, Place.PARTLY]}.get(label, [Place.BESIDE])
    draw = rng.random()
    for place in allowed:
        if (draw := draw - SHARES[place]) < 0:
            return place
    return None


def hold(
    square: np.ndarray, place: Place, marks: Marks, severities: Sequence[int], filling: np.ndarray | None,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """A copy of an RGB square, uint8 (S, S, 3), with something at that place of its face; the square itself where
    nothing that is drawn fits there. `filling`, a piece of another photo, may take the place of the paint."""
    away = 0.0
    for _ in range(1 if place is Place.OVER else _TRIES):
        kind = KINDS[str(rng.choice(tuple(KINDS)))]
        severity, seed = int(rng.choice(severities)), int(rng.integers(2**32))
        if place is Place.OVER or (away := _nearest(kind, severity, seed, marks, place)):
            break
    else:
        return square
    dress = _filled(filling, rng) if filling is not None and rng.random() < _FILLED else _tinted(rng)
    return lay(square, kind.layer(square, severity, np.random.default_rng(seed), marks, True, away, dress))


def filling_of(square: np.ndarray, marks: Marks, rng: np.random.Generator) -> np.ndarray | None:
    """A piece, uint8 (h, w, 3), of what lies above a face's eyes: hair, hat and background, never its lower face; None
    where there is too little of it. Take it from bare faces alone: a mask may have been pushed up to the forehead."""
    side = len(square)
    # Wide enough above the eyes that a head which is tilted keeps its lower face out of it.
    rows = int(side * (min(y for _, y in marks.points[:2]) - 0.04))
    if rows < side // 8:
        return None
    height = int(rng.integers(rows // 2, rows + 1))
    width = int(rng.integers(side // 4, side + 1))
    top, left = rng.integers(0, rows - height + 1), rng.integers(0, side - width + 1)
    return square[top : top + height, left : left + width]


def hidden(alpha: np.ndarray, marks: Marks) -> tuple[float, float, float]:
    """How much of the lower face a thing of that opacity (S, S) hides: of all of it, of nose and mouth, of the chin."""
    x, y = in_face_units(marks, len(alpha))
    face = (np.abs(x) < _HALF * np.clip((_BOTTOM + 0.35 - y) / 0.9, 0, 1)) & (y > _TOP) & (y < _BOTTOM)
    shares = [
        float(alpha[own].mean()) if own.any() else 1.0 for own in (face, face & (y < _PARTING), face & (y >= _PARTING))
    ]
    return shares[0], shares[1], shares[2]


def fits(alpha: np.ndarray, marks: Marks, place: Place) -> bool:
    """Whether a thing of that opacity (S, S) leaves to be seen what it has to: beside the face both nose and chin, with
    the tip of the nose and the corners of the mouth free."""
    whole, upper, lower = hidden(alpha, marks)
    if place is Place.PARTLY:
        return whole <= PARTLY_HIDDEN
    side = len(alpha)
    x, y = np.clip((side * np.asarray(marks.points[2:])).astype(int), 0, side - 1).T
    return max(upper, lower) <= BESIDE_HIDDEN and bool(alpha[y, x].max() < 0.1)


def _nearest(kind: Occluder, severity: int, seed: int, marks: Marks, place: Place) -> float:
    """How far from the mouth this thing is held at least to fit there; 0 where it never does."""
    for away in _WAYS:
        alpha = kind.outline(_COARSE, severity, np.random.default_rng(seed), marks, True, away)
        if fits(alpha, marks, place):
            # A thing that is not in the picture is none.
            return away if alpha.mean() > _LEAST else 0.0
    return 0.0


def _filled(filling: np.ndarray, rng: np.random.Generator) -> Dress:
    """The thing made of a piece of photo, in other colours and at another scale, lit as its paint was."""
    gains = np.exp(rng.normal(0, 0.18, 3)) * np.exp(rng.normal(0, 0.25))
    scale, turn, mirror = np.exp(rng.uniform(np.log(0.5), np.log(2))), rng.uniform(0, 360), rng.random() < 0.5

    def dress(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        side = len(rgb)
        piece = filling[:, ::-1] if mirror else filling
        grow = scale * side / min(piece.shape[:2]) / 2
        middle = (piece.shape[1] / 2, piece.shape[0] / 2)
        place: np.ndarray = cv2.getRotationMatrix2D(middle, turn, grow)
        place[:, 2] += side / 2 - np.array(middle)
        cloth = cv2.warpAffine(np.ascontiguousarray(piece), place, (side, side), borderMode=cv2.BORDER_REFLECT)
        light = rgb.mean(axis=2) / np.maximum(alpha, 1e-3)
        usual = float(np.median(light[alpha > 0.5])) if (alpha > 0.5).any() else 128.0
        shade = np.clip(light / max(usual, 1.0), 0.45, 1.4)[..., None]
        return (np.clip(cloth * gains * shade, 0, 255) * alpha[..., None]).astype(np.float32)

    return dress


def _tinted(rng: np.random.Generator) -> Dress:
    """The thing's own paint, a little lighter or darker and in other colours, lit from one side."""
    gains = (np.exp(rng.normal(0, 0.1, 3)) * np.exp(rng.normal(0, 0.2))).astype(np.float32)
    from_side, from_above = rng.uniform(-0.25, 0.25, 2)

    def dress(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        steps = np.linspace(-1, 1, len(rgb), dtype=np.float32)
        light = (1 + from_side * steps[None] + from_above * steps[:, None])[..., None]
        return np.minimum(rgb * gains * light, 255 * alpha[..., None])

    return dress
