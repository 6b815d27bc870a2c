"""The estimate before a run: photos, parameters, and a speed from earlier runs where there are any."""

from __future__ import annotations

import pytest

from core.runs import METRICS, create
from core.training import cost
from tests.support import tiny_config


def test_parameters_and_photos_are_counted(faces):
    config = tiny_config(faces, backbone="MobileNet", mode="not_retrain")
    found = cost.estimate(config, 100, 3)
    assert (found.photos, found.trainable) == (70, 1280 * 3 + 3)
    assert found.parameters == 2_223_872 + 1280 * 3 + 3
    assert found.basis == "from a short measurement"
    assert found.seconds > 0


def test_an_earlier_run_of_the_same_sort_tells_the_speed(faces):
    config = tiny_config(faces, epochs=10)
    earlier = create(config, 3)
    earlier.append_metrics(dict.fromkeys(METRICS, 1.0) | {"images_per_second": 35.0})
    found = cost.estimate(config, 100, 3)
    assert found.basis == "from an earlier run here"
    assert found.seconds == pytest.approx(10 * 70 / 35)


def test_a_fold_is_the_test_part(faces):
    config = tiny_config(faces, split=(0.6, 0.2, 0.2), folds=4)
    assert cost.estimate(config, 100, 3).photos == round(75 * 0.75)


def test_only_runs_that_cost_as_much_a_photo_tell_the_speed(faces):
    create(tiny_config(faces), 3).append_metrics(dict.fromkeys(METRICS, 1.0))
    assert cost.estimate(tiny_config(faces, seed=9, folds=3), 100, 3).basis == "from an earlier run here"
    for different in ({"robust": True}, {"augment": False}, {"image_size": 64}):
        assert cost.estimate(tiny_config(faces, **different), 100, 3).basis == "from a short measurement"


def test_a_damaged_run_tells_nothing_and_does_no_harm(faces):
    config = tiny_config(faces)
    damaged = create(config, 3)
    (damaged.folder / "config.json").write_text("{")
    assert cost.estimate(config, 100, 3).basis == "from a short measurement"
