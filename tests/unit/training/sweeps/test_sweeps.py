"""Sweeps on disk and at work: what a reader sees of them, rows that fail, stopping, killing and resuming."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.data.dataset import split as splits
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES
from core.schema.train_config import TrainConfig
from core.store import paths, runs, sweeps
from core.store.job_state import State
from core.store.sweeps import Row, Sweep
from core.training.sweeps import sweeper
from core.training.sweeps.study import Planned
from tests.fixtures.cli_support import network
from tests.fixtures.processes import house
from tests.fixtures.support import tiny_config, wait_for


def planned(*configs: TrainConfig) -> list[Planned]:
    return [Planned(f"row {number}", f"row {number}", config) for number, config in enumerate(configs)]


def started(*configs: TrainConfig) -> Sweep:
    return sweeper.start("Three rows", "grid", planned(*configs), [9.0] * len(configs))


def statuses(sweep: Sweep) -> list[str]:
    return [standing.status for standing in sweep.standings()]


def wait_until_over(sweep: Sweep) -> None:
    wait_for(lambda: not sweep.state.active, 240)


def on_paper(faces: Path, rows: int = 4) -> Sweep:
    """A sweep whose driver never ran."""
    made = [Row(f"row {number}", "", tiny_config(faces, seed=number), 3, 10.0) for number in range(rows)]
    return sweeps.create("On paper", "grid", made)


def test_rows_stand_as_their_runs_do(faces: Path):
    sweep = on_paper(faces, 5)
    made = [runs.create(row.config, 3) for row in sweep.rows[:3]]
    for number, run in enumerate(made):
        sweep.note_started(number, run)
    sweep.note_failure(3, "The disk is full.")
    made[0].job.write(State("finished", progress=1.0))
    made[1].job.write(State("stopped", progress=0.75))
    made[2].job.write(State("failed", "It broke."))
    runs.delete(made[2])
    again = sweeps.get(sweep.id)
    assert again.rows == sweep.rows and (again.name, again.kind) == ("On paper", "grid")
    assert statuses(again) == ["finished", "stopped", "deleted", "failed", "not started"]
    assert [one.run for one in again.standings()] == [made[0], made[1], None, None, None]
    assert [one.left for one in again.standings()] == [0.0, 2.5, 0.0, 10.0, 10.0]
    assert sweeper.seconds_left(again, again.standings()) == 22.5
    assert again.standings()[3].message == "The disk is full."
    assert again.state.status == "stopped"


def test_a_sweep_is_no_run_and_leaves_its_runs_when_deleted(faces: Path):
    sweep = on_paper(faces)
    run = runs.create(sweep.rows[0].config, 3)
    sweep.note_started(0, run)
    other = on_paper(faces)
    assert runs.every() == [run] and sweeps.every() == [other, sweep]
    sweeps.delete(sweep)
    assert runs.every() == [run] and sweeps.every() == [other]


@pytest.mark.parametrize("name", ["", "..", "../../etc", "20260101-000000_grid", "20260101-000000_grid/../x"])
def test_an_id_that_is_none_is_a_sentence(name: str):
    with pytest.raises(UserError, match="There is no sweep"):
        sweeps.get(name)


def test_damaged_files_are_a_sentence(faces: Path):
    sweep = on_paper(faces)
    (sweep.folder / "started.json").write_text("{")
    with pytest.raises(UserError, match=r"damaged started\.json"):
        sweep.standings()
    for content in ("{", "[]", '{"name": "x", "kind": "grid", "rows": [{"name": "y"}]}'):
        (sweep.folder / "sweep.json").write_text(content)
        with pytest.raises(UserError, match=r"no readable sweep\.json"):
            _ = sweeps.get(sweep.id).rows


def test_none_is_started_when_one_cannot_work(faces: Path, tmp_path: Path):
    good = tiny_config(faces)
    for bad, words in (
        (tiny_config(tmp_path / "nowhere"), "row 1: There is no folder"),
        (tiny_config(faces, weights="gone.pth"), "row 1: weights: models/ has no file 'gone.pth'"),
        (tiny_config(faces, folds=20), "row 1: mask has .*: 20 folds need one group each"),
    ):
        with pytest.raises(UserError, match=words):
            started(good, bad)
    bad = tiny_config(faces, weights="gone.pth")
    with pytest.raises(UserError, match=r"^weights: "):
        started(bad, bad)
    with pytest.raises(UserError, match=r"row 1, row 2, row 3 and 1 more: weights: "):
        started(good, bad, bad, bad, bad)
    assert list(paths.runs_dir().iterdir()) == []


def test_a_row_that_fails_does_not_stop_the_rest(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        weights = network(paths.models_dir() / "soon_gone.pth", THREE_CLASSES)
        one = tiny_config(faces, epochs=1)
        sweep = started(one, tiny_config(faces, epochs=1, weights=weights.name), tiny_config(faces, epochs=1, seed=1))
        weights.unlink()
        wait_until_over(sweep)
        assert statuses(sweep) == ["finished", "failed", "finished"], sweep.job.log_file.read_text()
        assert "soon_gone.pth" in sweep.standings()[1].message
        assert (sweep.state.status, sweep.state.message) == ("finished", "2 of 3 trainings finished")
        first, _, third = (standing.run for standing in sweep.standings())
        assert first.state.ended <= third.state.started
        tested = [{row.file for row in splits.read(run.split_file) if row.part == "test"} for run in (first, third)]
        assert tested[0] != tested[1]
        assert first.config.dataset == str(faces.resolve())


def test_a_sweep_killed_and_stopped_goes_on_and_starts_no_row_twice(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        sweep = started(tiny_config(faces, epochs=60), tiny_config(faces, epochs=1))
        first = wait_for(lambda: sweep.standing(0).run)
        with pytest.raises(UserError, match="already running"):
            sweeper.resume(sweep)
        with pytest.raises(UserError, match="stop it first"):
            sweeps.delete(sweep)
        wait_for(first.metrics, 90)
        sweep.job.process().kill()
        wait_for(lambda: not sweep.state.active)
        assert sweep.state.status == "failed" and first.state.active, "the row outlives its driver"
        sweeper.resume(sweep)
        wait_for(lambda: sweep.state.message == "row 0")
        assert sweep.standing(0).run == first
        sweeper.stop(sweep)
        assert sweep.state.status == "stopped"
        assert statuses(sweep) == ["stopped", "not started"] and first.job.process() is None
        done = len(first.metrics())
        assert 0 < done < 60
        sweeper.resume(sweep)
        wait_until_over(sweep)
        assert statuses(sweep) == ["finished", "finished"], sweep.job.log_file.read_text()
        assert len(runs.every()) == 2 and sweep.standing(0).run == first
        assert f"resumed after epoch {done}" in first.job.log_file.read_text()
        with pytest.raises(UserError, match="nothing left to train"):
            sweeper.resume(sweep)


def test_sweeps_take_turns(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        first = started(tiny_config(faces, epochs=400))
        wait_for(lambda: first.standing(0).run)
        second = started(tiny_config(faces, epochs=1))
        wait_for(lambda: second.state.message == "Waiting for another sweep")
        assert statuses(second) == ["not started"]
        sweeper.stop(second)
        assert second.state.status == "stopped" and first.state.active


def test_neither_a_driver_nor_a_waiting_trainer_holds_torch():
    for module in ("core.training.sweeps.sweeper", "core.training.lifecycle.worker"):
        code = f"import sys\nimport {module}\nsys.exit(bool({{'torch', 'torchvision'}} & sys.modules.keys()))"
        assert subprocess.run([sys.executable, "-c", code], check=False, cwd=paths.PROJECT).returncode == 0
