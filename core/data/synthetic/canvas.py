"""The paint box of the drawn demo pictures: a canvas with soft-edged shapes, smooth curves and backgrounds."""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np

Points: TypeAlias = np.ndarray | Sequence[tuple[float, float]] | Sequence[np.ndarray]
Paint: TypeAlias = np.ndarray | Sequence[float]
Picture: TypeAlias = np.ndarray[tuple[int, int, int], np.dtype[np.float32]]

SUBPIXEL_BITS = 4
COARSE_BLUR = 5.0
"""Blurs wider than this (sigma in pixels) are made on a shrunken copy, which looks the same and is far faster."""


def smooth(points: Points, closed: bool = True, steps: int = 8) -> np.ndarray:
    """A Catmull-Rom curve through the (N, 2) control points, as (M, 2)."""
    points = np.asarray(points, float)
    padded = np.vstack((points[-1:], points, points[:2])) if closed else np.vstack(
        (2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    before, start, end, after = (padded[k:len(padded) - 3 + k, None] for k in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2
                   + (3 * start - before - 3 * end + after) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.vstack((curve, points[-1:]))


def ellipse(cx: float, cy: float, rx: float, ry: float, count: int = 28) -> np.ndarray:
    """The outline of an upright ellipse, (count, 2)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack((cx + rx * np.cos(angle), cy + ry * np.sin(angle)))


def soften(plane: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur with sigma in pixels; nothing happens below a quarter of a pixel."""
    if sigma < 0.25:
        return plane
    shrink = int(sigma / COARSE_BLUR * 2)
    if shrink < 2 or min(plane.shape[:2]) < 4 * shrink:
        return cv2.GaussianBlur(plane, (0, 0), sigma)
    height, width = plane.shape[:2]
    small = cv2.resize(plane, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


class Canvas:
    """A float32 RGB picture (H, W, 3) in 0..1. Points and lengths are in its pixels.

    A paint is one colour, or a picture of the canvas's own size from which the shape is cut.
    """

    def __init__(self, pixels: Picture) -> None:
        self.pixels = pixels

    def view(self, x0: int, y0: int, x1: int, y1: int) -> "Canvas":
        """A canvas on part of this one: painting on it paints here."""
        return Canvas(self.pixels[y0:y1, x0:x1])

    def cover(self, shapes: Sequence[np.ndarray], blur: float = 0.0) -> np.ndarray:
        """How much the filled shapes cover each pixel, (H, W) float32 in 0..1."""
        return soften(_filled(shapes, self.pixels.shape[:2]), blur).astype(np.float32) / 255

    def fill(self, shapes: np.ndarray | Sequence[np.ndarray], paint: Paint, alpha: float = 1.0, blur: float = 0.0,
             within: np.ndarray | None = None) -> None:
        """Fill one outline (N, 2) or several, edges blurred by sigma `blur`, only where `within` (H, W) allows."""
        self._apply([shapes] if isinstance(shapes, np.ndarray) else shapes, None, paint, alpha, blur, within)

    def stroke(self, lines: Sequence[np.ndarray], width: float, paint: Paint, alpha: float = 1.0,
               blur: float = 0.0, within: np.ndarray | None = None) -> None:
        """Draw open lines (N, 2) of one width; where they cross, the paint is not doubled."""
        # Lines under a pixel are drawn a pixel wide and paler, or they would break up.
        self._apply(lines, max(1, round(width)), paint, alpha * min(1.0, width), blur, within)

    def _apply(self, shapes: Sequence[np.ndarray], width: int | None, paint: Paint, alpha: float, blur: float,
               within: np.ndarray | None) -> None:
        points = np.vstack(shapes)
        margin = 3 * blur + (width or 0) + 2
        limit = self.pixels.shape[1::-1]
        x0, y0 = np.clip(np.floor(points.min(0) - margin), 0, limit).astype(int)
        x1, y1 = np.clip(np.ceil(points.max(0) + margin), 0, limit).astype(int)
        if x0 >= x1 or y0 >= y1:
            return
        moved = [shape - (x0, y0) for shape in shapes]
        if width is None:
            plane = _filled(moved, (y1 - y0, x1 - x0))
        else:
            plane = np.zeros((y1 - y0, x1 - x0), np.uint8)
            cv2.polylines(plane, [_fixed(line) for line in moved], False, 255, width, cv2.LINE_AA, SUBPIXEL_BITS)
        cover: np.ndarray = soften(plane, blur).astype(np.float32) * np.float32(alpha / 255)
        if within is not None:
            cover *= within[y0:y1, x0:x1]
        # Whole rows at a time: numpy is several times slower on an innermost axis of three channels.
        target = self.pixels[y0:y1, x0:x1].reshape(y1 - y0, -1)
        cover = cv2.merge((cover, cover, cover)).reshape(target.shape)
        paint = np.asarray(paint, np.float32)
        flat = paint[y0:y1, x0:x1].reshape(target.shape) if paint.ndim == 3 else np.tile(paint, x1 - x0)
        target += (flat - target) * cover


def _filled(shapes: Sequence[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    plane = np.zeros(size, np.uint8)
    # One by one: filled together, shapes that overlap would cut holes into each other.
    for shape in shapes:
        cv2.fillPoly(plane, [_fixed(shape)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return plane


def _fixed(shape: np.ndarray) -> np.ndarray:
    """Points as the fixed-point integers OpenCV takes for subpixel drawing."""
    return np.round(shape * 2**SUBPIXEL_BITS).astype(np.int32)


def enlarge(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A coarse float32 picture smoothly stretched to `shape` (H, W)."""
    return cv2.resize(pixels, shape[::-1], interpolation=cv2.INTER_LINEAR)


def grain(rng: np.random.Generator, height: int, width: int, cell: float) -> np.ndarray:
    """Smooth noise (H, W) float32, mean 0 and deviation about 1, with blobs `cell` pixels wide."""
    rows, columns = max(2, int(height / cell)), max(2, int(width / cell))
    coarse = rng.standard_normal((rows, columns), np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def backdrop(rng: np.random.Generator, width: int, height: int) -> Picture:
    """A random background (H, W, 3) float32 in 0..1: a plain wall, a gradient, or a room out of focus."""
    # Backgrounds have no sharp detail, so a quarter of the size is enough to draw on.
    small = (max(8, height // 4), max(8, width // 4))
    base = _muted(rng, rng.uniform(0.25, 0.82))
    pixels = np.empty((*small, 3), np.float32)
    pixels[:] = base
    kind = rng.choice(("plain", "gradient", "room", "lights"), p=(0.2, 0.25, 0.35, 0.2))
    if kind != "plain":
        down = np.linspace(0, 1, small[0], dtype=np.float32)[:, None, None]
        across = np.linspace(0, 1, small[1], dtype=np.float32)[None, :, None]
        ramp = np.clip(down * rng.uniform(-1, 1) + across * rng.uniform(-1, 1) + 0.5, 0, 1)
        pixels += (_muted(rng, rng.uniform(0.2, 0.9)) - pixels) * ramp
    canvas = Canvas(pixels)
    if kind == "room":
        _room(canvas, rng)
    elif kind == "lights":
        _lights(canvas, rng)
    large: np.ndarray = cv2.resize(canvas.pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    large += grain(rng, height, width, 6)[..., None] * 0.006
    return np.clip(large, 0, 1)


def _muted(rng: np.random.Generator, brightness: float) -> np.ndarray:
    colour = brightness + rng.normal(0, 0.07, 3)
    return np.clip(colour, 0.04, 0.97).astype(np.float32)


def _room(canvas: Canvas, rng: np.random.Generator) -> None:
    """Upright and lying boxes of many colours, as shelves, doors and windows look out of focus."""
    height, width = canvas.pixels.shape[:2]
    blur = height * rng.uniform(0.012, 0.03)
    for _ in range(int(rng.integers(8, 20))):
        w, h = width * rng.uniform(0.04, 0.35), height * rng.uniform(0.08, 0.6)
        x, y = rng.uniform(-0.1, 1) * width, rng.uniform(-0.1, 1) * height
        box = np.array(((x, y), (x + w, y), (x + w, y + h), (x, y + h)))
        canvas.fill(box, _muted(rng, rng.uniform(0.1, 0.95)), rng.uniform(0.4, 0.95), blur)


def _lights(canvas: Canvas, rng: np.random.Generator) -> None:
    """Round patches of light or leaves, as street lamps and trees look out of focus."""
    height, width = canvas.pixels.shape[:2]
    canvas.pixels *= rng.uniform(0.45, 0.9)
    hue = _muted(rng, 0.7)
    for _ in range(int(rng.integers(14, 34))):
        radius = height * rng.uniform(0.02, 0.11)
        spot = ellipse(rng.uniform() * width, rng.uniform() * height, radius, radius)
        canvas.fill(spot, np.clip(hue + rng.normal(0, 0.14, 3), 0.1, 1), rng.uniform(0.2, 0.7), height * 0.008)


def develop(pixels: np.ndarray, size: tuple[int, int], tint: Paint, rng: np.random.Generator) -> np.ndarray:
    """Shrink a float picture to `size` (width, height) and give it a camera's softness, tint and noise.

    Returns (H, W, 3) uint8 RGB.
    """
    sharp = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small: np.ndarray = cv2.GaussianBlur(sharp, (0, 0), rng.uniform(0.35, 0.7))
    small *= np.asarray(tint, np.float32)
    small += rng.standard_normal(small.shape, np.float32) * np.float32(rng.uniform(0.004, 0.014))
    return (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
