"""The predictor says what the network says, in batches and from threads, and draws it legibly."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.faces.detector import FaceFinder, crop
from core.data.synthetic.demo import draw_face, draw_scene
from core.inference.predictor import Predictor, Reading, read_faces, read_whole
from core.inference.runtimes import agreement
from core.live.draw import annotate
from core.networks import checkpoint
from core.schema.errors import UserError
from core.schema.labels import COLOURS, THREE_CLASSES, TWO_CLASSES, Label
from core.store.paths import STARTER_FILE
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import picture


def test_probabilities_are_the_networks_own_whatever_the_batch(tmp_path):
    path = tiny_model(tmp_path / "m.pth")
    predictor, trained = Predictor(path), checkpoint.load(path)
    crops = [draw_face("mask", np.random.default_rng(n), 90) for n in range(5)]
    together = predictor.probabilities(crops)
    assert together.shape == (5, 3)
    assert np.allclose(together.sum(axis=1), 1)
    batch = torch.stack([torch.from_numpy(trained.preprocessing.square(image)) for image in crops])
    with torch.inference_mode():
        logits = trained.network(trained.preprocessing.normalise(batch))
    direct = torch.softmax(logits / trained.temperature, 1).numpy()
    assert np.allclose(together, direct, atol=agreement.LARGEST)
    assert np.allclose(together[3], predictor.probabilities(crops[3:4])[0], atol=0.01)
    assert predictor.probabilities([]).shape == (0, 3)


def test_threads_share_one_predictor(tmp_path):
    predictor = Predictor(tiny_model(tmp_path / "m.pth"))
    crops = [picture(n) for n in range(12)]
    alone = [predictor.probabilities([image])[0] for image in crops]
    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda image: predictor.probabilities([image])[0], crops))
    assert np.allclose(alone, shared, atol=1e-6)


@pytest.mark.parametrize("labels", [TWO_CLASSES, THREE_CLASSES])
def test_a_reading_is_the_most_probable_label_of_the_widened_box(tmp_path, labels):
    predictor = Predictor(tiny_model(tmp_path / "m.pth", labels))
    image, _ = draw_scene(["mask", "no_mask"], np.random.default_rng(1))
    rgb = np.asarray(image)
    readings = read_faces(rgb, FaceFinder(), predictor)
    assert len(readings) == 2
    for reading in readings:
        expected = predictor.probabilities([crop(rgb, reading.box)])[0]
        assert reading.label is labels[int(expected.argmax())]
        assert reading.confidence == pytest.approx(expected.max(), abs=1e-5)
        assert tuple(reading.probabilities) == labels
        assert reading.passes == (reading.probabilities[Label.MASK] >= predictor.operating_point.threshold)
    assert read_whole(image, predictor).box is None


def test_a_file_that_is_no_model_is_a_sentence(tmp_path):
    (tmp_path / "bad.pth").write_bytes(b"nothing")
    for name in ("bad.pth", "missing.pth"):
        with pytest.raises(UserError, match=name):
            Predictor(tmp_path / name)


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (1920, 1080)])
@pytest.mark.parametrize("label", list(Label))
def test_the_drawing_shows_the_labels_colour_and_leaves_the_input(size, label):
    rgb = np.asarray(picture(3, *size)).copy()
    before = rgb.copy()
    box = (size[0] // 4, 0, size[0] // 2, size[1] - 1)
    whole = Reading(None, label, 0.5, {label: 0.5}, True)
    drawn = annotate(rgb, [Reading(box, label, 0.9, {label: 0.9}, False), whole])
    colour = [int(COLOURS[label][at : at + 2], 16) for at in (1, 3, 5)]
    assert drawn.shape == rgb.shape
    assert (drawn == colour).all(axis=2).sum() > 50
    assert np.array_equal(rgb, before)


def test_networks_that_are_loaded_for_the_first_time_at_once_do_not_disturb_each_other(tmp_path, own_home):
    models = [Path(shutil.copy(STARTER_FILE, tmp_path / f"{number}.pth")) for number in range(3)]
    with ThreadPoolExecutor(len(models)) as pool:
        loaded = list(pool.map(Predictor, models))
    assert [predictor.path for predictor in loaded] == models
