"""Faces of whole photos: found, cut out, kept once, and labelled later."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.collect import new_dataset, sources
from core.data.collect.imports.bring_in import Tally, Wanted, bring_in
from core.data.collect.inbox import crops
from core.data.faces.detector import FaceFinder, crop
from core.data.synthetic.demo import draw_scene
from core.inference import unlabelled
from core.inference.predictor import Predictor
from core.schema.labels import THREE_CLASSES, Label
from core.store.paths import STARTER_FILE
from tests.fixtures.import_support import unpacked

Bring = Callable[..., Tally]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(STARTER_FILE)


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", THREE_CLASSES)


def _scene(*labels: str) -> tuple[bytes, np.ndarray]:
    image = draw_scene(list(labels), np.random.default_rng(1))[0]
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue(), np.asarray(image)


def _bring(root: Path, files: dict[str, bytes], predictor: Predictor | None, **wanted: str) -> Tally:
    tally = Tally()
    bring_in(root, [unpacked(files)], Wanted(find=unlabelled.finder(predictor), **wanted), tally, lambda *count: None)
    return tally


def test_each_face_of_a_photo_waits_in_the_inbox_with_a_guess(root, predictor):
    data, rgb = _scene("mask", "no_mask")
    tally = _bring(root, {"mask/party.png": data}, predictor, source="a party")
    assert (tally.waiting, tally.added.total(), tally.refused) == (2, 0, [])
    assert tally.words() == "2 faces in the inbox"
    waiting = crops.read(root)
    assert {each.note.guess for each in waiting} == {Label.MASK, Label.NO_MASK}, "the folder is no label here"
    assert {(each.note.network, each.source) for each in waiting} == {("starter.pth", "a party")}
    assert len({each.group for each in waiting}) == 1 and waiting[0].group.startswith("party-")
    face = FaceFinder().find(rgb)[0]
    x0, y0, x1, y1 = face.box
    (own,) = (each for each in waiting if f" {x1 - x0} x {y1 - y0} " in each.note.photo)
    assert own.note.photo == f"mask/party.png at {x0}, {y0}, {x1 - x0} x {y1 - y0} pixels"
    shown = np.asarray(Image.open(root / own.file), int)
    assert np.abs(shown - np.asarray(crop(rgb, face.box), int)).mean() < 3


def test_a_photo_that_comes_again_brings_back_nothing_that_was_labelled_or_dismissed(root):
    data, _ = _scene("mask", "no_mask")
    _bring(root, {"party.png": data}, None, source="a party")
    first, second = crops.content(root)
    moved = crops.accept(root, {first: Label.MASK})
    crops.dismiss(root, [second])
    assert sources.read(root)[moved.names[first]] == "a party"
    tally = _bring(root, {"again.png": data, "party.png": data}, None)
    assert (tally.there, tally.waiting, crops.content(root)) == (4, 0, [])


def test_the_person_of_an_import_is_the_group_and_what_shows_no_face_is_refused(root):
    data, _ = _scene("mask")
    blank = io.BytesIO()
    Image.new("RGB", (200, 200), "grey").save(blank, "JPEG")
    tally = _bring(root, {"a.png": data, "blank.jpg": blank.getvalue(), "broken.jpg": b"no photo"}, None, person="anna")
    assert [each.group for each in crops.read(root)] == ["anna"]
    (no_face, broken) = tally.refused
    assert no_face == ("blank.jpg", "no face found") and broken.file == "broken.jpg"
    assert tally.words() == "1 face in the inbox, 2 refused"
