"""Puts the mask on a drawn face: surgical with pleats, FFP2-like or cloth; over the nose, under it, or on the chin."""

import numpy as np

from core.data.synthetic.canvas import Canvas, ellipse, enlarge, smooth
from core.data.synthetic.head import Head, Sitter, glow, mirrored

COLUMNS = 21
"""Points across the mask; its surface is a grid of rows between the upper and the lower edge."""


class Sheet:
    """The mask as a curved sheet: t runs from its upper edge (0) to its lower edge (1)."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.upper, self.lower = _edges(head)
        kind, on_chin = head.shot.mask.kind, head.shot.position == "chin"
        self.bulge = 0.04 if on_chin else {"surgical": 0.1, "ffp2": 0.2, "cloth": 0.11}[kind]

    def points(self, across: np.ndarray, t: float | np.ndarray) -> np.ndarray:
        """Pixels (N, 2) of the places `across` (-1 left edge to 1 right edge) and `t` down."""
        across, t = np.broadcast_arrays(np.asarray(across, float), np.asarray(t, float))
        place = np.linspace(-1, 1, COLUMNS)
        top, low = ([np.interp(across, place, edge[:, k]) for k in (0, 1)] for edge in (self.upper, self.lower))
        flat = np.column_stack([a + (b - a) * t for a, b in zip(top, low, strict=True)])
        # The nose holds the upper edge away from the cheeks; the sheet bellies out below it.
        ridge = 0.13 * np.exp(-((across / 0.22) ** 2)) * (1 - t) * (self.head.shot.position == "on")
        belly = self.bulge * np.cos(across * np.pi / 2) * np.sin(np.pi * np.clip(t, 0.05, 0.95))
        return self.head.at(flat, ridge + belly)

    def row(self, t: float) -> np.ndarray:
        return self.points(np.linspace(-1, 1, COLUMNS), t)

    def column(self, across: float) -> np.ndarray:
        return self.points(np.full(9, across), np.linspace(0, 1, 9))

    def outline(self) -> np.ndarray:
        return np.vstack((self.row(0), self.row(1)[::-1]))


def _edges(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower edge as face points (COLUMNS, 2), left to right."""
    w, slip, low = head.person.half_width, head.shot.slip, head.chin_y
    if head.shot.position == "on":
        y = -0.08 + 0.1 * slip
        upper = [(0, y), (0.2, y + 0.06), (0.6 * w, y + 0.09), (0.93 * w, 0.14)]
        lower = [(0, low + 0.08), (0.24, low + 0.06), (0.62 * w, 0.86), (0.86 * w, 0.62)]
    elif head.shot.position == "under_nose":
        y = head.nose_y + 0.06 + 0.05 * slip
        upper = [(0, y), (0.2, y), (0.6 * w, y - 0.03), (0.92 * w, 0.3)]
        lower = [(0, low + 0.13), (0.24, low + 0.1), (0.6 * w, 0.93), (0.82 * w, 0.74)]
    else:
        y = head.mouth_y + 0.19 + 0.05 * slip
        upper = [(0, y), (0.2, y), (0.6 * w, y - 0.04), (0.88 * w, 0.5)]
        lower = [(0, low + 0.23), (0.24, low + 0.2), (0.56 * w, low + 0.1), (0.74 * w, 0.9)]
    return _spread(upper), _spread(lower)


def _spread(half: list[tuple[float, float]]) -> np.ndarray:
    curve = smooth(mirrored(half), False)
    places = np.linspace(0, len(curve) - 1, COLUMNS)
    return np.column_stack([np.interp(places, np.arange(len(curve)), curve[:, k]) for k in (0, 1)])


