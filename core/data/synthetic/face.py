"""Paints a drawn face, feature by feature, and with `paint_person` the whole person it belongs to."""

from collections.abc import Callable

import cv2
import numpy as np

from core.data.synthetic.body import paint_body, paint_ears
from core.data.synthetic.canvas import Canvas, ellipse, enlarge, grain
from core.data.synthetic.hair import paint_hair, paint_hair_behind
from core.data.synthetic.head import Head, Sitter, glow
from core.data.synthetic.mask import paint_loops, paint_mask
from core.data.synthetic.person import Person, Shot

SIDES = (-1, 1)
CREASE = np.array((0.45, 0.30, 0.28), np.float32)
"""What is left of the skin's colour in creases and hollows."""
EYE_Y, BROW_Y = -0.16, -0.36
HEAD_LEFT, HEAD_UP, HEAD_DOWN = 1.8, 1.9, 2.4
"""How far head, hair and headwear reach from the middle of the face, in face units."""


def paint_person(canvas: Canvas, person: Person, shot: Shot, cx: float, cy: float, unit: float) -> Head:
    """Paint a person whose face is centred on (cx, cy) with `unit` pixels per face unit; returns where the head is."""
    whole = Sitter(canvas, Head(person, shot, cx, cy, unit))
    # Head parts need planes as large as their canvas: on the cut-out they cost a fraction.
    height, width = canvas.pixels.shape[:2]
    x0, x1 = np.clip((round(cx - HEAD_LEFT * unit), round(cx + HEAD_LEFT * unit)), 0, width)
    y0, y1 = np.clip((round(cy - HEAD_UP * unit), round(cy + HEAD_DOWN * unit)), 0, height)
    near = Sitter(canvas.view(x0, y0, x1, y1), Head(person, shot, cx - x0, cy - y0, unit))
    paint_hair_behind(near)
    paint_body(whole)
    paint_ears(near)
    for paint_part in (_paint_skin, _paint_eyes, _paint_brows, _paint_nose, _paint_beard, _paint_mouth, _paint_lines):
        paint_part(near)
    # A scarf goes under the mask, or it would hide the one on a chin; hair falls over the mask's edges.
    over: tuple[Callable[[Sitter], None], ...] = (paint_mask, _paint_glasses, paint_hair, paint_loops)
    if person.style == "scarf":
        over = (paint_hair, paint_mask, _paint_glasses)
    for paint in over:
        paint(near)
    return whole.head


def _paint_skin(sitter: Sitter) -> None:
    """Skin with relief, blotches, gloss, flushed cheeks and freckles."""
    head, unit, rng, canvas = sitter.head, sitter.unit, sitter.rng, sitter.canvas
    shape = canvas.pixels.shape[:2]
    light, gloss = head.shade(shape, head.bumps())
    # In cells of the face, not of the canvas, so that blotches move with the head.
    texture = 1 + grain(rng, *shape, 0.12 * unit) * 0.018 + grain(rng, *shape, 0.03 * unit) * 0.012
    lit = enlarge(sitter.skin_at(light) + gloss[..., None] * 0.09, shape) * cv2.merge((texture, texture, texture))
    canvas.fill(sitter.spline(head.face_outline()), lit, 1, 0.008 * unit)
    cheeks = [head.at(ellipse(side * 0.42, 0.2, 0.2, 0.16)) for side in SIDES]
    tip = head.at(ellipse(0, head.nose_y - 0.06, 0.1, 0.08))
    canvas.fill([*cheeks, tip], sitter.skin * (1.0, 0.55, 0.52), 0.22, 0.09 * unit, sitter.face_cover)
    if sitter.person.freckles:
        dots = [head.at(ellipse(x, y, 0.013, 0.011, 8)) for x, y in rng.normal((0, 0.1), (0.28, 0.09), (45, 2))]
        canvas.fill(dots, sitter.skin * (0.7, 0.5, 0.4), 0.45, 0.006 * unit, sitter.face_cover)


