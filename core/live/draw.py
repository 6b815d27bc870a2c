"""Draw readings into a picture: a box per face, and a tag with symbol, label, confidence and whether it passes, in the
label's colour; or grey and in words why nothing is said of a followed face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.data.faces.detector import Box
from core.inference.predictor import Reading
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, Label
from core.text.numbers import confidence

# Black has more contrast with each of the three colours than white has.
_INK, _HALO = "black", "black"
_ERROR_PAPER, _ERROR_INK = "#1F1F1F", "white"
# Of a face of which nothing is said; black reads well on it too.
UNSAID = "#B0B0B0"


def annotate(rgb: np.ndarray, found: Sequence[Reading | Followed]) -> np.ndarray:
    """A copy of the RGB picture, uint8 (H, W, 3), with what was found drawn; sizes follow the picture's."""
    image = Image.fromarray(rgb)
    pen = ImageDraw.Draw(image)
    largest = min(image.size) / 24
    marks = [_mark(item) for item in found]
    for mark in marks:
        _outline(pen, mark, max(3, round(largest / 7)))
    for mark in marks:
        _tag(pen, mark, _text_size(mark.box, largest), image.size)
    return np.asarray(image)


def annotate_note(rgb: np.ndarray, note: str) -> np.ndarray:
    """A copy of the RGB picture, uint8 (H, W, 3), with a note across its foot."""
    image = Image.fromarray(rgb)
    pen = ImageDraw.Draw(image)
    font = _font(max(11, round(min(image.size) / 30)))
    top = image.height - 2 * font.size
    pen.rectangle((0, top, image.width, image.height), fill=_ERROR_PAPER)
    pen.text((font.size // 2, top + font.size // 3), note, font=font, fill=_ERROR_INK)
    return np.asarray(image)


def verdict(passes: bool) -> str:
    """The decision at the operating point, as it is said at a door."""
    return "pass" if passes else "stop"


@dataclass(frozen=True)
class _Mark:
    """What is drawn for one face; no box for a whole picture, no label where nothing is said."""

    box: Box | None
    label: Label | None
    line: str

    @property
    def colour(self) -> str:
        return COLOURS[self.label] if self.label else UNSAID


def _mark(item: Reading | Followed) -> _Mark:
    if isinstance(item, Reading):
        return _Mark(item.box, item.label, _line(item))
    if item.state is State.LABELLED:
        return _Mark(item.reading.box, item.reading.label, f"{item.number} {_line(item.reading)}")
    return _Mark(item.reading.box, None, f"{item.number} {item.state}")


def _outline(pen: ImageDraw.ImageDraw, mark: _Mark, width: int) -> None:
    if mark.box is None:
        return
    x0, y0, x1, y1 = mark.box
    pen.rectangle((x0 - 1, y0 - 1, x1, y1), outline=_HALO, width=width + 2)
    pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=mark.colour, width=width)


def _text_size(box: Box | None, largest: float) -> int:
    """Pixels of text: smaller on a small face, so that neighbours' tags do not cover each other."""
    wanted = (box[2] - box[0]) / 7 if box else largest
    return max(11, round(min(largest, max(wanted, 0.6 * largest))))


def _tag(pen: ImageDraw.ImageDraw, mark: _Mark, text: int, size: tuple[int, int]) -> None:
    font, before = _font(text), 1.6 if mark.label else 0.6
    width, height = round(pen.textlength(mark.line, font=font) + (before + 0.6) * text), round(1.5 * text)
    x0, y0 = mark.box[:2] if mark.box else (0, height)
    left = max(0, min(x0, size[0] - width))
    top = y0 - height if y0 >= height else 0
    pen.rectangle((left - 1, top - 1, left + width, top + height), fill=mark.colour, outline=_HALO)
    if mark.label:
        _symbol(pen, mark.label, (left + round(0.85 * text), top + height // 2), round(0.38 * text))
    pen.text((left + round(before * text), top + height // 2), mark.line, font=font, fill=_INK, anchor="lm")


def _line(reading: Reading) -> str:
    return f"{reading.label.row.title} {confidence(reading.confidence)} · {verdict(reading.passes)}"


def _symbol(pen: ImageDraw.ImageDraw, label: Label, centre: tuple[int, int], radius: int) -> None:
    """Disc, cross or triangle: the label's symbol, which the built-in font lacks."""
    x, y = centre
    if label.row.shape == "circle":
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_INK)
    elif label.row.shape == "x":
        for tilt in (radius, -radius):
            pen.line((x - radius, y - tilt, x + radius, y + tilt), fill=_INK, width=max(2, radius // 2))
    else:
        pen.polygon(((x, y - radius), (x + radius, y + radius), (x - radius, y + radius)), fill=_INK)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
