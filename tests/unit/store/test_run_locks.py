"""Starting, resuming, stopping and deleting one run from many threads and processes: one at a time, and whoever comes
late is told so."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import psutil
import pytest
from filelock import FileLock

from core.schema.errors import UserError
from core.store import locks, paths, runs, sweeps
from core.store.job_state import State
from core.store.runs import Run
from core.store.sweeps import Row
from core.training.lifecycle import launch
from core.training.lifecycle.worker import Worker
from core.training.sweeps import sweeper
from tests.fixtures.processes import house
from tests.fixtures.support import tiny_config, wait_for

THREADS = 20
# Resumes a run from ten threads at once when its standard input says so, and prints how many could.
RESUMERS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from core.store import runs
from core.schema.errors import UserError
from core.training.lifecycle import launch

def resume(number):
    try:
        launch.resume(runs.get(sys.argv[1]))
    except UserError:
        return 0
    return 1

with ThreadPoolExecutor(10) as pool:
    list(pool.map(lambda number: None, range(10)))
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(pool.map(resume, range(10))), flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose machine is taken, so that trainers wait instead of training."""
    with house(tmp_path / "home") as folder, FileLock(runs.lock_file()):
        yield folder


def stopped(faces: Path) -> Run:
    run = runs.create(tiny_config(faces), 3)
    run.job.write(State("stopped", runs.STOPPED))
    return run


def trainers(run: Run) -> list[int]:
    """Pids of the processes that train it, whatever its folder says."""
    command = ["-m", "core.training.lifecycle.worker", str(run.folder)]
    return [own.pid for own in psutil.process_iter(["cmdline"]) if (own.info["cmdline"] or [])[-3:] == command]


def at_once(count: int, *actions: Callable[[], object]) -> list[str]:
    """What became of so many threads that do the actions in turn, all at the same moment: "" or the sentence."""
    together = Barrier(count)

    def one(number: int) -> str:
        together.wait()
        try:
            actions[number % len(actions)]()
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_twenty_that_resume_at_once_one_does(faces: Path, home: Path):
    run = stopped(faces)
    said = at_once(THREADS, lambda: launch.resume(run))
    assert said.count("") == 1 and len(trainers(run)) == 1
    assert all("only a stopped or failed run can be resumed" in words for words in said if words)
    assert run.job.process().pid == trainers(run)[0] and run.state.status == "queued"
    launch.stop(run)
    assert trainers(run) == [] and run.state.status == "stopped"


def test_of_two_processes_that_resume_at_once_one_does(faces: Path, home: Path):
    run = stopped(faces)
    both = [
        subprocess.Popen([sys.executable, "-c", RESUMERS, run.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, cwd=paths.PROJECT)
        for _ in range(2)
    ]  # fmt: skip
    try:
        assert [one.stdout.readline() for one in both] == ["ready\n"] * 2
        for one in both:
            one.stdin.write("\n")
            one.stdin.flush()
        assert sum(int(one.stdout.readline()) for one in both) == 1
        assert len(trainers(run)) == 1
    finally:
        for one in both:
            one.kill()
            one.communicate()


def test_whoever_waits_for_a_run_that_is_deleted_is_told_and_does_not_bring_it_back(faces: Path, home: Path):
    run = stopped(faces)
    with ThreadPoolExecutor(1) as pool:
        with run.lock():
            waiting = pool.submit(at_once, THREADS, lambda: runs.delete(run))
            # Who waits for the lock opens its file again and again.
            wait_for(lambda: sum(own.path == str(run.folder / ".lock") for own in psutil.Process().open_files()) > 1)
            assert not waiting.done() and run.folder.is_dir()
        said = waiting.result()
    assert said.count("") == 1 and sum("it was deleted" in words for words in said) == THREADS - 1
    assert all("it was deleted" in words for words in at_once(3, lambda: launch.resume(run)))
    assert [item.name for item in paths.runs_dir().iterdir()] == [".machine.lock"]


@pytest.mark.parametrize("again", range(3))
def test_whatever_comes_together_ends_sensibly(faces: Path, home: Path, again: int):
    """Never two trainers, none of a deleted run, and nothing is left lying about."""
    run = stopped(faces)
    at_once(
        THREADS, lambda: launch.resume(run), lambda: launch.ask_to_stop(run), lambda: runs.delete(run),
        lambda: launch.begin(run),
    )  # fmt: skip
    assert len(trainers(run)) <= 1
    if run.folder.exists():
        # Ended by itself where it was asked to stop meanwhile.
        with suppress(UserError):
            launch.stop(run)
        runs.delete(run)
    # A trainer that has said its last word may need a moment to end.
    wait_for(lambda: trainers(run) == [])
    assert [item.name for item in paths.runs_dir().iterdir()] == [".machine.lock"]


def test_a_run_stopped_before_it_begins_does_not_begin(faces: Path, home: Path):
    run = runs.create(tiny_config(faces), 3)
    launch.stop(run)
    launch.begin(run)
    assert (run.state.status, run.job.process(), trainers(run)) == ("stopped", None, [])
    launch.resume(run)
    assert len(trainers(run)) == 1
    launch.stop(run)


def test_a_row_that_someone_has_just_resumed_is_waited_for(faces: Path, home: Path, monkeypatch: pytest.MonkeyPatch):
    run = stopped(faces)
    sweep = sweeps.create("One row", "grid", [Row("row", "", run.config, 3, 1.0)])
    sweep.note_started(0, run)
    resume = launch.resume

    def resume_after_another(own: Run) -> None:
        resume(own)
        resume(own)

    monkeypatch.setattr(launch, "resume", resume_after_another)
    assert sweeper._begun(sweep, 0) == run
    assert len(trainers(run)) == 1


def test_a_row_that_was_resumed_before_its_driver_began_it_has_one_trainer(faces: Path, home: Path):
    run = runs.create(tiny_config(faces), 3)
    run.job.write(State("failed", "The driver was asleep"))
    launch.resume(run)
    launch.begin(run)
    assert len(trainers(run)) == 1


def test_a_resumed_run_goes_to_the_end_of_the_queue(faces: Path, home: Path):
    first, second, third = (launch.start(tiny_config(faces, seed=seed)) for seed in range(3))
    wait_for(lambda: first.state.message == "Waiting for the machine")
    wait_for(lambda: {second.state.message, third.state.message} == {f"Waiting for {first.name}"})
    launch.stop(first)
    launch.resume(first)
    wait_for(lambda: second.state.message == "Waiting for the machine")
    wait_for(lambda: {first.state.message, third.state.message} == {f"Waiting for {second.name}"})
    launch.stop(second)
    wait_for(lambda: third.state.message == "Waiting for the machine")
    wait_for(lambda: first.state.message == f"Waiting for {third.name}")


def test_a_block_gives_its_lock_back(faces: Path, own_home: Path):
    before = signal.getsignal(signal.SIGTERM)
    try:
        worker = Worker(runs.create(tiny_config(faces), 3))
    finally:
        signal.signal(signal.SIGTERM, before)
    sweeps.create("Nothing", "grid", [])
    for taken in (worker._machine(), locks.in_turn(sweeps.lock_file(), lambda: None, lambda: True)):
        with taken as lock:
            assert lock.is_locked
        assert not lock.is_locked
