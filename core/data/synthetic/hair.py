"""Paints hair and headwear on a drawn head: one part behind the face, one over it."""

import numpy as np

from core.data.synthetic.canvas import ellipse
from core.data.synthetic.head import Sitter, glow, mirrored

FLOWING = ("bob", "long", "side")
"""Styles combed sideways from a parting; the others are combed back from the forehead."""
THICKNESS = {"buzz": 0.0, "short": 0.07, "side": 0.1, "bob": 0.13, "long": 0.12, "curly": 0.16, "bun": 0.05}
"""How far the hair stands off the skull, in face units."""
SAMPLES = 41
"""Points along the outer and the inner edge of the hair; strands run along or between the two."""


def paint_hair_behind(sitter: Sitter) -> None:
    """The hair that hangs or stands behind the head."""
    style = sitter.person.style
    if style in ("bob", "long"):
        _paint_curtain(sitter)
    elif style == "curly":
        volume, w = sitter.person.volume, sitter.person.half_width
        angle = np.linspace(np.pi - 0.5, 2 * np.pi + 0.5, 40)
        reach = np.column_stack((np.cos(angle) * (w + 0.14 + 0.2 * volume), np.sin(angle) * (1.22 + 0.2 * volume)))
        _paint_curls(sitter, np.vstack((reach, reach * 0.85)) + (0, -0.12), 0.17, -0.2)
    elif style == "bun":
        knot, top = ellipse(0, -1.5, 0.34, 0.3), ellipse(0.03, -1.56, 0.2, 0.16)
        sitter.canvas.fill(sitter.spline(knot, z=-0.3), sitter.hair * 0.62, 1, 0.01 * sitter.unit)
        sitter.canvas.fill(sitter.spline(top, z=-0.3), sitter.hair, 0.7, 0.05 * sitter.unit)


def paint_hair(sitter: Sitter) -> None:
    """The hair or headwear over the head and beside the face."""
    style = sitter.person.style
    if style == "scarf":
        _paint_scarf(sitter)
    elif style == "beanie":
        _paint_beanie(sitter)
    elif style != "bald":
        _paint_crown(sitter)


def _length(sitter: Sitter) -> float:
    """How far down the hair beside the face reaches, in face units."""
    volume = sitter.person.volume
    return {"bob": 0.62 + 0.4 * volume, "long": 1.7 + 0.4 * volume}.get(sitter.person.style, -0.1)


def _paint_curtain(sitter: Sitter) -> None:
    w, drop, flare = sitter.person.half_width, _length(sitter), 0.2 + 0.12 * sitter.person.volume
    half = [(0, -1.42), (0.6 * w, -1.3), (w + 0.1, -0.8), (w + flare, -0.1), (w + flare, 0.6 * drop),
            (w + flare * 0.6, drop), (w * 0.5, drop + 0.05)]
    shape = sitter.spline(mirrored(half), z=-0.25)
    sitter.canvas.fill(shape, sitter.hair * 0.55 * sitter.dim, 1, 0.012 * sitter.unit)
    x = sitter.rng.uniform(-1, 1, 50) * (w + flare)
    roots, tips = np.column_stack((x * 0.8, x * 0 - 0.9)), np.column_stack((x, x * 0 + drop))
    ends = zip(sitter.head.at(roots, z=-0.25), sitter.head.at(tips, z=-0.25), strict=True)
    _paint_strands(sitter, [np.vstack(pair) for pair in ends], sitter.canvas.cover([shape]), 0.5)


def _paint_strands(sitter: Sitter, strands: list[np.ndarray], within: np.ndarray, strength: float) -> None:
    width, light = 0.013 * sitter.unit, glow(sitter.hair, 1.5, 0.05)
    sitter.canvas.stroke(strands[::2], width, sitter.hair * 0.55, strength, 0.4, within)
    sitter.canvas.stroke(strands[1::2], width, light, strength * 0.55, 0.4, within)


def _paint_curls(sitter: Sitter, centres: np.ndarray, radius: float, z: float) -> None:
    """Overlapping round locks (face units), each dark at its edge and light in the middle."""
    centres = sitter.rng.permutation(centres + sitter.rng.normal(0, 0.04, centres.shape))
    sizes = radius * sitter.rng.uniform(0.75, 1.15, len(centres))
    light = np.array((sitter.bright_side, -1.0)) * 0.2
    # In a few batches, so that locks of a later one lie on those of an earlier one.
    for batch in np.array_split(np.arange(len(centres)), 5):
        for shade, scale, soft in ((0.5, 1.0, 0.02), (0.85, 0.72, 0.03), (1.25, 0.36, 0.03)):
            size = sizes[batch, None, None]
            rings = (centres[batch, None] + light * size * (1 - scale)) + ellipse(0, 0, 1, 0.9, 12) * size * scale
            locks = sitter.head.at(rings.reshape(-1, 2), z=z).reshape(rings.shape)
            sitter.canvas.fill(list(locks), np.clip(sitter.hair * shade * (0.5 + 0.5 * sitter.dim), 0, 1), 0.8,
                               soft * sitter.unit)


