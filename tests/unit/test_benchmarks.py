"""The training benchmark: what it counts, its plain recipe, and what it writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch

from benchmarks import bench, limit, ours, random_tensors, report_a_table, same_accuracy, step_profile, table, walk
from benchmarks.plain import Recipe, Timed
from benchmarks.trainings import NAMES, TRAININGS, config, named
from benchmarks.turns import KEPT, OURS, PLAIN, Bench, Turn
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.networks.build import build
from core.store import runs
from core.training import prepare
from tests.fixtures.support import tiny_config


def test_operations_of_a_photo():
    # ResNet-50 has 4.09 billion multiply-adds forward (torchvision's table of its weights), of which layer3, layer4 and
    # fc have about half; each of these costs twice as much again backward.
    training, measuring, again = limit.operations(config(named("ResNet-retrain"), Path("-"), epochs=1), 3)
    assert measuring / 2e9 == pytest.approx(4.09, abs=0.01)
    assert 1.9 < training / measuring < 2.2
    assert 0.4 < again / measuring < 0.7
    frozen, _, head = limit.operations(config(named("ResNet-not_retrain"), Path("-"), epochs=1), 3)
    assert frozen == pytest.approx(measuring, rel=1e-4)
    assert head == 2 * 2048 * 3


def test_operations_of_depthwise_convolutions_are_counted_once():
    training, measuring, again = limit.operations(config(named("MobileNet-retrain"), Path("-"), epochs=1), 3)
    assert measuring / 2e9 == pytest.approx(0.30, abs=0.01)
    assert again < measuring < training < 3 * measuring


@pytest.mark.parametrize("name", NAMES)
def test_every_training_has_a_config(name):
    own = config(named(name), Path("photos"), epochs=3, views=4 if named(name).frozen else 0)
    assert (own.batch_size, own.epochs, own.schedule, own.weights) == (64, 3, "constant", "none")


def test_the_plain_recipe_learns_drawn_faces(faces):
    own = tiny_config(faces, learning_rate=1e-3, batch_size=64)
    sample = same_accuracy.sample(own)
    assert len(sample) == 60
    torch.manual_seed(0)
    recipe = Recipe(own, sample, workers=0, device="cpu")
    recipe.warm_up()
    before = [parameter.detach().clone() for parameter in recipe.network.parameters()]
    took = recipe.train_epoch()
    assert took.photos == sum(part == "train" for _, _, part in sample)
    assert all((old != new).any() for old, new in zip(before, recipe.network.parameters(), strict=True))
    [(images, target)] = recipe.loader("train", training=False)
    recipe.network.train()
    for _ in range(80):
        recipe.step(images, target)
    accuracy, looked = recipe.accuracy("train")
    assert looked.photos == took.photos
    assert accuracy > 0.8


def test_the_plain_recipe_has_channels_first_and_leaves_frozen_weights(faces):
    own = config(named("MobileNet-not_retrain"), faces, epochs=1).model_copy(update={"image_size": 32})
    recipe = Recipe(own, same_accuracy.sample(own)[:4], workers=0, device="cpu")
    kernel = recipe.network.features[0][0].weight
    assert kernel.is_contiguous()
    assert not build(own, 3).features[0][0].weight.is_contiguous()
    before = kernel.detach().clone()
    recipe.warm_up()
    assert (kernel == before).all()
    assert recipe.network.features.training


def test_the_plain_recipe_can_leave_frozen_batchnorm_alone(faces):
    own = config(named("MobileNet-not_retrain"), faces, epochs=1).model_copy(update={"image_size": 32})
    drifts = []
    for frozen_eval in (False, True):
        recipe = Recipe(own, same_accuracy.sample(own)[:4], workers=0, device="cpu", frozen_eval=frozen_eval)
        before = recipe.network.features[0][1].running_mean.clone()
        recipe.train_epoch()
        drifts.append(not torch.equal(recipe.network.features[0][1].running_mean, before))
    assert drifts == [True, False]


def test_plain_and_ours_split_alike(faces, own_home):
    own = tiny_config(faces, seed=3, epochs=1)
    photos = prepare.photos(runs.create(own, 3), None, lambda done, total: None)
    expected = {(str(own.folder / row.file), str(row.label), row.part) for row in photos.rows}
    assert set(same_accuracy.sample(own)) == expected


def test_ours_is_stopped_once_it_has_been_timed(faces, own_home):
    took = ours.steady(tiny_config(faces, epochs=400))
    assert 2 <= took.epochs < 400
    assert 0 < took.epoch < took.whole
    assert took.precision == "float32"


def test_a_row_of_the_report_a_table_is_carried_on(faces, own_home):
    epoch, whole = report_a_table._took(tiny_config(faces, epochs=60))
    [run] = runs.every()
    assert [row["epoch"] for row in run.metrics()] == [1, 2]
    assert epoch == run.metrics()[1]["seconds"]
    assert whole == pytest.approx(run.report().seconds + 58 * epoch)


def test_random_tensors_on_this_device():
    own = tiny_config(Path("-"))
    assert random_tensors.images_per_second(own, "float32", "cpu", seconds=0.05) > 0


def test_a_profile_names_convolutions(faces, own_home):
    shares = step_profile.top(tiny_config(faces, epochs=9), 3)
    assert any("conv" in name for name, _, _ in shares)
    assert 0 < sum(share for _, share, _ in shares) <= 1


def test_an_epoch_in_proportion_starts_its_loader_once():
    assert Timed(photos=64, first=1.0, rest=2.0).seconds(128) == 5.0


def test_spread_and_interval():
    assert table.spread([2.0]) == "2.0"
    assert table.spread([2.0, 4.0, 3.0]) == "3.0 (2.0–4.0)"
    # Student's t with two degrees of freedom is 4.303; the standard error here is 0.01 / sqrt(3).
    assert table.interval([0.90, 0.91, 0.92]) == "91.0 (88.5 to 93.5)"
    assert table.head("a", "b") == "| a | b |\n|---|---|"


def test_lines_say_which_goals_are_met(faces):
    frozen = TRAININGS[0]
    rows = splits.split(scan(faces), (0.7, 0.2, 0.1), seed=0)
    own = Bench(faces, rows, faces, "cpu", views=8, kept_epochs=60, fastai=None)
    turns = [Turn({PLAIN: 80.0, OURS: 8.0, KEPT: 4.0}, {PLAIN: 0.1, OURS: 0.6}, "bfloat16") for _ in range(2)]
    plain, fresh, kept = bench.lines(frozen, turns, own)
    assert "| 1.0 (1.0–1.0) | 10 (10–10) % |  |" in plain
    assert "ours (bfloat16)" in fresh
    assert "10.0 (10.0–10.0)" in fresh
    assert "8 times: met, 70% of the limit: **missed**" in fresh
    assert "40 times: **missed**" in kept


def test_a_walk_gives_medians_and_their_sum():
    steps = [walk.Step(name, lambda walker: None) for name in ("opens", "trains")]
    turns = [[walk.Taken(0, seconds, 100), walk.Taken(2, 3 * seconds, 40)] for seconds in (2.0, 1.0, 6.0)]
    assert walk.table(turns, steps).splitlines()[2:] == [
        "| opens | 0 | 2.0 | 100 |", "| trains | 2 | 6.0 | 40 |", "| **all** | 2 | 8.0 | 140 |"
    ]  # fmt: skip


def test_results_are_kept_and_read_again(tmp_path):
    path = tmp_path / "results.csv"
    first = same_accuracy.Results(path)
    first.add(("photos", "BasicCNN", "0", "plain"), 0.9)
    first.add(("photos", "BasicCNN", "0", "ours"), 0.8)
    again = same_accuracy.Results(path)
    assert again.get(("photos", "BasicCNN", "0", "plain")) == 0.9
    assert again.get(("photos", "BasicCNN", "1", "plain")) is None
    with path.open(newline="") as file:
        assert len(list(csv.reader(file))) == 3
