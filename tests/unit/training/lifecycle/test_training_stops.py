"""Training processes that are stopped, killed, queued, orphaned or robbed of photos."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.data.dataset import split as splits
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES
from core.store import paths, runs
from core.store.runs import Run
from core.training.lifecycle import launch
from tests.fixtures.processes import (
    EPOCHS,
    SECONDS,
    Finished,
    assert_same_learning,
    assert_same_weights,
    house,
    long_config,
    wait_for_epoch,
    wait_until_over,
)
from tests.fixtures.support import wait_for


@pytest.fixture(scope="module")
def stopped(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """A run that is stopped in its middle, looked at, and resumed to its end."""
    with house(tmp_path_factory.mktemp("stopped")):
        run = launch.start(long_config(faces))
        wait_for_epoch(run, 2)
        with pytest.raises(UserError, match="is running: only a stopped or failed run"):
            launch.resume(run)
        with pytest.raises(UserError, match="still running: stop it first"):
            runs.delete(run)
        launch.stop(run)
        seen = {"state": run.state, "rows": run.metrics(), "report": run.report()}
        kept = torch.load(run.checkpoint_file, weights_only=True)
        seen["checkpoint"] = kept["progress"]["epoch"]
        seen["worked"] = run.checkpoint_file.stat().st_mtime - first_shown(run)
        launch.resume(run)
        seen["resumed"] = run.state.status
        yield seen | {"run": wait_until_over(run)}


def test_a_stopped_run_keeps_its_checkpoint(stopped: dict):
    assert stopped["state"].status == "stopped"
    assert 2 <= stopped["checkpoint"] < EPOCHS
    assert [row["epoch"] for row in stopped["rows"]] == list(range(1, stopped["checkpoint"] + 1))
    assert stopped["state"].epoch == stopped["checkpoint"]
    assert stopped["report"] is None


def test_a_resumed_run_ends_with_the_same_weights(stopped: dict, finished_run: Finished):
    run = stopped["run"]
    assert stopped["resumed"] in ("queued", "running")
    assert run.state.status == "finished", run.job.log_tail()
    assert f"resumed after epoch {stopped['checkpoint']}" in run.job.log_file.read_text()
    assert_same_weights(run, finished_run.run)
    assert_same_learning(run, finished_run.run)
    assert run.split_file.read_text() == finished_run.run.split_file.read_text()
    assert run.report().test == finished_run.run.report().test


def first_shown(run: Run) -> float:
    """When the run's first batch was shown (Unix): its session has worked since then, at least."""
    return run.augmented_file.stat().st_mtime


def test_a_resumed_run_lasted_as_long_as_all_its_sessions(stopped: dict):
    report, state = stopped["run"].report(), stopped["run"].state
    rows = stopped["run"].metrics()[stopped["checkpoint"] :]
    assert report.seconds > stopped["worked"] + sum(row["seconds"] for row in rows)
    assert report.seconds < stopped["state"].ended - stopped["state"].started + state.ended - state.started


def test_a_killed_trainer_is_failed_and_can_be_resumed(faces: Path, tmp_path: Path, finished_run: Finished):
    with house(tmp_path / "home"):
        run = launch.start(long_config(faces))
        wait_for_epoch(run, 2)
        run.job.process().send_signal(signal.SIGKILL)
        wait_for(lambda: run.job.process() is None, 10)
        assert '"running"' in (run.folder / "state.json").read_text()
        assert run.state.status == "failed"
        assert "it was killed" in run.state.message
        assert runs.get(run.id).state.status == "failed"
        worked = run.checkpoint_file.stat().st_mtime - first_shown(run)
        launch.resume(run)
        wait_until_over(run)
        assert run.report().seconds > worked + run.metrics()[-1]["seconds"]
        assert run.state.status == "finished", run.job.log_tail()
        assert_same_weights(run, finished_run.run)
        assert_same_learning(run, finished_run.run)
        runs.delete(run)
        assert runs.every() == []
        assert len(list(paths.models_dir().glob("*.pth"))) == 1


def test_stopping_at_once_is_not_failing(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        run = launch.start(long_config(faces))
        launch.stop(run)
        assert run.state.status == "stopped", run.state
        assert run.resumable
        assert run.job.process() is None


PARENT = """
import sys
from tests.fixtures.support import tiny_config
from core.training.lifecycle import launch
from pathlib import Path
for wrong_mask in (True, False):
    config = tiny_config(Path(sys.argv[1]), epochs=int(sys.argv[2]), seed=5, wrong_mask=wrong_mask)
    print(launch.start(config).id, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def orphans(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """A three-class and a two-class run, started at once by a process that is then killed."""
    with house(tmp_path_factory.mktemp("orphans")):
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(faces), str(EPOCHS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=paths.PROJECT, start_new_session=True,
        )  # fmt: skip
        try:
            pair = [runs.get(parent.stdout.readline().strip()) for _ in range(2)]
            parent.kill()
            parent.wait(10)
            seen: list[tuple[str, str, str]] = []

            def both_over() -> bool:
                # The second first: else the first may end between the two looks.
                second, first = pair[1].state, pair[0].state
                seen.append((first.status, second.status, second.message))
                return not first.active and not second.active

            wait_for(both_over, SECONDS)
        finally:
            parent.kill()
            parent.communicate()
        yield {"pair": pair, "seen": seen}


def test_a_run_outlives_the_server_that_started_it(orphans: dict, finished_run: Finished):
    first = orphans["pair"][0]
    assert first.state.status == "finished", first.job.log_tail()
    assert_same_weights(first, finished_run.run)


def test_two_runs_queue_for_the_machine(orphans: dict):
    first, second = orphans["pair"]
    assert second.state.status == "finished", second.job.log_tail()
    statuses = [item[:2] for item in orphans["seen"]]
    assert ("running", "queued") in statuses
    assert ("running", "running") not in statuses
    assert ("finished", "running") in statuses
    assert {message for one, two, message in orphans["seen"] if (one, two) == ("running", "queued")} & {
        f"Waiting for {first.name}", "Waiting for the machine",
    }  # fmt: skip
    assert first.state.ended <= second.state.started


def test_two_and_three_classes_share_their_test_photos(orphans: dict):
    three, two = (splits.read(run.split_file) for run in orphans["pair"])
    assert {row.label for row in two} == {"mask", "no_mask"}
    assert two == [row for row in three if row.label != "wrong_mask"]
    assert orphans["pair"][1].report().test.classes == TWO_CLASSES
    assert "-2classes-" in orphans["pair"][1].report().model


def test_a_photo_deleted_between_stop_and_resume(faces: Path, tmp_path: Path):
    shutil.copytree(faces, tmp_path / "faces")
    with house(tmp_path / "home"):
        run = launch.start(long_config(tmp_path / "faces"))
        wait_for_epoch(run)
        launch.stop(run)
        rows = splits.read(run.split_file)
        gone = {part: next(row.file for row in rows if row.part == part) for part in splits.PARTS}
        for file in gone.values():
            (tmp_path / "faces" / file).unlink()
        launch.resume(run)
        wait_until_over(run)
    assert run.state.status == "finished", run.job.log_tail()
    assert splits.read(run.split_file) == rows
    assert {row["file"]: row["reason"] for row in run.refused()} == dict.fromkeys(
        gone.values(), "the file is gone or damaged"
    )
    assert {row["file"] for row in run.predictions()} == {row.file for row in rows if row.part != "train"} - set(
        gone.values()
    )
    assert sum(run.report().photos.model_dump().values()) == 57