def _hair_edges(sitter: Sitter) -> tuple[np.ndarray, np.ndarray]:
    """Outer edge and hairline from the left over the top to the right, (SAMPLES, 2) pixels each."""
    p, w, style, end = sitter.person, sitter.person.half_width, sitter.person.style, _length(sitter)
    thick = THICKNESS[style] * (0.7 + 0.6 * p.volume)
    if style in ("bob", "long"):
        wide = w + thick + 0.04
        # A bob is cut straight; long locks end in a point on the shoulders.
        tip = 0.86 * w if style == "bob" else wide - 0.06
        outer = [(0, -1.27 - thick), (0.5 * wide, -1.2 - thick), (0.88 * wide, -0.9), (wide + 0.03, -0.35),
                 (wide + 0.05, 0.2), (wide, end)]
        if p.fringe > 0.1:
            line = -0.86 + p.fringe
            inner = [(0, line - 0.02), (0.4 * w, line), (0.74 * w, line + 0.06), (0.88 * w, line + 0.25),
                     (0.92 * w, 0.1), (tip, end)]
        else:
            inner = [(0, -0.98), (0.3 * w, -0.84), (0.66 * w, -0.6), (0.86 * w, -0.2), (0.92 * w, 0.25),
                     (tip, end)]
    else:
        wide, line = w + thick, -0.86 + p.fringe * (1.0 if style in ("side", "short") else 0.3)
        outer = [(0, -1.27 - thick), (0.5 * wide, -1.2 - thick), (0.88 * wide, -0.9), (wide + 0.02, -0.5),
                 (wide - 0.01 - thick * 0.5, -0.28), (w * 0.985, end)]
        inner = [(0, line - 0.04), (0.45 * w, line + 0.02), (0.8 * w, -0.64), (0.9 * w, -0.45), (0.93 * w, -0.28),
                 (0.95 * w, end)]
    return (_resampled(sitter.spline(mirrored(outer), False, z=-0.05)),
            _resampled(sitter.spline(mirrored(inner), False)))


def _resampled(curve: np.ndarray) -> np.ndarray:
    return _along(curve, np.linspace(0, len(curve) - 1, SAMPLES))


