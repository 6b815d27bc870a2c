"""Files of a run's and a sweep's folder that are cut or changed: a reader has the whole truth, or a sentence that names
the file and says what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.dataset import split as splits
from core.data.dataset.versions import manifest
from core.data.images import decode
from core.data.images.decode import PhotoError
from core.evaluation.label_issues import imagenet_features
from core.evaluation.one_run import predictions
from core.evaluation.stress import suite
from core.schema.errors import UserError
from core.store import runs, sweeps
from core.store.job_state import State
from core.store.jobs import Job
from core.store.runs import Run
from core.store.sweeps import Row, Sweep
from core.training.lifecycle.session import Session
from tests.fixtures.doubts_support import random_network
from tests.fixtures.support import wait_for

CUTS, CHANGES = 50, 12
TABLES = ("split.csv", "refused.csv", "predictions.csv", "seen.csv")


@pytest.fixture
def sweep(run: Run) -> Iterator[Sweep]:
    made = [Row(f"row {number}", "", run.config, 3, 10.0) for number in range(3)]
    sweep = sweeps.create("On paper", "grid", made)
    sweep.note_started(0, run)
    sweep.note_failure(1, "The disk is full.")
    yield sweep
    sweeps.delete(sweep)


def damages(whole: bytes) -> Iterator[bytes]:
    """Cut at 50 places, then a byte changed at some."""
    for end in sorted(set(np.linspace(0, len(whole) - 1, CUTS).astype(int).tolist())):
        yield whole[:end]
    rng = np.random.default_rng(0)
    for place in np.linspace(0, len(whole) - 1, CHANGES).astype(int).tolist():
        changed = bytearray(whole)
        changed[place] ^= int(rng.integers(1, 256))
        yield bytes(changed)


def never_believed(path: Path, read: Callable[[], Any], *others: Any) -> list[str]:
    """Read the damaged file again and again; returns the sentences. `others` are right answers beside the truth."""
    whole, truth, said = path.read_bytes(), read(), []
    try:
        for damage in damages(whole):
            path.write_bytes(damage)
            try:
                found = read()
            except UserError as error:
                assert path.name in str(error), error
                said.append(str(error))
            else:
                assert found in (truth, *others), (damage[-80:], found)
        path.write_bytes(whole)
        assert read() == truth
    finally:
        path.write_bytes(whole)
    return said


def test_the_settings(run: Run):
    said = never_believed(run.folder / "config.json", lambda: run.config)
    assert len(said) > CUTS and all("put a copy of it back, or delete the run" in words for words in said)


def test_how_a_finished_run_stands(run: Run):
    never_believed(run.folder / "state.json", lambda: (run.state.status, run.state.message, run.state.epoch))


def test_how_a_stopped_run_stands(run: Run):
    own = run.folder / "report.json"
    report, state = own.read_bytes(), run.state
    own.unlink()
    try:
        run.job.write(State("stopped", runs.STOPPED, epoch=state.epoch))
        failed = "failed", "state.json is missing or damaged: resume the run, or delete it."
        never_believed(run.folder / "state.json", lambda: (run.state.status, run.state.message), failed)
    finally:
        own.write_bytes(report)
        run.job.write(state)


def test_the_final_numbers(run: Run):
    path = run.report_file
    said = never_believed(path, run.report)
    assert len(said) > CUTS and "train the run again" in said[0]
    never_believed(path, run.summary, None)


def test_the_photos_that_it_was_given(run: Run):
    said = never_believed(run.version_file, lambda: manifest.read(run.version_file))
    assert len(said) > CUTS and all("What the run has learnt stands" in words for words in said)


def test_the_epochs(run: Run):
    never_believed(run.metrics_file, run.metrics)


def test_the_epochs_so_far_of_a_run_at_work(run: Run):
    rows, state = run.metrics(), run.state
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        run.job.note(child.pid)
        run.job.write(State("running", epoch=len(rows)))
        so_far = [rows[:epochs] for epochs in range(len(rows))]
        never_believed(run.metrics_file, run.metrics, *so_far)
    finally:
        child.kill()
        child.wait()
        run.job.write(state)
        run.job.forget()


@pytest.mark.parametrize("name", [*TABLES, "sums.json"])
def test_the_tables(run: Run, name: str):
    def read() -> tuple:
        of_test = predictions.of_run(run).probability.tolist()
        return splits.read(run.split_file), run.refused(), run.predictions(), run.seen(), of_test

    said = never_believed(run.folder / name, read)
    assert len(said) > CUTS and all("damaged" in words for words in said)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_gone_though_it_was_written(run: Run, name: str):
    path = run.folder / name
    whole = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(UserError, match=rf"{name} .* damaged .*rows and is gone"):
            splits.read(run.split_file), run.refused(), run.predictions(), run.seen()
    finally:
        path.write_bytes(whole)


def test_the_checkpoint(run: Run):
    session = Session(run, lambda state, force=False: None, lambda: None)

    def read() -> tuple:
        state = session._checkpoint()
        weights = {name: own.sum().item() for name, own in state["network"].items()}
        return state["rows"], state["seconds"], state["split"], weights

    assert len(never_believed(run.checkpoint_file, read)) >= CUTS


def test_the_stress_suite_and_its_job(run: Run):
    job = Job(run.stress_file.with_suffix(""))
    said = never_believed(run.stress_file, lambda: suite.load(run.stress_file).as_dict())
    assert "run the stress suite again" in said[0]
    failed = "failed", "state.json is damaged: start the work again."
    never_believed(job.folder / "state.json", lambda: (job.state.status, job.state.message), failed)


def test_what_was_made_of_photos_from_elsewhere(run: Run):
    run.write_custom({"folder": "elsewhere", "photos": 8, "whole": 0.5})
    assert never_believed(run.folder / "custom.json", run.custom, None) == []


def test_the_augmented_batch(run: Run):
    whole = run.augmented_file.read_bytes()
    truth = decode.decode(run.augmented_file).tobytes()
    try:
        for damage in damages(whole):
            run.augmented_file.write_bytes(damage)
            try:
                assert decode.decode(run.augmented_file).tobytes() == truth
            except PhotoError:
                continue
    finally:
        run.augmented_file.write_bytes(whole)


def test_a_sweep(sweep: Sweep):
    def standings() -> list[tuple]:
        return [(one.status, one.run, one.message) for one in sweep.standings()]

    said = never_believed(sweep.folder / "started.json", standings)
    said += never_believed(sweep.folder / "sweep.json", lambda: sweeps.get(sweep.id).rows)
    assert len(said) > 2 * CUTS and all("delete the sweep, its runs stay" in words for words in said)


def test_whose_process_it_is(run: Run):
    """A trainer is found by its command line where process.json is damaged: it must not get a second one beside it."""
    command = [sys.executable, "-c", "print(flush=True); input()", "-m", str(run.folder)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        run.job.note(child.pid)
        state = run.state
        run.job.write(State("running"))
        never_believed(run.folder / "process.json", lambda: (run.job.process().pid, run.state.status))
        (run.folder / "state.json").write_text("{")
        assert run.state.status == "running"
    finally:
        child.kill()
        child.communicate()
        run.job.write(state)
    wait_for(lambda: run.job.process() is None, 10)
    (run.folder / "process.json").write_text("{")
    assert run.job.process() is None
    run.job.forget()


def test_an_image_net_network_s_features_are_right_or_made_again(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(imagenet_features, "build", random_network)
    monkeypatch.setattr(imagenet_features, "CONFIG", imagenet_features.CONFIG.model_copy(update={"image_size": 32}))
    root = run.config.folder
    imagenet_features.find(root, [row["file"] for row in run.predictions()][:6])
    path = imagenet_features._path(root.resolve())

    def read() -> dict[str, tuple]:
        return {file: (stamp, vector.tobytes()) for file, (stamp, vector) in imagenet_features._read(path).items()}

    assert never_believed(path, read, {}) == []