def _paint_eyes(sitter: Sitter) -> None:
    p, unit, canvas, within = sitter.person, sitter.unit, sitter.canvas, sitter.face_cover
    half, tall = 0.158 * p.eye_size, 0.074 * p.eye_size * sitter.shot.eyes_open
    dark = sitter.skin * 0.16
    for side in SIDES:
        cx = side * p.eye_spread
        inner, outer = (cx - side * half, EYE_Y + 0.012), (cx + side * half, EYE_Y - p.eye_slant)
        top = [(cx - side * half * 0.55, EYE_Y - tall * 0.75), (cx, EYE_Y - tall * 1.15),
               (cx + side * half * 0.55, EYE_Y - tall)]
        low = [(cx + side * half * 0.5, EYE_Y + tall * 0.55), (cx, EYE_Y + tall * 0.8),
               (cx - side * half * 0.5, EYE_Y + tall * 0.6)]
        socket = sitter.head.at(ellipse(cx, EYE_Y - 0.03, half * 1.35, 0.13))
        canvas.fill(socket, sitter.skin * CREASE, 0.36, 0.05 * unit, within)
        opening, lid = sitter.spline([inner, *top, outer, *low]), sitter.spline([inner, *top, outer], False)
        canvas.fill(opening, np.array((0.93, 0.91, 0.89)) * (0.66 + 0.3 * sitter.dim), 1, 0.004 * unit)
        in_eye = canvas.cover([opening])
        _paint_iris(sitter, cx, EYE_Y - tall * 0.2, in_eye)
        canvas.fill(np.vstack((lid, lid[::-1] + (0, 0.05 * unit))), (0.1, 0.05, 0.04), 0.3, 0.015 * unit, in_eye)
        canvas.stroke([lid], (0.018 + 0.016 * p.lashes) * unit, dark, 0.9, 0.006 * unit)
        wing = sitter.spline([top[2], outer, (outer[0] + side * 0.03 * p.lashes, outer[1] - 0.02 * p.lashes)], False)
        canvas.stroke([wing], 0.018 * unit, dark, p.lashes, 0.006 * unit)
        lower = sitter.spline([inner, *reversed(low), outer], False)
        canvas.stroke([lower], 0.012 * unit, sitter.skin * CREASE, 0.6, 0.008 * unit)
        crease = sitter.spline([(x, y - 0.045 - 0.01 * p.age) for x, y in (*top, outer)], False)
        canvas.stroke([crease], 0.016 * unit, sitter.skin * CREASE, 0.6, 0.01 * unit)
        bag = [(cx - side * half * 0.8, EYE_Y + 0.08), (cx, EYE_Y + 0.125), (cx + side * half * 0.8, EYE_Y + 0.09)]
        canvas.stroke([sitter.spline(bag, False)], 0.03 * unit, sitter.skin * CREASE, 0.1 + 0.3 * p.age, 0.018 * unit)


def _paint_iris(sitter: Sitter, cx: float, cy: float, within: np.ndarray) -> None:
    unit, canvas, head = sitter.unit, sitter.canvas, sitter.head
    iris, radius = np.asarray(sitter.person.iris, np.float32), 0.072 * sitter.person.eye_size
    x, y = cx + sitter.shot.gaze[0] * 0.07, cy + sitter.shot.gaze[1] * 0.05
    rim, disc = ellipse(x, y, radius, radius), ellipse(x, y + 0.01, radius * 0.78, radius * 0.75)
    canvas.fill(head.at(rim), iris * 0.35, 1, 0.005 * unit, within)
    canvas.fill(head.at(disc), iris * 1.1, 0.9, 0.012 * unit, within)
    canvas.fill(head.at(ellipse(x, y, radius * 0.42, radius * 0.42)), (0.02, 0.02, 0.02), 1, 0.004 * unit, within)
    spot_x, spot_y = head.at([(x, y)])[0] + np.array((sitter.bright_side * 0.4, -0.45)) * radius * unit
    canvas.fill(ellipse(spot_x, spot_y, 0.017 * unit, 0.017 * unit, 12), (1, 1, 1), 0.9, 0.003 * unit, within)


