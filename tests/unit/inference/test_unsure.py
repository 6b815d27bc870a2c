"""When a network is unsure of a face: the score by hand, its threshold, and what carries it from the model file on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from core.inference.export import facts
from core.inference.predictor import Predictor
from core.inference.unsure import choose, uncertainty, unsure
from core.networks import checkpoint
from core.store.paths import STARTER_FILE
from tests.fixtures.live_fixtures import tiny_model


def test_uncertainty_is_what_the_likeliest_label_lacks():
    rows = np.array([[1.0, 0.0, 0.0], [0.2, 0.7, 0.1], [0.34, 0.33, 0.33]])
    assert uncertainty(rows) == pytest.approx([0.0, 0.3, 0.66])
    assert unsure(rows, 0.3 + 1e-9).tolist() == [False, False, True]
    assert unsure(rows, 0.29).tolist() == [False, True, True]
    assert not unsure(rows, None).any()


@pytest.mark.parametrize(("n", "share", "above"), [(200, 0.01, 2), (299, 0.01, 2), (100, 0.01, 1), (100, 0.29, 29)])
def test_so_many_photos_are_above_the_threshold(n, share, above):
    score = np.random.default_rng(0).permutation(np.linspace(0.2, 0.6, n))
    threshold = choose(score, share)
    assert (score > threshold).sum() == above and threshold in score


def test_photos_that_share_the_deciding_score_are_all_answered():
    score = np.array([0.5] * 5 + [0.2] * 195)
    assert choose(score, 0.01) == 0.5


def test_too_few_photos_show_no_threshold():
    assert choose(np.linspace(0.2, 0.6, 99), 0.01) is None
    assert choose(np.array([]), 0.01) is None


def test_an_answer_that_is_right_nine_times_in_ten_is_given_however_easy_the_validation_photos():
    assert choose(np.full(500, 1e-6), 0.01) == pytest.approx(0.1)


@pytest.fixture
def careful(tmp_path: Path) -> Path:
    """The starter, unsure where the likeliest label gets less than 70 %."""
    path = tmp_path / "careful.pth"
    checkpoint.save(path, replace(checkpoint.load(STARTER_FILE), unsure_above=0.3))
    return path


@pytest.fixture
def trusting(tmp_path: Path) -> Path:
    """The starter without a threshold, as files of the last release are."""
    path = tmp_path / "trusting.pth"
    checkpoint.save(path, replace(checkpoint.load(STARTER_FILE), unsure_above=None))
    return path


def test_a_predictor_has_the_threshold_with_torch_and_without(careful, trusting, own_home):
    assert [Predictor(careful).unsure_above for _ in range(2)] == [0.3, 0.3]
    assert [Predictor(trusting).unsure_above for _ in range(2)] == [None, None]


def test_classify_is_unsure_of_noise_and_says_by_how_much(careful, trusting, tmp_path, capsys):
    noise, lines = tmp_path / "noise.png", tmp_path / "faces.jsonl"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)).save(noise)
    assert main(["classify", str(careful), str(noise), "--json", str(lines)]) == 0
    (face,) = map(json.loads, lines.read_text().splitlines())
    assert face["unsure"] and face["uncertainty"] > 0.3
    assert face["uncertainty"] == pytest.approx(1 - max(face["probabilities"].values()))
    assert capsys.readouterr().out.rstrip().endswith(", unsure")
    assert main(["classify", str(trusting), str(noise), "--json", str(lines)]) == 0
    assert not json.loads(lines.read_text())["unsure"]


def test_an_exported_file_says_from_where_on_to_believe_it(careful, tmp_path):
    said = facts(checkpoint.load(careful))
    assert float(said["unsure_below_highest_probability"]) == pytest.approx(0.7)
    assert "unsure_below_highest_probability" not in facts(checkpoint.load(tiny_model(tmp_path / "m.pth")))
