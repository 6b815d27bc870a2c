"""Draw what is said of faces into a picture: a box each, and a tag with number, symbol, label, confidence and
decision, in the label's colour; or grey and in words why nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.data.faces.detector import Box
from core.live.tag_places import arranged
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, Label
from core.text.numbers import confidence

# Black has more contrast with each of the three colours than white has.
_INK, _HALO = "black", "black"
_ERROR_PAPER, _ERROR_INK = "#1F1F1F", "white"
# Of a face of which nothing is said; black reads well on it too.
UNSAID = "#B0B0B0"
# More faces than this get smaller words.
_FEW = 6


def annotate(rgb: np.ndarray, found: Sequence[Followed]) -> np.ndarray:
    """A copy of the RGB picture, uint8 (H, W, 3), with what was found drawn; sizes follow the picture's."""
    image = Image.fromarray(rgb)
    pen = ImageDraw.Draw(image)
    marks = [_mark(person.reading.box, person) for person in found if person.reading.box]
    text = text_size(image.size, len(marks))
    for mark in marks:
        _outline(pen, mark, max(3, round(text / 7)))
    sizes = [[_size(pen, mark, lines, text) for lines in _forms(mark)] for mark in marks]
    for mark, own, place in zip(marks, sizes, arranged(sizes, [mark.box for mark in marks], image.size), strict=True):
        form = own.index((place[2] - place[0], place[3] - place[1]))
        _tag(pen, mark, _forms(mark)[form], text, place)
    return np.asarray(image)


def text_size(size: tuple[int, int], faces: int) -> int:
    """Height of the words in pixels: a twentieth of the picture's, legible at arm's length on a phone; less in a crowd,
    where it would cover the faces."""
    width, height = size
    return max(11, round(min(height, 1.4 * width) / 20 * min(1.0, (_FEW / max(faces, 1)) ** 0.5)))


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
    """What is drawn for one face: who, what, and the rest; no label where nothing is said."""

    box: Box
    label: Label | None
    who: str
    what: str
    rest: str

    @property
    def colour(self) -> str:
        return COLOURS[self.label] if self.label else UNSAID


def _mark(box: Box, person: Followed) -> _Mark:
    reading, who = person.reading, str(person.number)
    if person.state is not State.LABELLED:
        return _Mark(box, None, who, str(person.state), "")
    rest = f"{confidence(reading.confidence)} · {verdict(reading.passes)}"
    return _Mark(box, reading.label, who, reading.label.row.title, rest)


def _forms(mark: _Mark) -> list[list[str]]:
    """The lines after number and symbol: all in one, or in two where that covers less."""
    return [[f"{mark.what} {mark.rest}"], [mark.what, mark.rest]] if mark.rest else [[mark.what]]


def _outline(pen: ImageDraw.ImageDraw, mark: _Mark, width: int) -> None:
    x0, y0, x1, y1 = mark.box
    pen.rectangle((x0 - 1, y0 - 1, x1, y1), outline=_HALO, width=width + 2)
    pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=mark.colour, width=width)


def _size(pen: ImageDraw.ImageDraw, mark: _Mark, lines: list[str], text: int) -> tuple[int, int]:
    widest = max(pen.textlength(line, font=_font(text)) for line in lines)
    return round(widest + (_before(mark) + 0.5) * text), round((1.25 * len(lines) + 0.2) * text)


def _before(mark: _Mark) -> float:
    """The room for number and symbol, in heights of the text."""
    return 0.7 + 0.6 * len(mark.who) + (1.0 if mark.label else 0.0)


def _tag(pen: ImageDraw.ImageDraw, mark: _Mark, lines: list[str], text: int, place: Box) -> None:
    left, top, right, bottom = place
    pen.rectangle((left, top, right - 1, bottom - 1), fill=mark.colour, outline=_HALO, width=max(1, text // 16))
    middle = top + round(0.725 * text)
    pen.text((left + round(0.35 * text), middle), mark.who, font=_font(text), fill=_INK, anchor="lm")
    if mark.label:
        _symbol(pen, mark.label, (left + round((_before(mark) - 0.65) * text), middle), round(0.36 * text))
    for number, line in enumerate(lines):
        at = left + round(_before(mark) * text), middle + round(1.25 * number * text)
        pen.text(at, line, font=_font(text), fill=_INK, anchor="lm", stroke_width=text / 40)


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
