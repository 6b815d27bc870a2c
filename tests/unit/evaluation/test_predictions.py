"""Predictions are read from a run's file as they were written; the operating point decides on the mask's share."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.one_run import predictions
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES
from core.store import runs
from tests.fixtures.result_fixtures import reported
from tests.fixtures.support import tiny_config

ROWS = [
    {"file": "mask/a.jpg", "label": "mask", "group": "g1", "part": "test", "p_mask": "0.7", "p_no_mask": "0.3"},
    {"file": "no_mask/b.jpg", "label": "no_mask", "group": "g1", "part": "val", "p_mask": "0.6", "p_no_mask": "0.4"},
    {"file": "no_mask/c.jpg", "label": "no_mask", "group": "g2", "part": "test", "p_mask": "1e-9", "p_no_mask": "1"},
]


@pytest.fixture
def run(tmp_path) -> runs.Run:
    made = runs.create(tiny_config(tmp_path, wrong_mask=False), 2)
    made.write_predictions(("mask", "no_mask"), ROWS)
    made.write_report(reported(TWO_CLASSES))
    return made


def test_the_parts_are_kept_apart(run: runs.Run):
    test = predictions.of_run(run)
    assert test.files == ("mask/a.jpg", "no_mask/c.jpg")
    assert test.classes == TWO_CLASSES
    assert test.probability.tolist() == [[0.7, 0.3], [1e-9, 1.0]]
    assert (list(test.guess), list(test.true), list(test.groups)) == (["mask", "no_mask"],) * 2 + (["g1", "g2"],)
    assert predictions.of_run(run, "val").files == ("no_mask/b.jpg",)


def test_photos_are_picked_by_mask_or_index(run: runs.Run):
    test = predictions.of_run(run)
    for keep in (np.array([False, True]), np.array([1])):
        picked = test.only(keep)
        assert (picked.files, list(picked.groups), len(picked)) == (("no_mask/c.jpg",), ["g2"], 1)
        assert picked.mask_probability.tolist() == [1e-9]
    assert len(test.only(np.zeros(2, bool))) == 0


def test_a_run_without_results_says_so(tmp_path):
    unfinished = runs.create(tiny_config(tmp_path), 3)
    with pytest.raises(UserError, match="no predictions of test photos: it is queued"):
        predictions.of_run(unfinished)


def test_who_passes_is_decided_by_the_mask_s_share_alone():
    point = OperatingPoint(0.4)
    probability = np.array([[0.41, 0.39, 0.2], [0.4, 0.6, 0.0], [0.39, 0.3, 0.31]])
    assert point.passes(probability[:, THREE_CLASSES.index("mask")]).tolist() == [True, True, False]
    assert point.passes(0.4) and not point.passes(0.3999)
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="must lie in"):
            OperatingPoint(wrong)
