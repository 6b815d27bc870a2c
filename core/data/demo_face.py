"""Paints one drawn person on a canvas: body, head, features, hair; `demo_mask` puts the mask on."""

import numpy as np

from core.data.demo_canvas import Canvas, ellipse, grain, smooth
from core.data.demo_head import Head
from core.data.demo_mask import paint_loops, paint_mask
from core.data.demo_person import Person, Shot

SIDES = (-1, 1)
SHADOW_TINT = np.array((0.82, 1.0, 1.1), np.float32)
"""Skin turns redder as it gets darker: the exponent of the light on each channel."""


class Sitter:
    """A head with the canvas it is painted on; every method paints one part, back to front."""

    def __init__(self, canvas: Canvas, head: Head) -> None:
        self.canvas, self.head = canvas, head
        self.person, self.shot, self.unit = head.person, head.shot, head.unit
        # Strands and freckles come from the person's own seed, or they would flicker from frame to frame.
        self.rng = np.random.default_rng(self.person.seed)
        self.skin = np.asarray(self.person.skin, np.float32)
        self.hair = np.asarray(self.person.hair, np.float32)
        self.dim = float(0.62 + 0.38 * self.shot.ambient)

    def paint(self) -> None:
        """Paint the whole person."""
        self.back_hair()
        self.body()
        self.ears()
        self.face()
        self.eyes()
        self.brows()
        self.nose()
        self.beard()
        self.mouth()
        self.lines()
        if self.shot.position != "off":
            paint_mask(self.canvas, self.head)
        self.glasses()
        self.front_hair()
        if self.shot.position != "off":
            paint_loops(self.canvas, self.head)

    def spline(self, points, closed: bool = True, lift: float = 0.0, z: float | None = None) -> np.ndarray:
        return smooth(self.head.at(points, lift, z), closed)

    def strands(self, roots: np.ndarray, tips: np.ndarray, bend: float, within: np.ndarray, strength: float) -> None:
        """Light and dark lines from roots to tips, pixels (N, 2) each, bent sideways by `bend` of their length."""
        along = tips - roots
        middle = roots + along * 0.5 + np.column_stack((-along[:, 1], along[:, 0])) * bend
        t = np.linspace(0, 1, 7)[:, None]
        curves = [a * (1 - t) ** 2 + 2 * m * t * (1 - t) + b * t**2
                  for a, m, b in zip(roots, middle, tips, strict=True)]
        width = 0.012 * self.unit
        glint = np.clip(self.hair * 1.5 + 0.09, 0, 1)
        self.canvas.stroke(curves[::2], width, self.hair * 0.45, strength, 0.3, within)
        self.canvas.stroke(curves[1::2], width, glint, strength * 0.6, 0.3, within)

    # ---- behind the face -------------------------------------------------------------------------------------

    def back_hair(self) -> None:
        p, w = self.person, self.person.half_width
        fill = self.hair * 0.62
        if p.style in ("bob", "long"):
            drop, flare = (0.75 + 0.3 * p.volume, 0.2) if p.style == "bob" else (1.75 + 0.4 * p.volume, 0.24)
            flare += 0.12 * p.volume
            outline = [(0, -1.42), (0.6 * w, -1.3), (w + 0.1, -0.8), (w + flare, -0.1), (w + flare, 0.6 * drop),
                       (w + flare * 0.7, drop)]
            shape = self.spline([*outline, (0, drop), *((-x, y) for x, y in reversed(outline[1:]))], z=-0.25)
            self.canvas.fill(shape, fill, 1, 0.012 * self.unit)
            x = np.linspace(-1, 1, 60) * (w + flare)
            x = x + self.rng.normal(0, 0.02, x.size)
            roots, tips = np.column_stack((x * 0.8, x * 0 - 0.9)), np.column_stack((x, x * 0 + drop))
            self.strands(self.head.at(roots, z=-0.25), self.head.at(tips, z=-0.25), 0.03,
                         self.canvas.cover([shape]), 0.6)
        elif p.style == "curly":
            self.curls(self.ring(w + 0.16 + 0.22 * p.volume, 1.3 + 0.22 * p.volume, 34, 0.55), 0.2, -0.2)
        elif p.style == "bun":
            self.canvas.fill(self.spline(ellipse(0, -1.5, 0.34, 0.3), z=-0.3), fill, 1, 0.01 * self.unit)
            self.canvas.fill(self.spline(ellipse(0.03, -1.56, 0.2, 0.16), z=-0.3), self.hair, 0.7, 0.05 * self.unit)

    def ring(self, rx: float, ry: float, count: int, end: float) -> np.ndarray:
        """Points on the arc over the head, from `end` below the eyes on one side to the other."""
        angle = np.linspace(np.pi - end, 2 * np.pi + end, count)
        return np.column_stack((rx * np.cos(angle), -0.12 + ry * np.sin(angle)))

    def curls(self, centres: np.ndarray, radius: float, z: float) -> None:
        """Overlapping locks around the centres, lighter ones on top, and everything they enclose."""
        self.canvas.fill(self.head.at(centres, z=z), self.hair * 0.7)
        for shade, scale in ((0.55, 1.0), (0.8, 0.8), (1.15, 0.42)):
            for x, y in centres + self.rng.normal(0, 0.05, centres.shape):
                size = radius * scale * self.rng.uniform(0.7, 1.1)
                lock = self.head.at(ellipse(x, y, size, size * 0.85, 12), z=z)
                self.canvas.fill(lock, np.clip(self.hair * shade + 0.02, 0, 1), 0.75, 0.025 * self.unit)

    def body(self) -> None:
        """Neck, shoulders and clothes, lit from the same side as the face."""
        p, w, u = self.person, self.person.half_width, self.unit
        shift = self.head.centre[0]
        down = self.head.centre[1]

        def place(points) -> np.ndarray:
            # The body stays upright while the head rolls and turns.
            return np.asarray(points, float) * u + (shift - np.sin(self.shot.roll) * 0.35 * u, down)

        neck = 0.6 * w + 0.06 * p.jaw
        neck_shape = smooth(place([(-neck, 0.4), (neck, 0.4), (neck, 1.1), (neck + 0.14, 1.5), (0, 1.9),
                                   (-neck - 0.14, 1.5), (-neck, 1.1)]))
        self.canvas.fill(neck_shape, self.skin**SHADOW_TINT * self.dim * 0.9, 1, 0.01 * u)
        within = self.canvas.cover([neck_shape])
        side = np.sign(self.shot.light[0]) or 1
        self.canvas.fill(place(ellipse(-side * neck, 1.0, 0.35, 0.8)), self.skin * 0.35, 0.4, 0.12 * u, within)
        self.canvas.fill(place(ellipse(0, 0.95, 0.62, 0.36)), self.skin * 0.3, 0.6, 0.08 * u, within)
        self.clothes(place, neck, side)

    def clothes(self, place, neck: float, side: float) -> None:
        u, colour = self.unit, np.asarray(self.person.clothes, np.float32)
        collar = {"crew": 1.5, "v": 1.95, "shirt": 1.72, "hood": 1.45}[self.person.collar]
        half = [(neck + 0.1, 1.26), (neck + 0.5, 1.46), (1.45, 1.66), (1.78, 2.1), (1.9, 3.4)]
        dip = [(-neck * 0.6, collar - 0.15), (0, collar), (neck * 0.6, collar - 0.15)]
        outline = place([*half, *((-x, y) for x, y in reversed(half)), *dip])
        self.canvas.fill(outline, colour * self.dim, 1, 0.008 * u)
        within = self.canvas.cover([outline])
        self.canvas.fill(place(ellipse(side * 0.9, 1.9, 0.6, 0.4)), np.clip(colour * 1.25 + 0.05, 0, 1), 0.45, 0.25 * u, within)
        self.canvas.fill(place(ellipse(-side * 1.3, 2.3, 0.6, 0.9)), colour * 0.35, 0.5, 0.25 * u, within)
        folds = [smooth(place([(x, 1.6), (x * 1.1 + bend, 2.1), (x * 1.2, 2.9)]), False)
                 for x, bend in zip(self.rng.uniform(-1.4, 1.4, 6), self.rng.normal(0, 0.1, 6), strict=True)]
        self.canvas.stroke(folds, 0.05 * u, colour * 0.4, 0.4, 0.05 * u, within)
        rim = smooth(place([(-neck - 0.1, 1.26), *dip, (neck + 0.1, 1.26)]), False)
        if self.person.collar in ("crew", "hood"):
            thick = 0.09 if self.person.collar == "crew" else 0.2
            self.canvas.stroke([rim], thick * u, colour * self.dim * 0.86, 1, 0.01 * u)
            self.canvas.stroke([rim + (0, thick * u / 2)], 0.02 * u, colour * 0.4, 0.6, 0.01 * u)
        elif self.person.collar == "shirt":
            for s in SIDES:
                flap = place([(s * (neck + 0.06), 1.2), (s * (neck + 0.22), 1.38), (s * 0.4, 1.95), (s * 0.02, collar)])
                self.canvas.fill(flap + (0, 0.03 * u), colour * 0.3, 0.4, 0.03 * u)
                self.canvas.fill(flap, np.clip(colour * self.dim * 1.08 + 0.02, 0, 1), 1, 0.006 * u)
        else:
            self.canvas.stroke([rim], 0.05 * u, colour * 0.7, 0.9, 0.01 * u)

    def ears(self) -> None:
        w = self.person.half_width
        for s in SIDES:
            ear = self.spline([(s * (w - 0.04), -0.2), (s * (w + 0.09), -0.26), (s * (w + 0.13), -0.12),
                               (s * (w + 0.09), 0.1), (s * (w + 0.02), 0.27), (s * (w - 0.06), 0.2)], z=-0.02)
            lit = self.dim * (1 + 0.25 * s * self.shot.light[0])
            self.canvas.fill(ear, np.clip(self.skin * lit * (1.0, 0.9, 0.88), 0, 1), 1, 0.006 * self.unit)
            inner = self.spline([(s * (w + 0.0), -0.14), (s * (w + 0.075), -0.17), (s * (w + 0.07), -0.02),
                                 (s * (w + 0.02), 0.1)], z=-0.02)
            self.canvas.fill(inner, self.skin * (0.5, 0.36, 0.34), 0.55, 0.02 * self.unit)

    # ---- the face --------------------------------------------------------------------------------------------

    def face(self) -> None:
        """Skin with relief, blotches, gloss, flushed cheeks and freckles."""
        shape, u = self.canvas.pixels.shape[:2], self.unit
        light, gloss = self.head.shade(shape, self.head.bumps())
        texture = grain(self.rng, *shape, 0.12 * u) * 0.018 + grain(self.rng, *shape, 0.03 * u) * 0.012
        lit = (light * (1 + texture))[..., None]
        self.lit_skin = np.clip(self.skin * lit**SHADOW_TINT + gloss[..., None] * 0.16, 0, 1)
        outline = self.spline(self.head.face_outline())
        self.canvas.fill(outline, self.lit_skin, 1, 0.008 * u)
        self.within = self.canvas.cover([outline])
        blush = self.skin * (1.0, 0.55, 0.52)
        for x, y, size in ((-0.42, 0.2, 0.2), (0.42, 0.2, 0.2), (0, self.head.nose_y - 0.06, 0.1)):
            self.canvas.fill(self.head.at(ellipse(x, y, size, size * 0.8)), blush, 0.22, 0.09 * u, self.within)
        if self.person.freckles:
            for x, y in self.rng.normal((0, 0.1), (0.28, 0.09), (45, 2)):
                dot = self.head.at(ellipse(x, y, 0.013, 0.011, 8))
                self.canvas.fill(dot, self.skin * (0.7, 0.5, 0.4), 0.5, 0.006 * u, self.within)

    def eyes(self) -> None:
        p, u = self.person, self.unit
        for s in SIDES:
            cx, cy, half, tall = s * p.eye_spread, -0.16, 0.15 * p.eye_size, 0.066 * p.eye_size * self.shot.eyes_open
            inner, outer = (cx - s * half, cy + 0.012), (cx + s * half, cy - p.eye_slant)
            top = [(cx - s * half * 0.55, cy - tall * 0.75), (cx, cy - tall * 1.15), (cx + s * half * 0.55, cy - tall)]
            low = [(cx + s * half * 0.5, cy + tall * 0.55), (cx, cy + tall * 0.8), (cx - s * half * 0.5, cy + tall * 0.6)]
            socket = self.head.at(ellipse(cx, cy - 0.03, half * 1.35, 0.13))
            self.canvas.fill(socket, self.skin * (0.52, 0.36, 0.32), 0.4, 0.05 * u, self.within)
            opening = self.spline([inner, *top, outer, *low])
            white = np.array((0.93, 0.91, 0.89), np.float32) * (0.66 + 0.3 * self.dim)
            self.canvas.fill(opening, white, 1, 0.004 * u)
            self.iris(cx, cy, tall, opening)
            lid = self.spline([inner, *top, outer], False)
            self.canvas.fill(np.vstack((lid, lid[::-1] + (0, 0.05 * u))), (0.1, 0.05, 0.04), 0.3, 0.015 * u,
                             self.canvas.cover([opening]))
            dark = self.skin * 0.16
            self.canvas.stroke([lid], (0.018 + 0.02 * p.lashes) * u, dark, 0.9, 0.006 * u)
            wing = (outer[0] + s * 0.035 * p.lashes, outer[1] - 0.03 * p.lashes)
            self.canvas.stroke([self.spline([top[2], outer, wing], False)], 0.022 * u, dark, p.lashes, 0.006 * u)
            self.canvas.stroke([self.spline([inner, *reversed(low), outer], False)], 0.012 * u,
                               self.skin * (0.45, 0.28, 0.26), 0.6, 0.008 * u)
            crease = [(x, y - 0.045 - 0.01 * p.age) for x, y in (inner, *top, outer)][1:]
            self.canvas.stroke([self.spline(crease, False)], 0.016 * u, self.skin * (0.45, 0.3, 0.28), 0.6, 0.01 * u)
            bag = [(cx - s * half * 0.8, cy + 0.08), (cx, cy + 0.125), (cx + s * half * 0.8, cy + 0.09)]
            self.canvas.stroke([self.spline(bag, False)], 0.03 * u, self.skin * (0.55, 0.38, 0.36),
                               0.15 + 0.35 * p.age, 0.018 * u)

    def iris(self, cx: float, cy: float, tall: float, opening: np.ndarray) -> None:
        u, within = self.unit, self.canvas.cover([opening])
        iris = np.asarray(self.person.iris, np.float32)
        radius = 0.068 * self.person.eye_size
        x, y = cx + self.shot.gaze[0] * 0.07, cy - tall * 0.2 + self.shot.gaze[1] * 0.05
        self.canvas.fill(self.head.at(ellipse(x, y, radius, radius)), iris * 0.35, 1, 0.005 * u, within)
        self.canvas.fill(self.head.at(ellipse(x, y + 0.01, radius * 0.78, radius * 0.75)), iris * 1.1, 0.9, 0.012 * u, within)
        self.canvas.fill(self.head.at(ellipse(x, y, radius * 0.42, radius * 0.42)), (0.02, 0.02, 0.02), 1, 0.004 * u, within)
        glint = self.head.at([(x, y)])[0] + np.array((np.sign(self.shot.light[0]) * 0.4, -0.45)) * radius * u
        self.canvas.fill(ellipse(*glint, 0.016 * u, 0.016 * u, 12), (1, 1, 1), 0.9, 0.003 * u, within)

    def brows(self) -> None:
        p, u = self.person, self.unit
        colour = self.hair * 0.55 + self.skin * 0.1 if p.style != "bald" else self.skin * 0.3
        for s in SIDES:
            x, thick = p.eye_spread, 0.034 * p.brow_weight
            heads = [(x - 0.2, -0.335 + thick), (x - 0.19, -0.335 - thick), (x + 0.02, -0.385 - p.brow_arch - thick * 0.8),
                     (x + 0.21, -0.335 - p.brow_arch * 0.4), (x + 0.02, -0.385 - p.brow_arch + thick * 0.8)]
            brow = self.spline([(s * bx, by) for bx, by in heads])
            self.canvas.fill(brow, colour, 0.72, 0.014 * u, self.within)
            along = self.rng.uniform(0, 1, 26)
            root_y = -0.335 - np.sin(along * 2.2) * (0.05 + p.brow_arch) * 0.75 + self.rng.normal(0, thick * 0.4, 26)
            roots = np.column_stack((s * (x - 0.2 + along * 0.36), root_y + thick * 0.3))
            tips = roots + np.column_stack((np.full(26, s * 0.06), -0.03 * (1 - along)))
            hairs = [np.vstack(pair) for pair in zip(self.head.at(roots), self.head.at(tips), strict=True)]
            self.canvas.stroke(hairs, 0.011 * u, colour * 0.6, 0.6, 0.3, self.within)

    def nose(self) -> None:
        p, u, y, wing = self.person, self.unit, self.head.nose_y, self.person.nose_width
        dark = self.skin * (0.42, 0.27, 0.24)
        side = -(np.sign(self.shot.light[0]) or 1)
        ridge = [(side * 0.09, -0.22), (side * 0.075, -0.05), (side * wing * 0.8, y - 0.1)]
        self.canvas.stroke([self.spline(ridge, False, 0.04)], 0.05 * u, dark, 0.3, 0.04 * u, self.within)
        under = [(-wing, y - 0.01), (0, y + 0.02), (wing, y - 0.01), (wing * 0.6, y + 0.05), (0, y + 0.07), (-wing * 0.6, y + 0.05)]
        self.canvas.fill(self.spline(under, lift=0.08), dark, 0.5, 0.025 * u, self.within)
        for s in SIDES:
            nostril = self.head.at(ellipse(s * wing * 0.5, y + 0.012, wing * 0.27, 0.02), 0.12)
            self.canvas.fill(nostril, dark * 0.4, 0.85, 0.01 * u, self.within)
            edge = [(s * wing * 0.82, y - 0.11), (s * wing * 1.08, y - 0.055), (s * wing * 1.04, y), (s * wing * 0.8, y + 0.025)]
            self.canvas.stroke([self.spline(edge, False, 0.06)], 0.02 * u, dark, 0.55, 0.012 * u, self.within)
        glow = np.clip(self.skin * 1.15 + 0.12, 0, 1)
        self.canvas.stroke([self.spline([(-side * 0.012, -0.15), (-side * 0.015, y - 0.16)], False, 0.1)],
                           0.03 * u, glow, 0.3, 0.02 * u, self.within)
        self.canvas.fill(self.head.at(ellipse(-side * 0.02, y - 0.08, 0.035, 0.03), 0.16), glow, 0.5, 0.02 * u, self.within)

    def beard(self) -> None:
        p, u, y, w = self.person, self.unit, self.head.mouth_y, self.person.half_width
        if p.beard == "none":
            return
        growth = {"stubble": 0.33, "moustache": 0.85, "goatee": 0.8, "full": 0.88}[p.beard]
        colour, low = self.hair * 0.7, self.head.chin_y
        if p.beard in ("stubble", "full"):
            half = [(0.97 * w, -0.02), (0.98 * w, 0.36), (0.88 * w, 0.72), (0.55 * w, low), (0.2 * w, low + 0.07)]
            inner = [(0.86 * w, 0.1), (0.72 * w, 0.42), (0.5 * w, 0.46), (0.26 * w, y - 0.15)]
            area = [*half, *((-x, v) for x, v in reversed(half)), *((-x, v) for x, v in inner),
                    (0, y - 0.11), *reversed(inner)]
        elif p.beard == "goatee":
            half = [(0.13, y - 0.14), (0.31, y - 0.02), (0.29, y + 0.2), (0.2, low + 0.02)]
            area = [(0, y - 0.1), *half, (0, low + 0.06), *((-x, v) for x, v in reversed(half))]
        else:
            half = [(0.14, y - 0.15), (0.33, y + 0.01), (0.3, y + 0.04), (0.12, y - 0.05)]
            area = [(0, y - 0.12), *half, (0, y - 0.06), *((-x, v) for x, v in reversed(half))]
        shape = self.head.at(area)
        self.canvas.fill(shape, colour, growth, 0.035 * u)
        spots = self.rng.uniform((-w, y - 0.2), (w, low + 0.05), (260, 2))
        roots = self.head.at(spots)
        length = 0.02 if p.beard == "stubble" else 0.07
        tips = self.head.at(spots + (0, length) + spots * (0.05, 0) * length)
        self.strands(roots, tips, 0.1, self.canvas.cover([shape], 0.02 * u), growth * 0.7)

    def mouth(self) -> None:
        p, u, y = self.person, self.unit, self.head.mouth_y
        half, full, gap = p.mouth_width * (1 + 0.1 * self.shot.smile), p.lip_fullness, 0.09 * self.shot.mouth_open
        corner = y - 0.035 * self.shot.smile
        tint = np.asarray(p.lip_tint, np.float32) * (0.35 + 0.65 * self.dim)
        top, low = 0.065 * full, 0.085 * full
        left, right = (-half, corner), (half, corner)
        line = [left, (-half * 0.45, y + 0.004), (0, y + 0.01), (half * 0.45, y + 0.004), right]
        fall = [(x, v + gap * (1 - abs(x) / half)) for x, v in line]
        upper = [left, (-half * 0.5, y - top * 0.75), (-half * 0.2, y - top * 1.05), (0, y - top * 0.8),
                 (half * 0.2, y - top * 1.05), (half * 0.5, y - top * 0.75), *reversed(line)]
        lower = [*fall, (half * 0.55, y + gap + low * 0.8), (0, y + gap + low * 1.1), (-half * 0.55, y + gap + low * 0.8)]
        if gap:
            inside = self.spline([*line, *reversed(fall[1:-1])])
            self.canvas.fill(inside, (0.16, 0.04, 0.05), 1, 0.008 * u)
            teeth = self.spline([(-half * 0.6, y), (half * 0.6, y), (half * 0.5, y + gap * 0.5), (-half * 0.5, y + gap * 0.5)])
            self.canvas.fill(teeth, np.array((0.93, 0.91, 0.86)) * (0.5 + 0.45 * self.dim), 0.95, 0.008 * u, self.canvas.cover([inside]))
        self.canvas.fill(self.spline(upper), tint * 0.82, 0.85, 0.012 * u)
        self.canvas.fill(self.spline(lower), tint, 0.85, 0.012 * u)
        self.canvas.fill(self.head.at(ellipse(0.03, y + gap + low * 0.6, half * 0.4, low * 0.2)),
                         np.clip(tint * 1.2 + 0.14, 0, 1), 0.45, 0.02 * u)
        self.canvas.stroke([self.spline(line, False)], 0.02 * u, tint * 0.25, 0.8, 0.008 * u)
        if gap:
            self.canvas.stroke([self.spline(fall, False)], 0.014 * u, tint * 0.4, 0.6, 0.008 * u)
        self.canvas.fill(self.head.at(ellipse(0, y + gap + low * 1.1 + 0.05, half * 0.5, 0.03)), self.skin * (0.45, 0.3, 0.28), 0.35, 0.03 * u)
        for s in SIDES:
            self.canvas.fill(self.head.at(ellipse(s * (half + 0.015), corner, 0.03, 0.025)),
                             self.skin * (0.45, 0.3, 0.28), 0.5, 0.02 * u)

    def lines(self) -> None:
        """Folds beside nose and mouth, and on older faces the forehead and the corners of the eyes."""
        p, u, y = self.person, self.unit, self.head.mouth_y
        dark = self.skin * (0.5, 0.34, 0.3)
        depth = 0.15 + 0.4 * p.age + 0.15 * max(0.0, self.shot.smile)
        for s in SIDES:
            fold = [(s * (p.nose_width + 0.03), self.head.nose_y - 0.06), (s * 0.29, y - 0.13), (s * 0.37, y + 0.05)]
            self.canvas.stroke([self.spline(fold, False)], 0.03 * u, dark, depth, 0.02 * u, self.within)
            if p.age > 0.5:
                x = p.eye_spread + 0.2
                crows = [self.spline([(s * x, -0.16 + k * 0.03), (s * (x + 0.11), -0.17 + k * 0.07)], False) for k in (-1, 0, 1)]
                self.canvas.stroke(crows, 0.014 * u, dark, p.age * 0.6, 0.008 * u, self.within)
        if p.age > 0.4:
            brow = [self.spline([(-0.36, v + 0.02), (-0.15, v - 0.01), (0.15, v - 0.01), (0.36, v + 0.02)], False)
                    for v in (-0.58, -0.68, -0.79)]
            self.canvas.stroke(brow, 0.018 * u, dark, p.age * 0.55, 0.01 * u, self.within)

    def glasses(self) -> None:
        p, u = self.person, self.unit
        if p.glasses == "none":
            return
        width = (0.014 if p.glasses == "rimless" else 0.03) * u
        power = 2.0 if p.glasses == "round" else 3.5
        angle = np.linspace(0, 2 * np.pi, 40)
        c, s = np.cos(angle), np.sin(angle)
        lens = np.column_stack((np.sign(c) * abs(c) ** (2 / power) * 0.235, np.sign(s) * abs(s) ** (2 / power) * 0.185))
        colour = np.asarray(p.glasses_colour) * self.dim
        for side in SIDES:
            rim = self.head.at(lens + (side * (p.eye_spread + 0.01), -0.13), 0.1)
            self.canvas.fill(rim, (0.9, 0.95, 1), 0.07)
            self.canvas.stroke([rim + (0, 0.02 * u)], width, (0, 0, 0), 0.25, 0.012 * u, self.within)
            self.canvas.stroke([rim], width, colour, 0.95, 0.3)
            arm = [(side * (p.eye_spread + 0.24), -0.18), (side * p.half_width, -0.19)]
            self.canvas.stroke([self.head.at(arm, 0.05)], width, colour, 0.95, 0.3)
        bridge = [(-0.1, -0.15), (0, -0.19), (0.1, -0.15)]
        self.canvas.stroke([self.spline(bridge, False, 0.12)], width, colour, 0.95, 0.3)

    # ---- over the face ---------------------------------------------------------------------------------------

    def front_hair(self) -> None:
        style = self.person.style
        if style == "scarf":
            self.scarf()
        elif style == "beanie":
            self.beanie()
        elif style != "bald":
            self.crown(style)

    def crown(self, style: str) -> None:
        """The hair on top: from the hairline over the skull, and beside the face for longer cuts."""
        p, w, u = self.person, self.person.half_width, self.unit
        thick = {"buzz": 0.0, "short": 0.07, "side": 0.1, "bob": 0.13, "long": 0.12, "curly": 0.1, "bun": 0.05}[style]
        thick *= 0.7 + 0.6 * p.volume
        covers_ears = style in ("bob", "long")
        end = {"bob": 0.7 + 0.25 * p.volume, "long": 1.2}.get(style, -0.12)
        line = -0.86 + p.fringe * (1.0 if style in ("bob", "long", "side", "short") else 0.3)
        part = 0.3 if style in ("side", "bob", "long") and p.seed % 2 else -0.25 if style == "side" else 0.0
        wide = w + thick + 0.03
        outer = [(-wide, end), (-wide - 0.02, -0.35), (-0.86 * wide, -0.9), (-0.5 * wide, -1.2 - thick),
                 (0, -1.27 - thick), (0.5 * wide, -1.2 - thick), (0.86 * wide, -0.9), (wide + 0.02, -0.35), (wide, end)]
        temple = w * (0.84 if covers_ears else 0.95)
        inner = [(temple, end), (temple, -0.3), (0.82 * w, -0.6), (0.45 * w, line + 0.02), (part, line - 0.06 - abs(part) * 0.3),
                 (-0.45 * w, line + 0.02), (-0.82 * w, -0.6), (-temple, -0.3), (-temple, end)]
        outline = np.vstack((smooth(self.head.at(outer, z=-0.05), False), smooth(self.head.at(inner), False)))
        if style == "buzz":
            self.canvas.fill(outline, self.hair * 0.8, 0.78, 0.035 * u)
            return
        cover = self.canvas.cover([outline], 0.02 * u)
        shadow = outline + (0, 0.04 * u)
        self.canvas.fill(shadow, self.skin * 0.25, 0.4, 0.04 * u, self.within)
        self.canvas.fill(outline, self.hair * 0.85 * (0.55 + 0.45 * self.dim), 1, 0.014 * u)
        if style == "curly":
            self.curls_on_top(line, thick)
            return
        bright = np.clip(self.hair * 1.6 + 0.1, 0, 1)
        side = np.sign(self.shot.light[0]) or 1
        self.canvas.fill(self.head.at(ellipse(side * 0.35 * w, -1.08, 0.36, 0.12), z=0.2), bright, 0.4, 0.09 * u, cover)
        count = 130
        t = self.rng.uniform(0.0, 1.0, count)
        angle = np.pi * (1 + t)
        tips = np.column_stack((np.cos(angle) * wide * 1.02, -0.1 + np.sin(angle) * (1.2 + thick)))
        if covers_ears:
            tips = np.where(abs(tips[:, :1]) > 0.8 * w, np.column_stack((np.sign(tips[:, 0]) * wide, np.full(count, end))), tips)
        roots = np.column_stack((part + (tips[:, 0] - part) * 0.25 + self.rng.normal(0, 0.03, count),
                                 -1.2 - thick + self.rng.uniform(0, 0.3, count)))
        if style in ("bun", "short"):
            roots, tips = np.column_stack((tips[:, 0] * 0.8, line + 0.25 * abs(tips[:, 0]))), tips * (0.75, 1)
        self.strands(self.head.at(roots, z=0.2), self.head.at(tips, z=0.05), 0.16, cover, 0.55)

    def curls_on_top(self, line: float, thick: float) -> None:
        w = self.person.half_width
        for level, reach in ((line - 0.1, 0.72), (-1.12 - thick, 0.62)):
            x = np.linspace(-reach, reach, 9) * w / 0.74
            y = level + 0.42 * (x / w) ** 2
            self.curls(np.column_stack((x, y)), 0.13, 0.2)

    def scarf(self) -> None:
        """A headscarf: cloth around the face and down over the neck, folded along its edge."""
        w, u = self.person.half_width, self.unit
        cloth = np.asarray(self.person.headwear, np.float32) * (0.6 + 0.4 * self.dim)
        low = self.head.chin_y
        outer = [(0, -1.42), (0.6 * w, -1.32), (w + 0.12, -0.8), (w + 0.2, -0.1), (w + 0.17, 0.6), (w + 0.2, 1.1), (w + 0.5, 1.8),
                 (0, 2.1)]
        outer = [*outer, *((-x, y) for x, y in reversed(outer[1:-1]))]
        window = [(0, -0.86), (0.5 * w, -0.78), (0.84 * w, -0.45), (0.93 * w, 0.05), (0.86 * w, 0.5), (0.6 * w, 0.86), (0, low + 0.06)]
        window = [*window, *((-x, y) for x, y in reversed(window[1:-1]))]
        opening = self.spline(window)
        within = 1 - self.canvas.cover([opening], 0.006 * u)
        shape = self.spline(outer, z=-0.1)
        inside = self.canvas.cover([opening])
        self.canvas.stroke([np.vstack((opening, opening[:1]))], 0.08 * u, self.skin * 0.25, 0.5, 0.035 * u, inside)
        self.canvas.fill(shape, cloth, 1, 0.01 * u, within)
        within *= self.canvas.cover([shape])
        side = np.sign(self.shot.light[0]) or 1
        glow = np.clip(cloth * 1.3 + 0.06, 0, 1)
        self.canvas.fill(self.head.at(ellipse(side * 0.6 * w, -0.95, 0.4, 0.35), z=0.1), glow, 0.5, 0.15 * u, within)
        self.canvas.fill(self.head.at(ellipse(-side * w * 1.1, 0.3, 0.25, 1.1), z=0), cloth * 0.4, 0.5, 0.12 * u, within)
        folds = [self.spline([(s * 0.2, -1.15 - k * 0.07), (s * (w * (0.94 + k * 0.07)), -0.5), (s * w * (1 + k * 0.1), 0.3),
                              (s * (0.5 + k * 0.1) * w, low + k * 0.16)], False, z=0.0) for s in SIDES for k in (1, 2)]
        self.canvas.stroke(folds, 0.03 * u, cloth * 0.4, 0.45, 0.025 * u, within)
        drape = [self.spline([(-w, low + 0.1 + k), (0.1, low + 0.35 + k), (w, low + 0.05 + k)], False, z=0.0) for k in (0.1, 0.3, 0.5)]
        self.canvas.stroke(drape, 0.05 * u, cloth * 0.4, 0.4, 0.04 * u, within)

    def beanie(self) -> None:
        """A knitted cap with a turned-up edge."""
        w, u = self.person.half_width, self.unit
        wool = np.asarray(self.person.headwear, np.float32) * (0.6 + 0.4 * self.dim)
        edge = [(-w - 0.05, -0.5), (-0.55 * w, -0.66), (0, -0.71), (0.55 * w, -0.66), (w + 0.05, -0.5)]
        dome = [(w + 0.07, -0.75), (0.72 * w, -1.3), (0, -1.52), (-0.72 * w, -1.3), (-w - 0.07, -0.75)]
        shape = np.vstack((smooth(self.head.at(edge, 0.04), False), smooth(self.head.at(dome, z=0.05), False)))
        self.canvas.fill(shape + (0, 0.05 * u), self.skin * 0.25, 0.4, 0.04 * u, self.within)
        self.canvas.fill(shape, wool, 1, 0.012 * u)
        cover = self.canvas.cover([shape])
        brim = np.vstack((smooth(self.head.at(edge, 0.06), False),
                          smooth(self.head.at([(x, y - 0.26) for x, y in reversed(edge)], 0.06), False)))
        side = np.sign(self.shot.light[0]) or 1
        self.canvas.fill(self.head.at(ellipse(side * 0.4, -1.1, 0.4, 0.3), z=0.2), np.clip(wool * 1.3 + 0.06, 0, 1), 0.45, 0.15 * u, cover)
        ribs = [self.head.at([(x, -1.6), (x * 1.15, -0.4)], z=0.2) for x in np.linspace(-w, w, 26)]
        self.canvas.stroke(ribs, 0.018 * u, wool * 0.5, 0.35, 0.01 * u, cover)
        self.canvas.fill(brim, np.clip(wool * 1.12, 0, 1), 0.55, 0.008 * u, cover)
        self.canvas.stroke([smooth(self.head.at([(x, y - 0.26) for x, y in edge], 0.06), False)], 0.03 * u, wool * 0.35, 0.6, 0.015 * u, cover)


def paint_person(canvas: Canvas, person: Person, shot: Shot, cx: float, cy: float, unit: float) -> Head:
    """Paint a person whose face is centred on (cx, cy) with `unit` pixels a face unit; returns where the head is."""
    head = Head(person, shot, cx, cy, unit)
    Sitter(canvas, head).paint()
    return head
