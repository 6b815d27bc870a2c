"""What each setting affects: a setting without a declaration is refused, and what is derived is what it should be."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from core.schema.effects import Declared, Effect, affects, declarations
from core.schema.train_config import APART, REPEATED, TrainConfig, affecting, make, sparing, values_affecting
from core.training.cost import probe, sweep_forecast
from core.training.sweeps import grid


class Forgotten(BaseModel):
    """Its second field says nothing."""

    epochs: Annotated[int, affects(Effect.LEARNING)] = 1
    sharpen: bool = Field(False, title="Sharpen")


class OnlyTime(BaseModel):
    """Its field may change the features, and does not say."""

    sharpen: Annotated[bool, affects(Effect.STEP)] = False


@pytest.mark.parametrize(("model", "name"), [(Forgotten, "Forgotten.sharpen"), (OnlyTime, "OnlyTime.sharpen")])
def test_a_setting_that_does_not_say_what_it_affects_is_refused(model: type[BaseModel], name: str):
    with pytest.raises(TypeError, match=f"{name} does not declare"):
        declarations(model)


def test_every_setting_is_declared():
    found = declarations(TrainConfig)
    assert list(found) == list(TrainConfig.model_fields)
    assert found["seed"] == Declared(Effect.SPLIT | Effect.VIEWS, repeats=True)


def test_what_a_step_costs_decides_which_measurement_is_reused():
    # In this order: it is that of the key under which users have measurements.
    assert probe.COSTLY == (
        "backbone", "mode", "image_size", "batch_size", "augment", "robust", "drawn_masks", "optimizer", "precision",
    )  # fmt: skip


def test_what_a_forecast_need_not_tell_apart():
    loss = {"learning_rate", "schedule", "class_weighting", "label_smoothing", "average_weights"}
    assert set(sweep_forecast._FREE) == loss | {"seed", "fold"}
    steps = {"optimizer", "momentum", "batch_size", "epochs", "patience"}
    assert set(sweep_forecast._AFTER_VIEWS) == loss | steps
    assert set(affecting(Effect.LEARNING)) == set(sweep_forecast._AFTER_VIEWS)


def test_what_names_cached_augmented_features():
    # In this order: it is that of the key under which users have features.
    assert affecting(Effect.VIEWS) == ("augment", "robust", "drawn_masks", "seed", "views")
    config = make({"dataset": "x", "seed": 7, "views": 3, "robust": True})
    assert values_affecting(config, Effect.VIEWS) == (True, True, False, 7, 3)


def test_what_decides_the_split():
    assert set(affecting(Effect.SPLIT | Effect.START)) == {
        "dataset", "wrong_mask", "backbone", "weights", "split", "folds", "fold", "seed", "held_out_source", "version",
    }  # fmt: skip
    assert affecting(Effect.START) == ("backbone", "weights")
    assert set(affecting(Effect.SPLIT)) | set(sparing(Effect.SPLIT)) == set(TrainConfig.model_fields)


def test_repeats_and_what_is_chosen_beside_the_settings():
    assert set(REPEATED) == {"seed", "fold"}
    assert set(APART) == {"dataset", "folds", "fold", "held_out_source", "version"}
    assert not set(grid.AXES) & set(APART)