def _paint_brows(sitter: Sitter) -> None:
    p, unit, rng = sitter.person, sitter.unit, sitter.rng
    colour = sitter.skin * 0.3 if p.style == "bald" else sitter.hair * 0.6 + sitter.skin * 0.08
    x, arch, thick = p.eye_spread, p.brow_arch, 0.03 * p.brow_weight
    bend = np.array(((x - 0.19, BROW_Y - 0.02), (x - 0.06, BROW_Y - 0.035 - arch * 0.4),
                     (x + 0.08, BROW_Y - 0.035 - arch * 0.8), (x + 0.23, BROW_Y + 0.05 - arch * 0.4)))
    taper = np.array(((0, 0.6), (0, 1.0), (0, 0.8), (0, 0.15))) * thick
    for side in SIDES:
        brow = sitter.spline(np.vstack((bend - taper, (bend + taper)[::-1])) * (side, 1))
        sitter.canvas.fill(brow, colour, 0.7, 0.014 * unit, sitter.face_cover)
        along = rng.uniform(0.06, 0.85, 30)
        middle = np.column_stack([np.interp(along, np.linspace(0, 1, 4), axis) for axis in bend.T])
        roots = middle + np.column_stack((0 * along, rng.normal(0.15, 0.35, 30) * thick))
        tips = roots + np.column_stack((np.full(30, 0.055), -0.035 + 0.05 * along))
        hairs = zip(sitter.head.at(roots * (side, 1)), sitter.head.at(tips * (side, 1)), strict=True)
        sitter.canvas.stroke([np.vstack(ends) for ends in hairs], 0.01 * unit, colour * 0.6, 0.5, 0.3,
                             sitter.face_cover)


def _paint_nose(sitter: Sitter) -> None:
    unit, canvas, within, wing = sitter.unit, sitter.canvas, sitter.face_cover, sitter.person.nose_width
    y, away, dark = sitter.head.nose_y, -sitter.bright_side, sitter.skin * CREASE
    ridge = [(away * 0.09, -0.22), (away * 0.075, -0.05), (away * wing * 0.8, y - 0.1)]
    canvas.stroke([sitter.spline(ridge, False, 0.04)], 0.05 * unit, dark, 0.25, 0.04 * unit, within)
    under = [(-wing, y - 0.01), (0, y + 0.02), (wing, y - 0.01), (wing * 0.6, y + 0.05), (0, y + 0.07),
             (-wing * 0.6, y + 0.05)]
    canvas.fill(sitter.spline(under, lift=0.08), dark, 0.5, 0.025 * unit, within)
    for side in SIDES:
        nostril = sitter.head.at(ellipse(side * wing * 0.5, y + 0.012, wing * 0.27, 0.02), 0.12)
        canvas.fill(nostril, dark * 0.4, 0.8, 0.01 * unit, within)
        edge = [(side * wing * 0.82, y - 0.11), (side * wing * 1.08, y - 0.055), (side * wing * 1.04, y),
                (side * wing * 0.8, y + 0.025)]
        canvas.stroke([sitter.spline(edge, False, 0.06)], 0.02 * unit, dark, 0.5, 0.012 * unit, within)
    shine = glow(sitter.skin, 1.15, 0.1)
    bridge = sitter.spline([(-away * 0.012, -0.15), (-away * 0.015, y - 0.16)], False, 0.1)
    canvas.stroke([bridge], 0.03 * unit, shine, 0.3, 0.02 * unit, within)
    canvas.fill(sitter.head.at(ellipse(-away * 0.02, y - 0.08, 0.035, 0.03), 0.16), shine, 0.5, 0.02 * unit, within)