def _along(curve: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The points (N, 2) at fractional indices (N,) of a curve."""
    return np.column_stack([np.interp(places, np.arange(len(curve)), axis) for axis in curve.T])


def _paint_crown(sitter: Sitter) -> None:
    """The hair on top, from the hairline over the skull, and beside the face for longer cuts."""
    unit, canvas, style = sitter.unit, sitter.canvas, sitter.person.style
    outer, inner = _hair_edges(sitter)
    outline = np.vstack((outer, inner[::-1]))
    if style == "buzz":
        canvas.fill(outline, sitter.hair * 0.8 * sitter.dim + sitter.skin * 0.08, 0.8, 0.035 * unit)
        return
    canvas.fill(outline + (0, 0.04 * unit), sitter.skin * 0.25, 0.4, 0.04 * unit, sitter.face_cover)
    canvas.fill(outline, sitter.hair * 0.85 * (0.5 + 0.5 * sitter.dim), 1, 0.014 * unit)
    if style == "curly":
        depth, place = sitter.rng.uniform(0, 1, 90), sitter.rng.integers(5, SAMPLES - 5, 90)
        spots = outer[place] + (inner - outer)[place] * depth[:, None]
        # The locks are given in face units; at depth 0 the way back from pixels is exact enough.
        _paint_curls(sitter, (spots - sitter.head.centre) / unit @ sitter.head.turn.T, 0.12, 0.0)
        return
    within = canvas.cover([outline], 0.012 * unit)
    middle = slice(SAMPLES // 4, -SAMPLES // 4)
    sheen = (outer * 0.55 + inner * 0.45)[middle]
    canvas.stroke([sheen], 0.12 * unit, glow(sitter.hair, 1.5, 0.05), 0.35, 0.06 * unit, within)
    strands = _flowing(sitter, outer, inner) if style in FLOWING else _combed_back(sitter, outer, inner)
    _paint_strands(sitter, strands, within, 0.6)


def _flowing(sitter: Sitter, outer: np.ndarray, inner: np.ndarray) -> list[np.ndarray]:
    """Strands from the parting down both sides."""
    parting = SAMPLES // 2 + (0, -5, 5)[sitter.person.seed % 3]
    strands = []
    for _ in range(90):
        goal = 0 if sitter.rng.uniform() < 0.5 else SAMPLES - 1
        start = parting + int(sitter.rng.integers(0, 3)) * (1 if goal else -1)
        stop = round(start + (goal - start) * sitter.rng.uniform(0.5, 1))
        path = np.arange(start, stop, 1 if goal else -1)
        share = np.clip(sitter.rng.uniform() + np.linspace(0, sitter.rng.normal(0, 0.12), len(path)), 0, 1)
        strands.append(outer[path] + (inner - outer)[path] * share[:, None])
    return strands


def _combed_back(sitter: Sitter, outer: np.ndarray, inner: np.ndarray) -> list[np.ndarray]:
    """Strands from the hairline up and over the skull."""
    places = sitter.rng.uniform(1, SAMPLES - 2, 110)
    roots, tips = _along(inner, places), _along(outer, places + sitter.rng.normal(0, 0.6, 110))
    return [np.vstack(ends) for ends in zip(roots, tips, strict=True)]


def _paint_scarf(sitter: Sitter) -> None:
    """A headscarf: cloth around the face and down over the neck, folded along its edge."""
    w, low, side = sitter.person.half_width, sitter.head.chin_y, sitter.bright_side
    unit, canvas = sitter.unit, sitter.canvas
    cloth = np.asarray(sitter.person.headwear, np.float32) * (0.6 + 0.4 * sitter.dim)
    outer = [(0, -1.42), (0.6 * w, -1.32), (w + 0.12, -0.8), (w + 0.2, -0.1), (w + 0.17, 0.6), (w + 0.2, 1.1),
             (w + 0.5, 1.8)]
    window = [(0, -0.86), (0.5 * w, -0.78), (0.84 * w, -0.45), (0.93 * w, 0.05), (0.86 * w, 0.5), (0.6 * w, 0.86)]
    shape = sitter.spline([*mirrored(outer), (0, 2.1)], z=-0.1)
    opening = sitter.spline([*mirrored(window), (0, low + 0.06)])
    rim = [np.vstack((opening, opening[:1]))]
    canvas.stroke(rim, 0.08 * unit, sitter.skin * 0.25, 0.5, 0.035 * unit, canvas.cover([opening]))
    within = canvas.cover([shape]) * (1 - canvas.cover([opening], 0.006 * unit))
    canvas.fill(shape, cloth, 1, 0.01 * unit, within)
    crown, cheek = ellipse(side * 0.6 * w, -0.95, 0.4, 0.35), ellipse(-side * w * 1.1, 0.3, 0.25, 1.1)
    canvas.fill(sitter.head.at(crown, z=0.1), glow(cloth), 0.5, 0.15 * unit, within)
    canvas.fill(sitter.head.at(cheek, z=0), cloth * 0.4, 0.5, 0.12 * unit, within)
    folds = [[(s * 0.2, -1.15 - k * 0.07), (s * w * (0.94 + k * 0.07), -0.5), (s * w * (1 + k * 0.1), 0.3),
              (s * (0.5 + k * 0.1) * w, low + k * 0.16)] for s in (-1, 1) for k in (1, 2)]
    drapes = [[(-w, low + k), (0.1, low + 0.25 + k), (w, low - 0.05 + k)] for k in (0.2, 0.4, 0.6)]
    lines = [sitter.spline(line, False, z=0.0) for line in (*folds, *drapes)]
    canvas.stroke(lines, 0.04 * unit, cloth * 0.4, 0.45, 0.03 * unit, within)
    canvas.stroke(rim, 0.02 * unit, glow(cloth, 1.2), 0.6, 0.008 * unit, within)


def _paint_beanie(sitter: Sitter) -> None:
    """A knitted cap with a turned-up edge."""
    w, unit, canvas, head = sitter.person.half_width, sitter.unit, sitter.canvas, sitter.head
    wool = np.asarray(sitter.person.headwear, np.float32) * (0.6 + 0.4 * sitter.dim)
    edge = mirrored([(0, -0.71), (0.55 * w, -0.66), (w + 0.05, -0.5)])
    turn_up = [(x, y - 0.26) for x, y in edge]
    dome = mirrored([(0, -1.52), (0.72 * w, -1.3), (w + 0.07, -0.75)])[::-1]
    shape = np.vstack((sitter.spline(edge, False, 0.04), sitter.spline(dome, False, z=0.05)))
    canvas.fill(shape + (0, 0.05 * unit), sitter.skin * 0.25, 0.4, 0.04 * unit, sitter.face_cover)
    canvas.fill(shape, wool, 1, 0.012 * unit)
    within = canvas.cover([shape])
    lit = head.at(ellipse(sitter.bright_side * 0.4, -1.1, 0.4, 0.3), z=0.2)
    canvas.fill(lit, glow(wool), 0.45, 0.15 * unit, within)
    ribs = [head.at([(x, -1.6), (x * 1.15, -0.4)], z=0.2) for x in np.linspace(-w, w, 26)]
    canvas.stroke(ribs, 0.018 * unit, wool * 0.5, 0.35, 0.01 * unit, within)
    upper = sitter.spline(turn_up, False, 0.06)
    brim = np.vstack((sitter.spline(edge, False, 0.06), upper[::-1]))
    canvas.fill(brim, glow(wool, 1.12, 0), 0.55, 0.008 * unit, within)
    canvas.stroke([upper], 0.03 * unit, wool * 0.35, 0.6, 0.015 * unit, within)
