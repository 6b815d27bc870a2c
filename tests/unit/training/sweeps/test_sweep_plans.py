"""What sweeps are made of: repeats, folds, the ablation, report A's table and grids; and how long they will take."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.evaluation.compare.student_reports import REPORT_A
from core.networks import checkpoint
from core.networks.build import build, parameter_counts
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import PRESETS
from core.schema.train_config import TrainConfig, make
from core.training.cost import sweep_forecast
from core.training.cost.estimate import Cost
from core.training.sweeps import grid, report_a_table, study
from tests.fixtures.support import tiny_config

THREE = {Label.MASK: 30, Label.NO_MASK: 20, Label.WRONG_MASK: 10}
TWO = {Label.MASK: 30, Label.NO_MASK: 20}


def changes(config: TrainConfig, rows: list[study.Planned]) -> list[dict]:
    before = config.model_dump()
    return [{key: value for key, value in row.config.model_dump().items() if value != before[key]} for row in rows]


def test_repeats_differ_in_their_seed_alone():
    config = tiny_config(Path("x"), seed=7)
    rows = study.repeated(study.one(config), "repeats", 3)
    assert changes(config, rows) == [{}, {"seed": 8}, {"seed": 9}]
    assert [row.name for row in rows] == ["seed 7", "seed 8", "seed 9"]
    assert study.title("repeats", rows) == "3 seeds of BasicCNN not_retrain"


def test_folds_are_all_folds_of_one_seed():
    rows = study.repeated(study.one(tiny_config(Path("x"), seed=7)), "folds", 4)
    assert [(row.config.seed, row.config.folds, row.config.fold) for row in rows] == [
        (7, 4, fold) for fold in range(4)
    ]
    assert [row.name for row in rows] == ["fold 0", "fold 1", "fold 2", "fold 3"]


def test_the_ablation_is_report_b_s():
    config = make(PRESETS["Report B: ResNet with one logit"] | {"dataset": "x"})
    rows = study.ablation(config)
    assert [(row.config.learning_rate, row.config.augment) for row in rows] == [
        (0.01, False), (0.005, False), (0.01, True), (0.005, True),
    ]  # fmt: skip
    assert [row.name for row in rows] == [
        "baseline", "learning rate", "augmentation", "learning rate and augmentation",
    ]  # fmt: skip
    assert all(set(change) <= {"learning_rate", "augment"} for change in changes(config, rows))
    tenfold = study.ablation(tiny_config(Path("x"), learning_rate=3e-4), 10)
    assert [row.config.learning_rate for row in tenfold] == [0.003, 3e-4, 0.003, 3e-4]


def test_report_b_s_preset_is_its_recipe():
    config = make(PRESETS["Report B: ResNet with one logit"] | {"dataset": "x", "weights": "none"})
    assert (config.optimizer, config.learning_rate, config.momentum) == ("sgd", 0.005, 0)
    assert (config.batch_size, config.epochs, config.schedule, config.augment) == (64, 50, "constant", True)
    network = build(config, 2)
    assert [parameter.shape for parameter in network.unit.parameters()] == [(1, 1000), (1,)]
    trained, everything = parameter_counts(network)
    assert trained == everything == 25_557_032 + 1001, "ResNet-50 with its 1000 outputs, and one unit on them"


@pytest.mark.parametrize(
    ("repetition", "count", "words"),
    [
        ("repeats", 1, "repeats: choose 2 to 20 trainings, not 1"),
        ("repeats", 21, "not 21"),
        ("folds", 2, "folds: choose 3 to 20 trainings, not 2"),
    ],
)
def test_a_number_of_trainings_out_of_bounds_is_told(repetition: study.Repetition, count: int, words: str):
    with pytest.raises(UserError, match=words):
        study.repeated(study.one(tiny_config(Path("x"))), repetition, count)


def test_values_that_leave_their_bounds_are_told():
    with pytest.raises(UserError, match=r"learning_rate: .* takes 10 times 0.2, above 1"):
        study.ablation(tiny_config(Path("x"), learning_rate=0.2), 10)
    for factor in (0.5, 1, 1001, float("nan")):
        with pytest.raises(UserError, match=r"factor: choose 1.1 to 1000, not "):
            study.ablation(tiny_config(Path("x")), factor)
    with pytest.raises(UserError, match=r"seed: .*2147483648"):
        study.repeated(study.one(tiny_config(Path("x"), seed=2**31 - 1)), "repeats", 2)


def test_the_table_is_report_a_s():
    rows = report_a_table.variants({"dataset": "x"}, THREE)
    named = [checkpoint.file_name(row.config, 3 if row.config.wrong_mask else 2) for row in rows]
    assert named == [row.model for row in REPORT_A]
    assert len({row.name for row in rows}) == 12
    assert study.title("report_a", rows) == "Report A's table"
    for row in rows:
        config = row.config
        assert config.split == (0.70, 0.20, 0.10) and config.schedule == "constant"
        basic = config.backbone == "BasicCNN"
        assert (config.image_size, config.weights) == ((256, "none") if basic else (224, "imagenet"))


def test_the_table_takes_another_network_and_fewer_labels():
    rows = report_a_table.variants({"dataset": "x", "backbone": "MobileNet", "weights": "none", "epochs": "3"}, TWO)
    assert len(rows) == 6
    assert {row.config.backbone for row in rows} == {"MobileNet", "BasicCNN"}
    assert {(row.config.wrong_mask, row.config.epochs, row.config.weights) for row in rows} == {(False, 3, "none")}
    with pytest.raises(UserError, match="varies learning_rate itself"):
        report_a_table.variants({"dataset": "x", "learning_rate": 1e-2}, THREE)
    with pytest.raises(UserError, match=r"table has ResNet or MobileNet.* beside BasicCNN"):
        report_a_table.variants({"dataset": "x", "backbone": "ResNetLogit"}, THREE)


def test_a_grid_is_every_combination_the_last_axis_first():
    axes = {"learning_rate": grid.read_values("learning_rate", "0.001, 0.0003"), "augment": [True, False]}
    rows = grid.variants({"dataset": "x", "epochs": 4}, axes)
    assert [(row.config.learning_rate, row.config.augment, row.config.epochs) for row in rows] == [
        (1e-3, True, 4), (1e-3, False, 4), (3e-4, True, 4), (3e-4, False, 4),
    ]  # fmt: skip
    assert rows[1].name == "learning rate 0.001 · augment False"
    again = study.repeated(rows, "repeats", 3)
    assert len(again) == 12 and again[4].name == f"{rows[1].name} · seed 1"
    assert [row.group for row in again[3:6]] == [rows[1].name] * 3
    assert study.title("grid", again) == "Grid over learning rate, augment, seed"


def test_a_row_of_a_grid_gets_what_its_network_needs():
    base = tiny_config(Path("x"), backbone="MobileNet", weights="imagenet").model_dump()
    networks = ["MobileNet", "BasicCNN", "ResNetLogit"]
    rows = grid.variants(base, {"backbone": networks, "mode": ["not_retrain", "retrain"]})
    assert [(row.config.backbone, row.config.mode, row.config.weights, row.config.wrong_mask) for row in rows] == [
        ("MobileNet", "not_retrain", "imagenet", True), ("MobileNet", "retrain", "imagenet", True),
        ("BasicCNN", "not_retrain", "none", True),
        ("ResNetLogit", "not_retrain", "imagenet", False), ("ResNetLogit", "retrain", "imagenet", False),
    ]  # fmt: skip
    from_nothing = grid.variants(base | {"backbone": "BasicCNN", "weights": "none"}, {"backbone": networks[:2]})
    assert [row.config.weights for row in from_nothing] == ["imagenet", "none"]
    unsaid = grid.variants({"dataset": "x", "backbone": "ResNet"}, {"mode": ["not_retrain", "retrain"]})
    assert [row.config.learning_rate for row in unsaid] == [1e-3, 1e-4]
    assert grid.variants(base | {"weights": "starter.pth"}, {"backbone": ["ResNet"]})[0].config.weights == "imagenet"


def test_shares_of_a_split_are_values_too():
    rows = grid.variants({"dataset": "x"}, {"split": grid.read_values("split", "70/20/10,60/20/20")})
    assert [row.config.split for row in rows] == [(0.7, 0.2, 0.1), (0.6, 0.2, 0.2)]
    assert [row.name for row in rows] == ["70/20/10", "60/20/20"]


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({}, "at least one field"),
        ({"epochs": []}, "epochs: give at least one value"),
        ({"dropout": ["0.5"]}, "There is no setting 'dropout'; a grid varies wrong_mask, backbone"),
        ({"folds": ["3"]}, "folds can't be varied"),
        ({"epochs": ["3", "0", "many"]}, r"epochs 0: epochs: .*greater than or equal to 1.*epochs many: epochs: "),
        ({"seed": range(15), "epochs": range(1, 16)}, "These are 225 trainings; a sweep has 200 at most"),
    ],
)
def test_a_grid_that_cannot_be_is_a_sentence(axes: dict, words: str):
    with pytest.raises(UserError, match=words):
        grid.variants({"dataset": "x"}, axes)


def test_repeats_cannot_have_the_seeds_of_a_grid():
    rows = grid.variants({"dataset": "x"}, {"seed": ["0", "1"]})
    with pytest.raises(UserError, match="leave seed out of the grid"):
        study.repeated(rows, "repeats", 2)
    with pytest.raises(UserError, match="These are 210 trainings"):
        study.repeated(grid.variants({"dataset": "x"}, {"epochs": range(1, 22)}), "repeats", 10)


def test_views_that_a_row_before_has_kept_cost_nothing():
    def estimate(config: TrainConfig, photos: int, classes: int) -> Cost:
        views = 100.0 if config.kept_views else 0.0
        return Cost(photos, 1, 1, config.epochs + views, "counted", views)

    values = {"dataset": "x", "backbone": "MobileNet", "mode": "not_retrain", "views": 8, "epochs": 60}
    rates, seeds = grid.read_values("learning_rate", "0.001, 0.0003"), grid.read_values("seed", "0, 1")
    rows = grid.variants(values, {"seed": seeds, "learning_rate": rates})
    costs = sweep_forecast.costs([row.config for row in rows], THREE, estimate)
    assert [cost.seconds for cost in costs] == [160, 60, 160, 60], "another seed is another split and other views"
    short = grid.variants(values, {"epochs": [4, 60, 30]})
    costs = sweep_forecast.costs([row.config for row in short], THREE, estimate)
    assert [cost.seconds for cost in costs] == [4, 160, 30], "four epochs take new views each"


def test_rows_that_cost_the_same_are_estimated_once():
    asked = []

    def estimate(config: TrainConfig, photos: int, classes: int) -> Cost:
        asked.append((photos, classes))
        return Cost(photos, 1, 1, float(config.epochs), "counted")

    rows = report_a_table.variants({"dataset": "x"}, THREE)
    costs = sweep_forecast.costs([row.config for row in rows], THREE, estimate)
    assert asked == [(50, 2)] * 3 + [(60, 3)] * 3
    assert [cost.seconds for cost in costs] == [60.0] * 12
    assert [cost.photos for cost in costs] == [50] * 6 + [60] * 6