def _paint_beard(sitter: Sitter) -> None:
    p, unit, rng, low = sitter.person, sitter.unit, sitter.rng, sitter.head.chin_y
    if p.beard == "none":
        return
    growth = {"stubble": 0.33, "moustache": 0.85, "goatee": 0.8, "full": 0.88}[p.beard]
    shape = sitter.head.at(_beard_outline(sitter))
    sitter.canvas.fill(shape, sitter.hair * 0.7, growth, 0.035 * unit)
    within = sitter.canvas.cover([shape], 0.02 * unit)
    roots = rng.uniform((-p.half_width, sitter.head.mouth_y - 0.2), (p.half_width, low + 0.05), (260, 2))
    length = 0.02 if p.beard == "stubble" else 0.07
    tips = roots + np.column_stack((roots[:, 0] * length * 0.4 + rng.normal(0, 0.012, 260), np.full(260, length)))
    hairs = [np.vstack(ends) for ends in zip(sitter.head.at(roots), sitter.head.at(tips), strict=True)]
    sitter.canvas.stroke(hairs[::2], 0.012 * unit, sitter.hair * 0.4, growth * 0.7, 0.4, within)
    sitter.canvas.stroke(hairs[1::2], 0.012 * unit, glow(sitter.hair, 1.5), growth * 0.4, 0.4, within)


def _beard_outline(sitter: Sitter) -> list[tuple[float, float]]:
    """The edge of the beard as face points: right side downwards, left side upwards, then along the lip."""
    y, w, low = sitter.head.mouth_y, sitter.person.half_width, sitter.head.chin_y
    lip: list[tuple[float, float]]
    if sitter.person.beard == "moustache":
        right, lip = [(0.14, y - 0.15), (0.33, y + 0.01), (0.3, y + 0.04), (0.12, y - 0.05)], [(0, y - 0.12)]
    elif sitter.person.beard == "goatee":
        right, lip = [(0.13, y - 0.14), (0.31, y - 0.02), (0.29, y + 0.2), (0.2, low + 0.02)], [(0, y - 0.1)]
    else:
        right = [(0.97 * w, -0.02), (0.98 * w, 0.36), (0.88 * w, 0.72), (0.55 * w, low), (0.2 * w, low + 0.07)]
        cheek = [(0.86 * w, 0.1), (0.72 * w, 0.42), (0.5 * w, 0.46), (0.26 * w, y - 0.15)]
        lip = [*((-x, v) for x, v in cheek), (0, y - 0.11), *reversed(cheek)]
    return [*right, *((-x, v) for x, v in reversed(right)), *lip]


def _paint_mouth(sitter: Sitter) -> None:
    p, unit, canvas, y = sitter.person, sitter.unit, sitter.canvas, sitter.head.mouth_y
    half, gap = p.mouth_width * (1 + 0.1 * sitter.shot.smile), 0.09 * sitter.shot.mouth_open
    top, low, corner = 0.065 * p.lip_fullness, 0.085 * p.lip_fullness, y - 0.035 * sitter.shot.smile
    tint = np.asarray(p.lip_tint, np.float32) * (0.35 + 0.65 * sitter.dim)
    line = [(-half, corner), (-half * 0.45, y + 0.004), (0, y + 0.01), (half * 0.45, y + 0.004), (half, corner)]
    fall = [(x, v + gap * (1 - abs(x) / half)) for x, v in line]
    bow = [(-half * 0.5, y - top * 0.75), (-half * 0.2, y - top * 1.05), (0, y - top * 0.8),
           (half * 0.2, y - top * 1.05), (half * 0.5, y - top * 0.75)]
    belly = [(half * 0.55, y + gap + low * 0.8), (0, y + gap + low * 1.1), (-half * 0.55, y + gap + low * 0.8)]
    if gap:
        inside = sitter.spline([*line, *reversed(fall[1:-1])])
        canvas.fill(inside, (0.16, 0.04, 0.05), 1, 0.008 * unit)
        teeth = sitter.spline([(-half * 0.6, y), (half * 0.6, y), (half * 0.5, y + gap * 0.5),
                               (-half * 0.5, y + gap * 0.5)])
        enamel = np.array((0.93, 0.91, 0.86)) * (0.5 + 0.45 * sitter.dim)
        canvas.fill(teeth, enamel, 0.95, 0.008 * unit, canvas.cover([inside]))
    canvas.fill(sitter.spline([line[0], *bow, *reversed(line[1:])]), tint * 0.82, 0.85, 0.012 * unit)
    canvas.fill(sitter.spline([*fall, *belly]), tint, 0.85, 0.012 * unit)
    shine = sitter.head.at(ellipse(0.03, y + gap + low * 0.6, half * 0.4, low * 0.2))
    canvas.fill(shine, glow(tint, 1.2, 0.12), 0.45, 0.02 * unit)
    canvas.stroke([sitter.spline(line, False)], 0.02 * unit, tint * 0.25, 0.8, 0.008 * unit)
    below = sitter.head.at(ellipse(0, y + gap + low * 1.1 + 0.05, half * 0.5, 0.03))
    canvas.fill(below, sitter.skin * CREASE, 0.35, 0.03 * unit)
    corners = [sitter.head.at(ellipse(side * (half + 0.015), corner, 0.03, 0.025)) for side in SIDES]
    canvas.fill(corners, sitter.skin * CREASE, 0.5, 0.02 * unit)


