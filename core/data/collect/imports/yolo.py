"""YOLO's annotations: a text file per photo with a box per line, and a file with the names of the classes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.data.collect.imports.marks import Box
from core.data.collect.imports.names import Refusal

_NAMES = re.compile(r"names\s*:\s*(.*)")
_ITEM = re.compile(r"\s*(?:-\s+|(\d{1,4})\s*:\s*)(.+)")
_BOX, _WITH_SCORE = 4, 5


def boxes(text: str, classes: dict[int, str]) -> list[Box]:
    """The boxes of a photo, in shares of its sides; a polygon becomes the box around it. A number without a name is
    called "class N". Raises Refusal for a line that is no box."""
    return [_box(line, number, classes) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _box(line: str, number: int, classes: dict[int, str]) -> Box:
    try:
        first, *rest = line.split()
        which, values = int(first), [float(word) for word in rest]
    except ValueError:
        which, values = -1, []
    name = classes.get(which, f"class {which}")
    if which >= 0 and len(values) in (_BOX, _WITH_SCORE):
        x, y, width, height = values[:_BOX]
        return Box(name, x - width / 2, y - height / 2, width, height, relative=True)
    if which >= 0 and len(values) > _WITH_SCORE and len(values) % 2 == 0:
        across, down = values[::2], values[1::2]
        left, top = min(across), min(down)
        return Box(name, left, top, max(across) - left, max(down) - top, relative=True)
    raise Refusal(f"line {number} of its text file is no box of YOLO")


def classes_of_lines(text: str) -> dict[int, str]:
    """The names in classes.txt, one per line."""
    return dict(enumerate(line.strip() for line in text.strip().splitlines()))


def classes_of_yaml(text: str) -> dict[int, str]:
    """The names in data.yaml, as a list or by number; none where it has no names. Nothing else of YAML is understood.

    >>> classes_of_yaml("nc: 2\\nnames: ['mask', 'no_mask']"), classes_of_yaml("names:\\n  0: mask\\n  1: no_mask")
    ({0: 'mask', 1: 'no_mask'}, {0: 'mask', 1: 'no_mask'})
    """
    lines = [re.sub(r"(^|\s)#.*", "", line).rstrip() for line in text.splitlines()]
    start = next((place for place, line in enumerate(lines) if _NAMES.match(line)), None)
    if start is None:
        return {}
    first = lines[start].partition(":")[2].strip()
    if first[:1] in ("[", "{"):
        inside = " ".join([first, *lines[start + 1 :]])[1:]
        items = re.split(r"[\]}]", inside, maxsplit=1)[0].split(",")
        pairs = [item.partition(":") if first[0] == "{" else ("", "", item) for item in items if item.strip()]
        return _numbered((number.strip(), name) for number, _, name in pairs)
    return _numbered(_items(lines[start + 1 :]))


def _items(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in filter(None, lines):
        if not (item := _ITEM.fullmatch(line)):
            return
        yield item[1] or "", item[2]


def _numbered(pairs: Iterator[tuple[str, str]]) -> dict[int, str]:
    return {
        int(number) if number.isdecimal() else place: name.strip().strip("'\"")
        for place, (number, name) in enumerate(pairs)
    }
