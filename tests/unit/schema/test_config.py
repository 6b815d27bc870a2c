"""TrainConfig: bounds, messages, presets, JSON."""

from __future__ import annotations

import json
import math

import pytest
from pydantic import ValidationError

from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.presets import PRESETS
from core.schema.setting_words import bounds, describe
from core.schema.train_config import TrainConfig, fill_in, make

LIMITS = [
    ("image_size", 31, 513), ("batch_size", 1, 513), ("epochs", 0, 501), ("learning_rate", 9e-8, 1.01),
    ("seed", -1, 2**31), ("patience", -1, 501), ("views", -1, 65), ("folds", -1, 21),
]  # fmt: skip


@pytest.mark.parametrize(("name", "below", "above"), LIMITS)
def test_bounds_are_enforced_and_named(name: str, below: float, above: float):
    for value in (below, above):
        with pytest.raises(UserError, match=f"^{name}: .*{value}"):
            make({"dataset": "x", name: value})
    limits = bounds(name)
    assert below < limits["ge"] < limits["le"] < above
    for value in (limits["ge"], limits["le"]):
        assert getattr(make({"dataset": "x", name: value}), name) == value


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "dataset: field required"),
        ({"dataset": ""}, "dataset: "),
        ({"backbone": "VGG"}, "backbone: .*'MobileNet'.*'VGG'"),
        ({"mode": "half"}, "mode: "),
        ({"optimizer": "lion"}, "optimizer: .*'adam'"),
        ({"epochs": "many"}, "epochs: .*'many'"),
        ({"epochs": 2.5}, "epochs: "),
        ({"augment": "perhaps"}, "augment: "),
        ({"learning_rate": math.nan}, "learning_rate: "),
        ({"learning_rate": math.inf}, "learning_rate: "),
        ({"split": (0.7, 0.2, 0.2)}, "split: the three shares add up to 1.1"),
        ({"split": (0.7, 0.3)}, "split"),
        ({"split": (1.0, 0.0, 0.0)}, "split.0: .*less than 1"),
        ({"split": (math.nan, 0.2, 0.1)}, "split.0: "),
        ({"weights": ""}, "weights: "),
        ({"folds": 1}, "folds: 1 are too few; choose 3 to 20, or 0"),
        ({"folds": 2}, "folds: 2 are too few"),
        ({"folds": 5, "fold": 5}, "fold: there is no fold 5; choose 0 to 4"),
        ({"folds": 5, "fold": -1}, "fold: .*greater"),
        ({"fold": 1}, "fold: there is no fold 1; choose 0 where there are no folds"),
        ({"backbone": "ResNetLogit"}, "backbone: ResNetLogit .* two classes"),
        ({"backbone": "BasicCNN"}, "weights: BasicCNN has no ImageNet weights"),
        ({"epoch": 3}, "epoch: there is no such setting"),
    ],
)
def test_a_wrong_value_is_named_in_a_sentence(values: dict, words: str):
    with pytest.raises(UserError, match=words) as caught:
        make(values if values in ({}, {"dataset": ""}) else {"dataset": "x"} | values)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_every_wrong_field_is_told_at_once():
    with pytest.raises(UserError) as caught:
        make({"dataset": "x", "epochs": 0, "batch_size": 1})
    assert "epochs:" in str(caught.value)
    assert "batch_size:" in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid(name: str):
    config = make(fill_in({"dataset": "x"} | PRESETS[name]))
    for key, value in PRESETS[name].items():
        assert getattr(config, key) == value


def test_fill_in_says_what_follows_from_the_network():
    assert fill_in({"backbone": "BasicCNN"})["weights"] == "none"
    assert fill_in({"backbone": "BasicCNN", "weights": "a.pth"})["weights"] == "a.pth"
    assert "learning_rate" not in fill_in({"mode": "retrain"})
    assert fill_in({"backbone": "ResNet", "mode": "retrain"})["learning_rate"] == 1e-4
    assert fill_in({"mode": "retrain", "learning_rate": 0.5})["learning_rate"] == 0.5
    assert "learning_rate" not in fill_in({"mode": "not_retrain"})
    assert fill_in({"backbone": "ResNetLogit"})["wrong_mask"] is False
    given = {"backbone": "BasicCNN"}
    fill_in(given)
    assert given == {"backbone": "BasicCNN"}


@pytest.mark.parametrize("name", PRESETS)
def test_json_there_and_back(name: str):
    config = make(fill_in({"dataset": "/photos/ünï"} | PRESETS[name]))
    assert make(json.loads(config.model_dump_json())) == config


def test_it_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        make({"dataset": "x"}).epochs = 3


def test_every_field_has_a_title_and_a_sentence():
    for name in TrainConfig.model_fields:
        title, sentence = describe(name)
        assert title not in ("", name)
        assert sentence.endswith(".")


def test_defaults_are_the_issue_s():
    config = make({"dataset": "x"})
    assert (config.backbone, config.mode, config.split) == ("MobileNet", "not_retrain", (0.70, 0.20, 0.10))
    assert config.weights == configs.IMAGENET
    assert (config.robust, config.folds, config.fold) == (False, 0, 0)


@pytest.mark.parametrize(("folds", "fold"), [(3, 0), (3, 2), (20, 19)])
def test_every_fold_can_be_tested_on(folds: int, fold: int):
    assert make({"dataset": "x", "folds": folds, "fold": fold}).fold == fold
