"""Who is drawn and how: the identity of a made-up person, and the pose, light and mask of one picture of them.

Nothing here draws; `demo_face` turns these records into pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

Colour = tuple[float, float, float]
HairStyle = Literal["bald", "buzz", "short", "side", "bob", "long", "curly", "bun", "scarf", "beanie"]
Beard = Literal["none", "stubble", "moustache", "goatee", "full"]
MaskKind = Literal["surgical", "ffp2", "cloth"]
Option = TypeVar("Option")
Position = Literal["off", "on", "under_nose", "chin"]

SKINS = ((240, 208, 187), (236, 194, 165), (228, 182, 148), (205, 152, 114),
         (172, 118, 83), (134, 88, 62), (100, 65, 47), (72, 47, 36))
HAIRS = ((24, 21, 20), (50, 35, 26), (92, 62, 40), (122, 60, 36), (178, 98, 50), (206, 168, 106), (226, 206, 168))
GREYS = ((128, 126, 124), (176, 174, 172), (222, 220, 216))
DYES = ((196, 92, 138), (66, 104, 170), (60, 140, 132), (126, 74, 156))
IRISES = ((58, 36, 22), (86, 54, 30), (112, 84, 48), (92, 112, 76), (92, 124, 152), (104, 112, 120))
CLOTHES = ((38, 44, 58), (92, 98, 108), (232, 230, 224), (150, 46, 48), (44, 92, 74), (58, 88, 148), (206, 160, 72),
           (116, 70, 110), (194, 122, 92), (150, 170, 156), (26, 26, 28), (226, 188, 190))
SURGICAL_COLOURS = ((150, 200, 226), (112, 176, 214), (240, 244, 246), (158, 214, 192), (40, 42, 46), (236, 190, 204))
FFP2_COLOURS = ((244, 244, 242), (244, 244, 242), (44, 46, 50), (206, 216, 224))
CLOTH_COLOURS = ((176, 52, 60), (42, 62, 108), (230, 214, 186), (70, 112, 90), (58, 58, 64), (224, 152, 110),
                 (112, 84, 140), (210, 188, 74))
PATTERNS = ("plain", "dots", "stripes", "checks")

# Shares of the head styles: first for people drawn as women, then as men. The order is HairStyle's.
STYLES: tuple[HairStyle, ...] = ("bald", "buzz", "short", "side", "bob", "long", "curly", "bun", "scarf", "beanie")
STYLE_SHARES_WOMEN = (0.0, 0.02, 0.06, 0.06, 0.19, 0.25, 0.12, 0.12, 0.14, 0.04)
STYLE_SHARES_MEN = (0.13, 0.15, 0.26, 0.24, 0.02, 0.03, 0.09, 0.0, 0.0, 0.08)
BEARDS: tuple[Beard, ...] = ("none", "stubble", "moustache", "goatee", "full")
BEARD_SHARES = (0.45, 0.2, 0.08, 0.09, 0.18)


@dataclass(frozen=True)
class Person:
    """A made-up identity. Colours are RGB in 0..1; lengths are in face units (chin to hairline is 2)."""

    seed: int
    """Seeds the details that must stay put between pictures of one person: hair strands, freckles, folds."""
    skin: Colour
    half_width: float
    jaw: float
    """0 is a pointed jaw, 1 a square one."""
    chin: float
    """Extra length of the chin."""
    eye_spread: float
    eye_size: float
    eye_slant: float
    iris: Colour
    lashes: float
    brow_weight: float
    brow_arch: float
    nose_width: float
    nose_length: float
    lip_fullness: float
    lip_tint: Colour
    mouth_width: float
    style: HairStyle
    hair: Colour
    fringe: float
    """How far hair falls on the forehead; negative for a receding hairline."""
    volume: float
    beard: Beard
    age: float
    """0 is young, 1 is deeply lined."""
    freckles: bool
    glasses: Literal["none", "round", "square", "rimless"]
    glasses_colour: Colour
    clothes: Colour
    collar: Literal["crew", "v", "shirt", "hood"]
    headwear: Colour


@dataclass(frozen=True)
class MaskLook:
    """What a mask is made of. Colours are RGB in 0..1."""

    kind: MaskKind
    colour: Colour
    pattern: str
    accent: Colour


@dataclass(frozen=True)
class Shot:
    """What differs between two pictures of one person. Angles are in radians."""

    position: Position
    mask: MaskLook
    slip: float
    """0..1: how loosely the mask sits, within what its position allows."""
    yaw: float
    pitch: float
    roll: float
    light: tuple[float, float, float]
    """Unit vector towards the light: x to the right, y down, z towards the viewer."""
    ambient: float
    """0..1: the share of light that comes from everywhere."""
    tint: Colour
    """Multiplies the finished picture: exposure and white balance."""
    smile: float
    mouth_open: float
    eyes_open: float
    gaze: tuple[float, float]


def _pick(rng: np.random.Generator, options: Sequence[Option], shares: Sequence[float] | None = None) -> Option:
    return options[int(rng.choice(len(options), p=shares))]


def _near(rng: np.random.Generator, colour: Sequence[float] | np.ndarray, spread: float = 0.03) -> Colour:
    """The 0..255 colour as 0..1, moved a little at random."""
    # In proportion to the colour, or black hair would turn out green.
    moved = np.asarray(colour) / 255 * (1 + rng.normal(0, spread) + rng.normal(0, spread / 3, 3))
    red, green, blue = (float(c) for c in np.clip(moved, 0.02, 0.98))
    return red, green, blue


def _skin(rng: np.random.Generator) -> tuple[Colour, float]:
    """A skin colour, and where on the scale from fair (0) to dark (1) it lies."""
    depth = float(rng.uniform())
    place = depth * (len(SKINS) - 1)
    low = min(int(place), len(SKINS) - 2)
    mixed = np.asarray(SKINS[low]) + (place - low) * np.subtract(SKINS[low + 1], SKINS[low])
    return _near(rng, mixed, 0.02), depth


def _hair(rng: np.random.Generator, depth: float, age: float) -> Colour:
    if rng.uniform() < (age - 0.35) * 1.3:
        return _near(rng, _pick(rng, GREYS), 0.05)
    if rng.uniform() < 0.05:
        return _near(rng, _pick(rng, DYES), 0.05)
    choices = HAIRS if depth < 0.35 else HAIRS[:3] if depth < 0.6 else HAIRS[:2]
    return _near(rng, _pick(rng, choices), 0.08)


def make_person(rng: np.random.Generator) -> Person:
    """A new random identity; the same generator state gives the same person."""
    woman = rng.uniform() < 0.5
    skin, depth = _skin(rng)
    age = float(rng.beta(1.3, 1.8))
    style = _pick(rng, STYLES, STYLE_SHARES_WOMEN if woman else STYLE_SHARES_MEN)
    lipstick = woman and rng.uniform() < 0.45
    red, green, blue = np.asarray(skin) * (0.86, 0.62, 0.62) if depth < 0.6 else np.asarray(skin) * (0.96, 0.74, 0.76)
    lip_tint = _near(rng, (176, 52, 68), 0.12) if lipstick else (float(red), float(green), float(blue))
    return Person(
        seed=int(rng.integers(2**31)),
        skin=skin,
        half_width=float(rng.uniform(0.66, 0.82)),
        jaw=float(np.clip(rng.normal(0.35 if woman else 0.65, 0.2), 0, 1)),
        chin=float(rng.uniform(-0.06, 0.07)),
        eye_spread=float(rng.uniform(0.30, 0.35)),
        eye_size=float(rng.uniform(0.88, 1.15)) * (1.04 if woman else 0.97),
        eye_slant=float(rng.normal(0.02, 0.025)),
        iris=_near(rng, _pick(rng, IRISES if depth < 0.4 else IRISES[:2]), 0.1),
        lashes=float(rng.uniform(0.6, 1.0) if woman else rng.uniform(0.1, 0.4)),
        brow_weight=float(rng.uniform(0.7, 1.1) if woman else rng.uniform(1.0, 1.7)),
        brow_arch=float(rng.uniform(0.02, 0.08) if woman else rng.uniform(0.0, 0.05)),
        nose_width=float(rng.uniform(0.13, 0.18) + 0.045 * depth),
        nose_length=float(rng.uniform(-0.05, 0.04)),
        lip_fullness=float(rng.uniform(0.7, 1.15) + 0.3 * depth),
        lip_tint=lip_tint,
        mouth_width=float(rng.uniform(0.24, 0.31)),
        style=style,
        hair=_hair(rng, depth, age),
        fringe=float(rng.uniform(-0.15, 0.3) if woman else rng.uniform(-0.1 - 0.12 * age, 0.12)),
        volume=float(rng.uniform(0.0, 1.0)),
        beard="none" if woman else _pick(rng, BEARDS, BEARD_SHARES),
        age=age,
        freckles=bool(depth < 0.3 and rng.uniform() < 0.3),
        glasses=_pick(rng, ("none", "round", "square", "rimless"), (0.68, 0.11, 0.13, 0.08)),
        glasses_colour=_near(rng, _pick(rng, ((24, 22, 22), (92, 58, 34), (150, 120, 70), (60, 66, 84))), 0.1),
        clothes=_near(rng, _pick(rng, CLOTHES), 0.1),
        collar=_pick(rng, ("crew", "v", "shirt", "hood")),
        headwear=_near(rng, _pick(rng, CLOTHES), 0.1),
    )


def make_mask(rng: np.random.Generator) -> MaskLook:
    """A random mask: surgical, FFP2-like or cloth."""
    kind: MaskKind = _pick(rng, ("surgical", "ffp2", "cloth"), (0.5, 0.22, 0.28))
    colours = {"surgical": SURGICAL_COLOURS, "ffp2": FFP2_COLOURS, "cloth": CLOTH_COLOURS}[kind]
    pattern = _pick(rng, PATTERNS) if kind == "cloth" else "plain"
    colour = _near(rng, _pick(rng, colours), 0.04)
    accent = (0.95, 0.94, 0.9) if np.mean(colour) < 0.6 else (0.2, 0.24, 0.36)
    return MaskLook(kind, colour, pattern, accent)


def make_shot(label: str, rng: np.random.Generator, mask: MaskLook | None = None) -> Shot:
    """Random pose, light and mask for one picture of the given label.

    Raises ValueError for a label other than mask, no_mask and wrong_mask.
    """
    positions: dict[str, tuple[Position, ...]] = {
        "mask": ("on",), "no_mask": ("off",), "wrong_mask": ("under_nose", "chin")}
    if label not in positions:
        raise ValueError(f"No drawing for the label {label!r}: choose one of {', '.join(positions)}.")
    bearing, height = rng.uniform(-1.2, 1.2), rng.uniform(0.1, 0.9)
    light = (np.sin(bearing) * np.cos(height), -np.sin(height), np.cos(bearing) * np.cos(height))
    exposure, warmth = rng.uniform(0.84, 1.06), rng.normal(0.01, 0.03)
    talking = rng.uniform() < 0.2
    return Shot(
        position=_pick(rng, positions[label]),
        mask=mask or make_mask(rng),
        slip=float(rng.uniform()),
        yaw=float(np.clip(rng.normal(0, 0.16), -0.4, 0.4)),
        pitch=float(np.clip(rng.normal(0, 0.06), -0.14, 0.14)),
        roll=float(np.clip(rng.normal(0, 0.09), -0.26, 0.26)),
        light=(float(light[0]), float(light[1]), float(light[2])),
        ambient=float(rng.uniform(0.35, 0.6)),
        tint=(float(exposure * (1 + warmth)), float(exposure), float(exposure * (1 - warmth))),
        smile=float(rng.uniform(-0.2, 1.0)),
        mouth_open=float(rng.uniform(0.3, 0.8)) if talking else 0.0,
        eyes_open=float(rng.uniform(0.82, 1.08)),
        gaze=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.1))),
    )
