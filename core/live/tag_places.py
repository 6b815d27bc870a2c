"""Where the tags of the faces in a picture go: beside their face, in the picture, and over as little as possible."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.faces.detector import Box

# What it costs a tag to cover a pixel of another tag, of another's face, and of its own; and each place further down
# the list, as a share of the tag, so that tags do not jump for a pixel.
_TAG, _FACE, _OWN, _LATER = 10.0, 3.0, 1.0, 0.03
Size = tuple[int, int]


def arranged(tags: Sequence[Sequence[Size]], faces: Sequence[Box], picture: Size) -> list[Box]:
    """A box for each face's tag inside the picture of (width, height), in the order of `faces`; `tags` has the sizes
    (width, height) that each may have, the best first. The first of all places that covers least is taken."""
    placed: list[Box] = []
    for own, sizes in enumerate(tags):
        others = [face for index, face in enumerate(faces) if index != own]
        places = [place for size in sizes for place in _places(faces[own], size, picture)]
        costs = [
            _cost(place, faces[own], others, placed) + _LATER * rank * _shared(place, place)
            for rank, place in enumerate(places)
        ]
        placed.append(places[costs.index(min(costs))])
    return placed


def _places(face: Box, size: Size, picture: Size) -> list[Box]:
    """Above the face, below it, beside it, farther off, or over its head and its chin."""
    (x0, y0, x1, y1), (width, height) = face, size
    middle = (x0 + x1 - width) // 2
    corners = (
        (x0, y0 - height), (middle, y0 - height), (x1 - width, y0 - height), (x0, y1), (middle, y1), (x1 - width, y1),
        (x1, y0), (x0 - width, y0), (x1, y1 - height), (x0 - width, y1 - height), (middle, y0 - 2 * height),
        (middle, y1 + height), (x0, y0), (x0, y1 - height),
    )  # fmt: skip
    return [_inside(left, top, size, picture) for left, top in corners]


def _inside(left: int, top: int, size: Size, picture: Size) -> Box:
    left, top = (max(0, min(at, picture[axis] - size[axis])) for axis, at in enumerate((left, top)))
    return left, top, left + size[0], top + size[1]


def _cost(place: Box, own: Box, others: Sequence[Box], placed: Sequence[Box]) -> float:
    return (
        _TAG * sum(_shared(place, tag) for tag in placed)
        + _FACE * sum(_shared(place, face) for face in others)
        + _OWN * _shared(place, own)
    )


def _shared(one: Box, other: Box) -> int:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)
