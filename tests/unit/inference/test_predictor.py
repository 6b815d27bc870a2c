"""The predictor says what the network says, in batches and from threads, and labels by the operating point."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.faces.detector import FaceFinder, crop
from core.data.synthetic.demo import draw_face, draw_scene
from core.inference.predictor import Predictor, Reading, decided, read_faces, read_whole
from core.inference.runtimes import agreement
from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
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


@pytest.mark.parametrize(
    ("threshold", "mask", "label"),
    [(0.42, 0.43, Label.MASK), (0.42, 0.41, Label.NO_MASK), (0.9, 0.8, Label.NO_MASK), (0.1, 0.2, Label.MASK)],
)
def test_who_reaches_the_operating_point_is_labelled_mask_and_nobody_else(threshold, mask, label):
    rest = 1 - mask
    shares = dict(zip(THREE_CLASSES, (mask, 0.9 * rest, 0.1 * rest), strict=True))
    said = decided(shares, OperatingPoint(threshold))
    assert said is label
    assert Reading(None, said, shares[said], shares).passes == (label is Label.MASK)


@pytest.mark.parametrize("labels", [TWO_CLASSES, THREE_CLASSES])
def test_a_reading_is_of_the_widened_box_and_says_who_passes(tmp_path, labels):
    predictor = Predictor(tiny_model(tmp_path / "m.pth", labels))
    image, _ = draw_scene(["mask", "no_mask"], np.random.default_rng(1))
    rgb = np.asarray(image)
    readings = read_faces(rgb, FaceFinder(), predictor)
    assert len(readings) == 2
    for reading in readings:
        expected = predictor.probabilities([crop(rgb, reading.box)])[0]
        assert reading.confidence == pytest.approx(expected[labels.index(reading.label)], abs=1e-5)
        assert tuple(reading.probabilities) == labels
        assert reading.passes == (reading.probabilities[Label.MASK] >= predictor.operating_point.threshold)
    assert read_whole(image, predictor).box is None


def test_a_file_that_is_no_model_is_a_sentence(tmp_path):
    (tmp_path / "bad.pth").write_bytes(b"nothing")
    for name in ("bad.pth", "missing.pth"):
        with pytest.raises(UserError, match=name):
            Predictor(tmp_path / name)


def test_networks_that_are_loaded_for_the_first_time_at_once_do_not_disturb_each_other(tmp_path, own_home):
    models = [Path(shutil.copy(STARTER_FILE, tmp_path / f"{number}.pth")) for number in range(3)]
    with ThreadPoolExecutor(len(models)) as pool:
        loaded = list(pool.map(Predictor, models))
    assert [predictor.path for predictor in loaded] == models
