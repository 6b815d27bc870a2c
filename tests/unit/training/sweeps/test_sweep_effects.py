"""What each setting of a sweep did, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.charts.sweeps.parallel import parallel
from core.store import runs
from core.store.job_state import State
from core.store.sweeps import Row, Standing
from core.training.sweeps import effects
from tests.fixtures.result_fixtures import changed, measured, reported
from tests.fixtures.support import tiny_config

_TESTS = {(0.0003, True): 0.9, (0.0003, False): 0.7, (0.001, True): 0.8, (0.001, False): 0.5}


def _standing(folder: Path, test: float, group: str, **values) -> Standing:
    config = tiny_config(folder, **values)
    run = runs.create(config, 3)
    run.write_report(reported(run=run.id, test=changed(measured(), accuracy=test)))
    run.job.write(State("finished", progress=1.0))
    return Standing(Row("a row", group, config, 3, 1.0), "finished", run)


@pytest.fixture
def standings(tmp_path: Path) -> list[Standing]:
    """A grid of two settings, and a row of it that has not been trained."""
    done = [
        _standing(tmp_path, test, f"{rate} {on}", learning_rate=rate, augment=on, seed=3)
        for (rate, on), test in _TESTS.items()
    ]
    return [*done, Standing(Row("later", "later", tiny_config(tmp_path, learning_rate=0.003), 3, 1.0), "not started")]


def test_every_value_has_the_mean_and_the_spread_of_its_finished_trainings(standings):
    found = {(one.setting, one.value): one for one in effects.effects(effects.finished(standings))}
    assert len(found) == 4
    low, on = found["Learning rate", "0.0003"], found["Augmentation", "on"]
    assert (low.mean, low.low, low.high, low.trainings) == (pytest.approx(0.8), 0.7, 0.9, 2)
    assert (on.mean, on.low, on.high, on.trainings) == (pytest.approx(0.85), 0.8, 0.9, 2)


def test_repeats_differ_in_no_setting_and_are_known_as_such(tmp_path: Path, standings):
    repeats = [_standing(tmp_path, test, "", seed=seed) for seed, test in enumerate((0.6, 0.8))]
    assert effects.effects(effects.finished(repeats)) == []
    assert effects.repeated(effects.finished(repeats)) and not effects.repeated(effects.finished(standings))


def test_a_setting_with_one_finished_value_has_no_effect(standings):
    only_low = [standing for standing in standings if standing.row.config.learning_rate != 0.001]
    assert {one.setting for one in effects.effects(effects.finished(only_low))} == {"Augmentation"}


def test_a_line_of_the_chart_is_a_training_and_numbers_stand_by_size(standings):
    trainings = effects.finished(standings)[::-1]
    drawn = parallel([(one.values, one.test) for one in trainings]).data[0]
    rate, augmentation, test = drawn.dimensions
    assert list(rate.ticktext) == ["0.0003", "0.001"] and list(rate["values"]) == [1, 1, 0, 0]
    assert [augmentation.ticktext[place] for place in augmentation["values"]] == ["off", "on", "off", "on"]
    assert list(test["values"]) == [50, 80, 70, 90]
