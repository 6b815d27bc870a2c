"""Photos as small JPEGs inside a page: only where they were asked for."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from PIL import Image

from core.data.images.decode import PhotoError, decode
from core.report.material import Material

MOST_WRONG, SAMPLES = 12, 6
_SIDE, _QUALITY = 144, 80


@dataclass(frozen=True)
class Picture:
    """A test photo as a data: address, with its true label, the likeliest one and that one's probability (0..1)."""

    address: str
    file: str
    true: str
    guess: str
    probability: float

    @property
    def right(self) -> bool:
        return self.true == self.guess


def most_wrong(material: Material) -> list[Picture]:
    """The wrongly labelled test photos whose true label was given the least probability, that one first."""
    own = material.predictions
    names = [str(label) for label in own.classes]
    true = own.probability[np.arange(len(own)), [names.index(name) for name in own.true]]
    wrong = [int(place) for place in np.argsort(true, kind="stable") if own.guess[place] != own.true[place]]
    return list(islice(_pictures(material, wrong), MOST_WRONG))


def samples(material: Material) -> list[Picture]:
    """Test photos of each label, drawn by chance, always the same ones."""
    own = material.predictions
    order = np.random.default_rng(0).permutation(len(own))
    return [
        picture
        for label in own.classes
        for picture in islice(_pictures(material, (place for place in order if own.true[place] == label)), SAMPLES)
    ]


def _pictures(material: Material, places: Iterable[int]) -> Iterator[Picture]:
    """Those that can still be read."""
    own = material.predictions
    for place in places:
        try:
            address = _address(material, own.files[place])
        except PhotoError:
            continue
        yield Picture(
            address, own.files[place], str(own.true[place]), str(own.guess[place]), float(own.probability[place].max())
        )


def _address(material: Material, file: str) -> str:
    small = decode(material.config.folder / file, wanted_side=_SIDE)
    small.thumbnail((_SIDE, _SIDE))
    # From its pixels alone: no camera, place, time or comment of the original goes along.
    bare, written = Image.fromarray(np.asarray(small)), io.BytesIO()
    bare.save(written, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode()
