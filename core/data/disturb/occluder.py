"""What a thing before a face declares, and how it is placed there: by eyes, nose and mouth, as bright and as sharp as
the photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np

from core.data.disturb.base import Disturbance
from core.data.disturb.light import brightness, in_skin_colour, softness
from core.data.disturb.paint import ACROSS, LEFT, SIDE, TOP, Canvas
from core.data.faces.landmarks import Marks

Design = Callable[[], Canvas]
# Makes another picture, float32 (S, S, 3) in 0..255, of a thing as it is painted, for its opacity (S, S) in 0..1; both
# pictures are times the opacity.
Dress = Callable[[np.ndarray, np.ndarray], np.ndarray]
# A profile has its eyes near each other and a face seen from below its eyes near the mouth: a unit is at least this
# share of the box's height (a frontal face has 0.36).
_LEAST_UNIT = 0.3
_SHADOW = 0.3


@dataclass(frozen=True)
class Layer:
    """A thing on its face: RGB times opacity, float32 (S, S, 3) in 0..255, and the opacity (S, S) in 0..1."""

    rgb: np.ndarray
    alpha: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Occluder(Disturbance):
    """Severity s has the thing `sizes[s - 1]` times as large (see core.data.disturb.paint for the units), moved down by
    `drops`, and this opaque; it is tilted by up to `tilt` degrees. What does not cover the mouth sits on the eyes.
    `aside` says in which directions it may be held elsewhere without showing where it ends: in degrees from its own
    right (0) to downwards (90).

    Training may show the designs of `training`, none where there are none; tests show those of `test` alone.
    """

    test: Mapping[str, Design]
    training: Mapping[str, Design] = field(default_factory=dict)
    sizes: tuple[float, float, float, float, float]
    drops: tuple[float, float, float, float, float] = (0.0,) * 5
    opacity: tuple[float, float, float, float, float] = (1.0,) * 5
    tilt: float = 8.0
    aside: tuple[float, float] = (45.0, 90.0)
    covers_mouth: bool = True
    scene: bool = True

    @property
    def trained(self) -> bool:
        return bool(self.training)

    @property
    def needs_face(self) -> bool:
        return True

    def step(self, severity: int) -> str:
        return self.unit.format(f"{100 * self.sizes[severity - 1]:.0f} %")

    def apply(
        self, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks | None, training: bool = False
    ) -> np.ndarray:
        assert marks is not None
        return lay(square, self.layer(square, severity, rng, marks, training))

    def layer(
        self, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks, training: bool = False,
        away: float = 0.0, dress: Dress | None = None,
    ) -> Layer:  # fmt: skip
        """The thing alone, as it would lie on the square: one of its designs, tilted, lit and as sharp as the photo;
        `away` from the mouth by so many of the face's units, `dress`ed otherwise than it is painted."""
        side = len(square)
        thing, skin = self._drawn(side, severity, rng, marks, training, away)
        alpha = thing[..., 3] / 255
        rgb = (dress(thing[..., :3], alpha) if dress else thing[..., :3]) * brightness(square)
        if skin is not None:
            cover = skin[..., 1:2] / 255
            # What is held away from the mouth may be before a masked face.
            rgb = rgb * (1 - cover) + in_skin_colour(skin, square, marks, masked=away > 0)
            alpha = np.maximum(alpha, cover[..., 0])
        opacity = self.opacity[severity - 1]
        # A sharp thing before a blurred face would give itself away.
        if sigma := softness(square):
            return Layer(
                cv2.GaussianBlur(rgb, (0, 0), sigma) * opacity, cv2.GaussianBlur(alpha, (0, 0), sigma) * opacity
            )
        return Layer(rgb * opacity, alpha * opacity)

    def outline(
        self, side: int, severity: int, rng: np.random.Generator, marks: Marks, training: bool, away: float
    ) -> np.ndarray:
        """What `layer` covers of a square of that side, (side, side) in 0..1, without a photo: quick."""
        thing, skin = self._drawn(side, severity, rng, marks, training, away)
        return (thing[..., 3] if skin is None else np.maximum(thing[..., 3], skin[..., 1])) / 255

    def _drawn(
        self, side: int, severity: int, rng: np.random.Generator, marks: Marks, training: bool, away: float
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Thing (side, side, 4) and skin (side, side, 3) on a square of that side: see `_laid`."""
        designs = self.training if training else self.test
        design = designs[tuple(designs)[rng.integers(len(designs))]]
        place = _placed(self, severity, rng) @ _jitter(rng)
        if away:
            place = _moved(place, away, rng.uniform(*self.aside))
        return _laid(_textures(design), _face_frame(marks, side, self.covers_mouth) @ place, side)


def lay(square: np.ndarray, layer: Layer) -> np.ndarray:
    """A copy of the square, uint8 (S, S, 3), with the thing and its shadow on it."""
    side = len(square)
    shadow = cv2.GaussianBlur(layer.alpha, (0, 0), side / 60)
    shadow = cv2.warpAffine(shadow, np.array([[1, 0, side / 100], [0, 1, side / 50]]), (side, side))
    light = (1 - _SHADOW * shadow) * (1 - layer.alpha)
    return np.clip(square * light[..., None] + layer.rgb, 0, 255).astype(np.uint8)


def in_face_units(marks: Marks, side: int) -> np.ndarray:
    """x and y of every pixel of a square in the units of the face's frame, float32 (2, side, side)."""
    steps = np.arange(side, dtype=np.float32)
    x, y = np.meshgrid(steps, steps)
    pixels = np.stack([x.ravel(), y.ravel(), np.ones(side * side, np.float32)])
    units = np.linalg.inv(_face_frame(marks, side, by_mouth=True)) @ pixels
    return units[:2].reshape(2, side, side).astype(np.float32)


def _face_frame(marks: Marks, side: int, by_mouth: bool) -> np.ndarray:
    """The map (3, 3) from a face's own units (see core.data.disturb.paint) to pixels of the square: fixed at the mouth
    and upright as the nose is, or fixed at the eyes and level with them."""
    right_eye, left_eye, _, right_mouth, left_mouth = side * np.asarray(marks.points)
    mouth, eyes = (right_mouth + left_mouth) / 2, (right_eye + left_eye) / 2
    least = _LEAST_UNIT * side * (marks.box[3] - marks.box[1])
    if by_mouth:
        down = _at_least(mouth - eyes, least)
        origin = mouth
    else:
        across = _at_least(left_eye - right_eye, 0.7 * least)
        down = np.array([-across[1], across[0]])
        origin = eyes + down
    return np.array([[down[1], down[0], origin[0]], [-down[0], down[1], origin[1]], [0, 0, 1]])


def _at_least(way: np.ndarray, length: float) -> np.ndarray:
    own = np.linalg.norm(way)
    return way * max(1, length / own) if own else np.array([0, length])


def _placed(kind: Occluder, severity: int, rng: np.random.Generator) -> np.ndarray:
    """Size, tilt and mirroring in the face's units."""
    size = kind.sizes[severity - 1] * rng.uniform(0.96, 1.04)
    angle = np.deg2rad(rng.uniform(-kind.tilt, kind.tilt))
    mirror = rng.choice([-1, 1])
    cos, sin = size * np.cos(angle), size * np.sin(angle)
    turn = np.array([[mirror * cos, -sin], [mirror * sin, cos]])
    centre = np.array([0, 0 if kind.covers_mouth else -1])
    drop = np.array([rng.uniform(-0.05, 0.05), kind.drops[severity - 1] + rng.uniform(-0.02, 0.02)])
    return np.vstack([np.column_stack([turn, centre - turn @ centre + drop]), [0, 0, 1]])


def _moved(place: np.ndarray, away: float, degrees: float) -> np.ndarray:
    """The placing so many units further to the thing's own right (0 degrees) or down (90)."""
    angle, mirror = np.deg2rad(degrees), np.sign(place[0, 0])
    way = away * np.array([mirror * np.cos(angle), np.sin(angle)])
    return np.array([[1, 0, way[0]], [0, 1, way[1]], [0, 0, 1]]) @ place


def _jitter(rng: np.random.Generator) -> np.ndarray:
    """A slight turn out of the picture's plane."""
    tip = np.eye(3)
    tip[2, :2] = rng.uniform(-0.04, 0.04, 2)
    return tip


@lru_cache(maxsize=128)
def _textures(design: Design) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """A design, painted once, at SIDE pixels and halved three times: the thing as uint8 RGBA, times its opacity, and
    skin, where there is any, as brightness and opacity (third channel empty)."""
    canvas = design()
    thing = np.dstack([canvas.rgb * canvas.alpha[..., None], 255 * canvas.alpha])
    skin = np.dstack([canvas.tone * canvas.skin, 255 * canvas.skin, 0 * canvas.skin]) if canvas.skin.any() else None
    sizes = [SIDE >> level for level in range(4)]
    return [(_shrunk(thing, size), None if skin is None else _shrunk(skin, size)) for size in sizes]


def _shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    return np.clip(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), 0, 255).astype(np.uint8)


def _laid(
    textures: list[tuple[np.ndarray, np.ndarray | None]], place: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Thing (S, S, 4) and skin (S, S, 3), float32, on a square; `place` maps the face's units to its pixels."""
    # The texture whose texels come nearest to pixels: a finer one would flicker, as it would be sampled with gaps.
    per_texel = np.hypot(place[0, 0], place[1, 0]) * ACROSS / SIDE
    level = int(np.clip(np.floor(-np.log2(per_texel) + 0.3), 0, len(textures) - 1))
    thing, skin = textures[level]
    step = ACROSS / len(thing)
    place = place @ np.array([[step, 0, LEFT + step / 2], [0, step, TOP + step / 2], [0, 0, 1]])
    flat = cv2.warpPerspective(thing, place, (side, side)).astype(np.float32)
    return flat, None if skin is None else cv2.warpPerspective(skin, place, (side, side)).astype(np.float32)
