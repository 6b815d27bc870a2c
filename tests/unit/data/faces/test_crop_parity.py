"""Live video, evaluation and training see a face alike: the same widened crop, squeezed into the same square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.faces.detector import FaceFinder, crop, widen
from core.data.synthetic.demo import draw_scene
from core.evaluation.one_run.predict import predict
from core.inference.predictor import Predictor, read_faces
from core.networks import checkpoint
from core.schema.labels import Label
from tests.fixtures.live_fixtures import tiny_model

LABELS = ("mask", "no_mask", "wrong_mask")
# What a faster runtime may differ by from torch; an edge of the crop that moved by a pixel changes more pixels.
TOLERANCE = 0.02


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return np.asarray(draw_scene(LABELS, np.random.default_rng(5))[0])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("parity") / "tiny.pth")


@pytest.fixture(scope="module")
def cropped(scene: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    """The scene's faces as a user would collect them: cut out by the one crop and saved."""
    root, rows = tmp_path_factory.mktemp("crops"), []
    for number, face in enumerate(FaceFinder().find(scene)):
        crop(scene, face.box).save(root / f"{number}.png")
        rows.append(Row(f"{number}.png", Label.MASK, str(number), "test"))
    return root, rows


def test_live_and_evaluation_say_the_same_of_a_face(scene: np.ndarray, model: Path, cropped):
    live = read_faces(scene, FaceFinder(), Predictor(model))
    root, rows = cropped
    _, evaluated, _ = predict(checkpoint.load(model), root, rows)
    assert len(live) == len(LABELS)
    assert [list(reading.probabilities.values()) for reading in live] == [
        pytest.approx(row, abs=TOLERANCE) for row in evaluated.tolist()
    ]


def test_training_sees_the_pixels_of_the_live_crop(scene: np.ndarray, model: Path, cropped):
    trained, (root, rows) = checkpoint.load(model), cropped
    photos = FacePhotos(root, rows, trained.labels, trained.preprocessing)
    for index, face in enumerate(FaceFinder().find(scene)):
        assert np.array_equal(photos[index][0].numpy(), trained.preprocessing.square(crop(scene, face.box)))


def test_the_crop_holds_a_fifth_of_the_box_more_on_each_side(scene: np.ndarray):
    face = FaceFinder().find(scene)[0]
    x0, _, x1, _ = face.box
    wide = widen(face.box, (scene.shape[1], scene.shape[0]))
    assert crop(scene, face.box).size == (wide[2] - wide[0], wide[3] - wide[1])
    assert wide[2] - wide[0] == pytest.approx(1.4 * (x1 - x0), abs=1)