def paint_mask(sitter: Sitter) -> None:
    """Paint the mask's sheet, if one is worn, with its shadow on the face, light, folds and pattern."""
    if sitter.shot.position == "off":
        return
    canvas, head, unit, look = sitter.canvas, sitter.head, sitter.unit, sitter.shot.mask
    sheet = Sheet(head)
    outline = sheet.outline()
    canvas.fill(outline + (0, 0.035 * unit), sitter.skin * 0.22, 0.55, 0.035 * unit)
    middle = (sheet.upper[COLUMNS // 2, 1] + sheet.lower[COLUMNS // 2, 1]) / 2
    bumps = [(0, middle, 0.3, 0.22, 2 * sheet.bulge)]
    if sitter.shot.position == "on":
        bumps.append((0, 0.1, 0.1, 0.16, 0.09))
    shape = canvas.pixels.shape[:2]
    light, _ = head.shade(shape, bumps)
    # Cloth lets some light through, so its shadows stay paler than the skin's.
    light = (0.15 + 0.85 * light)[..., None]
    colour = np.asarray(look.colour, np.float32)
    canvas.fill(outline, enlarge(colour * light, shape), 1, 0.006 * unit)
    within = canvas.cover([outline])
    _pattern(canvas, sheet, enlarge(np.asarray(look.accent, np.float32) * light, shape), within)
    _folds(canvas, sheet, colour, within)


def _folds(canvas: Canvas, sheet: Sheet, colour: np.ndarray, within: np.ndarray) -> None:
    unit, kind, on_chin = sheet.head.unit, sheet.head.shot.mask.kind, sheet.head.shot.position == "chin"
    dark = colour * 0.5
    pleated = on_chin or kind == "surgical"
    creases = [sheet.row(t) for t in (0.3, 0.52, 0.74)] if pleated else [sheet.column(0.0)]
    lit_edges = [crease + np.array((0.008, 0.026)) * unit for crease in creases]
    canvas.stroke(creases, 0.022 * unit, dark, 0.5, 0.012 * unit, within)
    canvas.stroke(lit_edges, 0.018 * unit, glow(colour, 1.15), 0.5, 0.01 * unit, within)
    seams = [sheet.row(0.06), sheet.row(0.94), sheet.column(-0.95), sheet.column(0.95)]
    canvas.stroke(seams, 0.012 * unit, dark, 0.4, 0.006 * unit, within)
    rim = np.vstack((sheet.outline(), sheet.row(0)[:1]))
    canvas.stroke([rim], 0.018 * unit, dark, 0.55, 0.008 * unit, within)
    if kind == "ffp2" and not on_chin:
        wire = sheet.points(np.linspace(-0.28, 0.28, 9), 0.1)
        canvas.stroke([wire], 0.04 * unit, colour * 0.78, 0.8, 0.006 * unit, within)


def _pattern(canvas: Canvas, sheet: Sheet, paint: np.ndarray, within: np.ndarray) -> None:
    unit, pattern = sheet.head.unit, sheet.head.shot.mask.pattern
    line, soft = 0.045 * unit, 0.006 * unit
    if pattern == "dots":
        spots = [spot for k, across in enumerate(np.linspace(-0.92, 0.92, 12))
                 for spot in sheet.points(np.full(5, across), (np.arange(5) + 0.25 + 0.5 * (k % 2)) / 5)]
        canvas.fill([ellipse(x, y, 0.032 * unit, 0.032 * unit, 12) for x, y in spots], paint, 0.9, soft, within)
    if pattern in ("stripes", "checks"):
        canvas.stroke([sheet.row(t) for t in np.linspace(0.1, 0.9, 6)], line, paint, 0.75, soft, within)
    if pattern == "checks":
        columns = [sheet.column(across) for across in np.linspace(-0.85, 0.85, 10)]
        canvas.stroke(columns, line, paint, 0.6, soft, within)


def paint_loops(sitter: Sitter) -> None:
    """The elastic from the mask's corners to behind the ears, where hair does not hide it."""
    head, unit, w = sitter.head, sitter.unit, sitter.person.half_width
    if sitter.shot.position == "off" or sitter.person.style in ("bob", "long"):
        return
    colour = (0.2, 0.2, 0.22) if np.mean(sitter.shot.mask.colour) < 0.3 else (0.9, 0.9, 0.89)
    sheet = Sheet(head)
    for side in (-1, 1):
        ears = head.at([(side * (w + 0.05), -0.14), (side * (w + 0.02), 0.2)], z=0.0)
        corners = sheet.points(np.array((side, side)), np.array((0.05, 0.92)))
        bands = [smooth([corner, (corner + ear) / 2 + (0, 0.03 * unit), ear], False)
                 for corner, ear in zip(corners, ears, strict=True)]
        sitter.canvas.stroke([band + (0, 0.02 * unit) for band in bands], 0.02 * unit, (0.1, 0.06, 0.05), 0.3,
                             0.01 * unit)
        sitter.canvas.stroke(bands, 0.019 * unit, np.asarray(colour) * (0.5 + 0.5 * sitter.dim), 0.95, 0.3)
