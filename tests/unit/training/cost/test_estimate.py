"""The estimate before a run: photos, parameters, and a speed from earlier runs or a trial."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from core.schema.errors import UserError
from core.schema.run_report import PartCounts, as_json
from core.schema.train_config import TrainConfig
from core.store import paths, runs
from core.store.runs import METRICS, create
from core.training.cost import estimate, probe
from core.training.cost.probe import Speed
from tests.fixtures.result_fixtures import reported
from tests.fixtures.speeds import SPEED, known
from tests.fixtures.support import tiny_config


def past(config: TrainConfig, seconds: float = 2.0, whole: float = 20.0) -> None:
    """A finished run of three epochs on 35 training photos."""
    run = create(config, 3)
    for epoch in (1, 2, 3):
        taken = 9.0 if epoch == 1 else seconds
        run.append_metrics(dict.fromkeys(METRICS, 1.0) | {"epoch": epoch, "seconds": taken})
    run.write_report(reported(photos=PartCounts(train=35, val=10, test=5), seconds=whole))


def test_parameters_and_photos_are_counted(faces):
    found = estimate.estimate(known(tiny_config(faces, backbone="MobileNet", mode="not_retrain")), 100, 3)
    assert (found.photos, found.trainable) == (70, 1280 * 3 + 3)
    assert found.parameters == 2_223_872 + 1280 * 3 + 3
    assert found.basis == "from a short measurement"


def test_a_measured_speed_is_added_up(faces):
    found = estimate.estimate(known(tiny_config(faces, epochs=4)), 100, 3)
    epochs = 4 * (70 * 0.1 + (20 + 70) * 0.01 + 0.5)
    assert found.seconds == pytest.approx(5 + 90 * 0.04 + epochs + 100 * 0.2)


def test_kept_views_cost_their_number_once(faces):
    config = tiny_config(faces, backbone="MobileNet", mode="not_retrain", epochs=60, views=3)
    found = estimate.estimate(known(config), 100, 3)
    epochs = 60 * (70 * 0.01 + (20 + 70) * 0.01 + 0.5)
    assert found.seconds == pytest.approx(5 + 90 * 0.04 + 3 * 70 * 0.1 + epochs + 100 * 0.2)


def test_views_are_kept_only_where_that_is_less_work():
    def kept(**settings) -> int:
        config = {"backbone": "MobileNet", "mode": "not_retrain", "epochs": 60, "views": 3} | settings
        return tiny_config(Path("x"), **config).kept_views

    assert kept() == 3
    assert kept(epochs=4) == 3 and kept(epochs=3) == 0
    assert kept(mode="retrain") == kept(backbone="BasicCNN") == kept(views=0) == 0
    assert kept(augment=False) == 1 and kept(augment=False, robust=True) == 3
    assert kept(augment=False, epochs=1) == 0


def test_a_measurement_beside_other_work_says_so(faces):
    config = known(tiny_config(faces), speed=Speed(**asdict(SPEED) | {"quiet": False}))
    assert estimate.estimate(config, 100, 3).basis.endswith("beside other work: it may take less")


def test_an_earlier_run_of_the_same_sort_tells_the_speed(faces):
    config = tiny_config(faces, epochs=10)
    past(config)
    found = estimate.estimate(config, 100, 3)
    assert found.basis == "from an earlier run here"
    assert found.seconds == pytest.approx((20 - 3 * 2) + 10 * 70 * 2 / 35)


def test_a_fold_is_the_test_part(faces):
    config = tiny_config(faces, split=(0.6, 0.2, 0.2), folds=4)
    assert estimate.estimate(known(config), 100, 3).photos == round(75 * 0.75)


def test_only_runs_that_cost_as_much_a_photo_tell_the_speed(faces):
    past(tiny_config(faces))
    assert estimate.estimate(tiny_config(faces, seed=9, folds=3), 100, 3).basis == "from an earlier run here"
    for different in ({"robust": True}, {"augment": False}, {"image_size": 64}, {"batch_size": 4}):
        assert estimate.estimate(known(tiny_config(faces, **different)), 100, 3).basis == "from a short measurement"


def test_a_damaged_run_tells_nothing_and_does_no_harm(faces):
    config = tiny_config(faces)
    damaged = create(config, 3)
    (damaged.folder / "config.json").write_text("{")
    assert estimate.estimate(known(config), 100, 3).basis == "from a short measurement"


NO_PHOTOS = as_json(reported(photos=PartCounts(train=0, val=10, test=5)))


@pytest.mark.parametrize("report", [{"labels": []}, [1], NO_PHOTOS], ids=("no report", "no object", "no photos"))
def test_a_strange_report_tells_nothing_and_does_no_harm(faces, report):
    config = tiny_config(faces)
    past(config)
    [run] = runs.every()
    run.report_file.write_text(json.dumps(report))
    assert estimate.estimate(known(config), 100, 3).basis == "from a short measurement"


def test_a_trial_measures_the_real_loop_in_a_process_of_its_own(faces):
    config = tiny_config(faces, backbone="MobileNet", mode="retrain", robust=True)
    speed = probe.measure(config)
    assert speed.start > 0.5, "a process that imports torch"
    assert min(speed.step, speed.first_look, speed.look, speed.final, speed.save) > 0
    kept = list((paths.home() / "cache" / "speed").glob("*.json"))
    assert len(kept) == speed.quiet, "only what was measured alone is kept"


def test_a_trial_that_fails_is_a_sentence(faces):
    config = tiny_config(faces).model_copy(update={"backbone": "NoSuchNet"})
    with pytest.raises(UserError, match="can't be measured"):
        probe.measure(config)
