"""Evaluate's "This is wrong" by AppTest: a photo from elsewhere goes into an inbox, one of a dataset is relabelled
there."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.data.collect import keep_photo
from core.data.collect.inbox import crops
from core.data.synthetic.demo import draw_scene
from core.schema.labels import Label
from core.store import paths
from tests.app.conftest import words
from tests.fixtures.live_fixtures import tiny_model


@pytest.fixture
def dataset(faces: Path, own_home: Path) -> Path:
    tiny_model(paths.models_dir() / "small.pth")
    folder = paths.datasets_dir() / "drawn"
    shutil.copytree(faces, folder)
    return folder


@pytest.fixture
def app(page, dataset):
    return page("4_Evaluate.py", evaluate_model="small", view="Photos")


def test_the_face_of_an_uploaded_photo_goes_into_the_inbox(app, dataset):
    memory = io.BytesIO()
    draw_scene(["no_mask"], np.random.default_rng(1))[0].save(memory, "JPEG")
    app.file_uploader[0].set_value([("one.jpg", memory.getvalue(), "image/jpeg")]).run()
    app.button(key="why_0").click().run()
    assert crops.content(dataset) == [], "nothing before somebody has said so"
    app.button(key="evaluate_wrong_wrong_mask").click().run()
    assert not app.exception
    (crop,) = crops.read(dataset)
    assert (crop.group, crop.source) == (f"evaluate-{keep_photo.digest(memory.getvalue())}", "evaluate")
    assert crop.note.label is Label.WRONG_MASK and crop.note.network == "small.pth"


def test_a_photo_of_a_dataset_is_not_copied(app, dataset):
    app.segmented_control(key="eval_from").set_value("From a folder").run()
    app.button(key="why_0").click().run()
    assert "is in drawn already, so no copy is kept" in words(app)
    assert app.button(key="evaluate_wrong_grid").label == "Open the grid"
    assert not [button for button in app.button if button.key == "evaluate_wrong_mask"]