def _paint_lines(sitter: Sitter) -> None:
    """Folds beside nose and mouth, and on older faces the forehead and the corners of the eyes."""
    p, unit, canvas, y = sitter.person, sitter.unit, sitter.canvas, sitter.head.mouth_y
    dark, within = sitter.skin * CREASE, sitter.face_cover
    depth = 0.12 + 0.35 * p.age + 0.15 * max(0.0, sitter.shot.smile)
    folds = [[(side * (p.nose_width + 0.03), sitter.head.nose_y - 0.06), (side * 0.29, y - 0.13),
              (side * 0.37, y + 0.05)] for side in SIDES]
    canvas.stroke([sitter.spline(fold, False) for fold in folds], 0.03 * unit, dark, depth, 0.02 * unit, within)
    if p.age < 0.5:
        return
    x = p.eye_spread + 0.2
    crows = [[(side * x, EYE_Y + k * 0.03), (side * (x + 0.11), EYE_Y - 0.01 + k * 0.07)]
             for side in SIDES for k in (-1, 0, 1)]
    canvas.stroke([sitter.spline(crow, False) for crow in crows], 0.014 * unit, dark, p.age * 0.4, 0.01 * unit, within)
    rows = [[(-0.34, v + 0.02), (-0.12, v - 0.01), (0.13, v), (0.34, v + 0.02)] for v in (-0.58, -0.68, -0.79)]
    canvas.stroke([sitter.spline(row, False) for row in rows], 0.018 * unit, dark, p.age * 0.3, 0.014 * unit, within)


def _paint_glasses(sitter: Sitter) -> None:
    p, unit, canvas, head = sitter.person, sitter.unit, sitter.canvas, sitter.head
    if p.glasses == "none":
        return
    width = (0.014 if p.glasses == "rimless" else 0.028) * unit
    # A superellipse: the higher the power, the squarer the lens.
    power = 2.0 if p.glasses == "round" else 3.5
    turn = np.linspace(0, 2 * np.pi, 40)
    lens = np.column_stack([np.sign(wave) * abs(wave) ** (2 / power) for wave in (np.cos(turn), np.sin(turn))])
    rims = [head.at(lens * (0.235, 0.185) + (side * (p.eye_spread + 0.01), EYE_Y + 0.03), 0.1) for side in SIDES]
    arms = [head.at([(side * (p.eye_spread + 0.24), -0.18), (side * p.half_width, -0.19)], 0.05) for side in SIDES]
    bridge = sitter.spline([(-0.1, -0.15), (0, -0.19), (0.1, -0.15)], False, 0.12)
    canvas.fill(rims, (0.9, 0.95, 1), 0.07)
    canvas.stroke([rim + (0, 0.02 * unit) for rim in rims], width, (0, 0, 0), 0.25, 0.012 * unit, sitter.face_cover)
    canvas.stroke([*rims, *arms, bridge], width, np.asarray(p.glasses_colour) * sitter.dim, 0.95, 0.3)
