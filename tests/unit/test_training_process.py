"""Real training processes: what a run leaves, stop and resume, being killed, queueing, bad photos, a full disk."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core import paths, runs
from core.config import TrainConfig
from core.data import split as splits
from core.data.scan import scan
from core.errors import UserError
from core.evaluation.metrics import summarise
from core.labels import THREE_CLASSES, Label
from core.networks import files
from core.runs import METRICS, Run, State
from core.training import launch
from core.training.worker import Worker
from tests.support import broken_files, tiny_config, wait_for

# So many that a run is met in its middle, so few that it ends in seconds.
EPOCHS = 16
SECONDS = 90


@contextmanager
def house(folder: Path) -> Iterator[Path]:
    """A MASKLAB_HOME for as long as the block lasts; no trainer outlives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(folder))
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("OMP_NUM_THREADS", "1")
        try:
            yield folder
        finally:
            for run in runs.every():
                if process := run.process():
                    process.kill()
                    wait_for(lambda run=run: run.process() is None, 10)


def wait_until_over(run: Run) -> Run:
    wait_for(lambda: not run.state.active, SECONDS)
    return run


def wait_for_epoch(run: Run, epoch: int = 1) -> None:
    wait_for(lambda: len(run.metrics()) >= epoch or not run.state.active, SECONDS)
    assert run.state.status == "running", run.log_tail()


def long_config(folder: Path, **overrides) -> TrainConfig:
    return tiny_config(folder, **({"epochs": EPOCHS, "seed": 5} | overrides))


def final_weights(run: Run) -> dict[str, torch.Tensor]:
    """The weights after the last epoch and, with a prefix, those of the best one."""
    state = torch.load(run.checkpoint_file, weights_only=True)
    assert state["progress"]["epoch"] == run.config.epochs
    return state["network"] | {f"best.{name}": value for name, value in state["progress"]["best"].items()}


def assert_same_weights(run: Run, other: Run) -> None:
    first, second = final_weights(run), final_weights(other)
    assert first.keys() == second.keys()
    different = [name for name, value in first.items() if not torch.equal(value, second[name])]
    assert different == []


def assert_same_learning(run: Run, other: Run) -> None:
    learned = ("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate")
    table, expected = ([[row[key] for key in learned] for row in one.metrics()] for one in (run, other))
    assert table == expected


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass
class Finished:
    """A run that nobody disturbed, over photos of which some are broken."""

    home: Path
    run: Run
    broken: dict[str, str]
    status_at_once: str


@pytest.fixture(scope="module")
def finished(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(faces, folder / "faces")
    broken = broken_files(folder / "faces" / "no_mask")
    with house(folder / "home"):
        run = launch.start(long_config(folder / "faces"))
        status = run.state.status
        wait_until_over(run)
    return Finished(folder / "home", run, broken, status)


def test_it_starts_as_queued_and_ends_as_finished(finished: Finished):
    assert finished.status_at_once in ("queued", "running")
    state = finished.run.state
    assert (state.status, state.epoch, state.progress) == ("finished", EPOCHS, 1.0), finished.run.log_tail()
    assert state.started < state.ended
    assert not finished.run.resumable
    with pytest.raises(UserError, match="is finished: only a stopped or failed run"):
        launch.resume(finished.run)
    with pytest.raises(UserError, match="nothing to stop"):
        launch.stop(finished.run)


def test_every_file_of_the_run_folder_is_there(finished: Finished):
    folder = finished.run.folder
    for name in (
        "config.json", "state.json", "metrics.csv", "log.txt", "split.csv", "augmented.png", "predictions.csv",
        "report.json", "last.ckpt", "refused.csv",
    ):  # fmt: skip
        assert (folder / name).stat().st_size > 0, name
    assert len(list(folder.glob("events.out.tfevents.*"))) == 1
    assert not list(folder.glob("*.tmp"))
    assert finished.run.config == long_config(folder.parents[2] / "faces")


def test_one_row_an_epoch(finished: Finished):
    rows = read_csv(finished.run.metrics_file)
    assert tuple(rows[0]) == METRICS
    assert [int(row["epoch"]) for row in rows] == list(range(1, EPOCHS + 1))
    assert all(0 <= float(row["val_accuracy"]) <= 1 and float(row["seconds"]) > 0 for row in rows)
    assert float(rows[-1]["seconds_left"]) == 0
    assert np.mean([float(row["train_loss"]) for row in rows[-5:]]) < float(rows[0]["train_loss"])


def test_tensorboard_sees_the_same_curves(finished: Finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished.run.folder))
    events.Reload()
    board, rows = events.Scalars("val_loss"), finished.run.metrics()
    assert [item.step for item in board] == [row["epoch"] for row in rows]
    assert [item.value for item in board] == pytest.approx([row["val_loss"] for row in rows], rel=1e-6)


def test_the_augmented_batch_is_a_picture(finished: Finished):
    with Image.open(finished.run.augmented_file) as image:
        assert image.size == (8 * 32, 32)
        assert np.asarray(image).std() > 10


def test_test_photos_are_those_of_the_split(finished: Finished):
    split, predictions = read_csv(finished.run.split_file), read_csv(finished.run.predictions_file)
    for part in ("val", "test"):
        of_split = {(row["file"], row["label"]) for row in split if row["part"] == part}
        assert {(row["file"], row["label"]) for row in predictions if row["part"] == part} == of_split
        assert of_split
    assert {row["part"] for row in predictions} == {"val", "test"}
    for row in predictions:
        assert sum(float(row[f"p_{label}"]) for label in THREE_CLASSES) == pytest.approx(1, abs=1e-5)
    groups = {part: {row["group"] for row in split if row["part"] == part} for part in splits.PARTS}
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["val"]
    assert not groups["val"] & groups["test"]


def test_the_report_follows_from_the_predictions(finished: Finished):
    report = finished.run.report()
    for part in ("val", "test"):
        rows = [row for row in finished.run.predictions() if row["part"] == part]
        guess = [max(THREE_CLASSES, key=lambda label, row=row: float(row[f"p_{label}"])) for row in rows]
        numbers = summarise([Label(row["label"]) for row in rows], guess, THREE_CLASSES)
        assert report[part]["confusion"] == numbers["confusion"]
        assert report[part]["accuracy"] == numbers["accuracy"]
        assert report[part]["accuracy_interval"] == list(numbers["accuracy_interval"])
    metrics = finished.run.metrics()
    best = max(metrics, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert report["best_epoch"] == best["epoch"]
    assert report["val"]["accuracy"] == pytest.approx(best["val_accuracy"])
    assert report["train_accuracy_training_mode"] == pytest.approx(best["train_accuracy"])
    assert sum(report["photos"].values()) == 60
    assert report["refused"] == len(finished.broken)


def test_the_best_epoch_is_published(finished: Finished):
    report = finished.run.report()
    assert report["model"] == f"BasicCNN-not_retrain-3classes-8-{EPOCHS}-0.00100000.pth"
    trained = files.load(finished.home / "models" / report["model"])
    best = torch.load(finished.run.checkpoint_file, weights_only=True)["progress"]["best"]
    state = trained.network.state_dict()
    assert all(torch.equal(state[name], value) for name, value in best.items())
    assert trained.numbers["test"]["accuracy"] == report["test"]["accuracy"]
    found = scan(Path(finished.run.config.dataset))
    digests = {photo.file: photo.digest for photo in found.photos}
    rows = splits.read(finished.run.split_file)
    assert trained.seen == {digests[row.file] for row in rows if row.part != "test"}


def test_broken_photos_are_listed_and_the_run_goes_on(finished: Finished):
    listed = {row["file"]: row["reason"] for row in finished.run.refused()}
    assert set(listed) == {f"no_mask/{name}" for name in finished.broken}
    for name, word in finished.broken.items():
        assert word in listed[f"no_mask/{name}"]
        assert f"refused no_mask/{name}" in finished.run.log_file.read_text()


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
        seen["checkpoint"] = torch.load(run.checkpoint_file, weights_only=True)["progress"]["epoch"]
        launch.resume(run)
        seen["resumed"] = run.state.status
        yield seen | {"run": wait_until_over(run)}


def test_a_stopped_run_keeps_its_checkpoint(stopped: dict):
    assert stopped["state"].status == "stopped"
    assert 2 <= stopped["checkpoint"] < EPOCHS
    assert [row["epoch"] for row in stopped["rows"]] == list(range(1, stopped["checkpoint"] + 1))
    assert stopped["state"].epoch == stopped["checkpoint"]
    assert stopped["report"] is None


def test_a_resumed_run_ends_with_the_same_weights(stopped: dict, finished: Finished):
    run = stopped["run"]
    assert stopped["resumed"] in ("queued", "running")
    assert run.state.status == "finished", run.log_tail()
    assert f"resumed after epoch {stopped['checkpoint']}" in run.log_file.read_text()
    assert_same_weights(run, finished.run)
    assert_same_learning(run, finished.run)
    assert run.split_file.read_text() == finished.run.split_file.read_text()
    assert run.report()["test"] == finished.run.report()["test"]


def test_a_killed_trainer_is_failed_and_can_be_resumed(faces: Path, tmp_path: Path, finished: Finished):
    with house(tmp_path / "home"):
        run = launch.start(long_config(faces))
        wait_for_epoch(run, 2)
        run.process().send_signal(signal.SIGKILL)
        wait_for(lambda: run.process() is None, 10)
        assert '"running"' in (run.folder / "state.json").read_text()
        assert run.state.status == "failed"
        assert "it was killed" in run.state.message
        assert runs.get(run.id).state.status == "failed"
        launch.resume(run)
        wait_until_over(run)
        assert run.state.status == "finished", run.log_tail()
        assert_same_weights(run, finished.run)
        assert_same_learning(run, finished.run)
        runs.delete(run)
        assert runs.every() == []
        assert len(list(paths.models_dir().glob("*.pth"))) == 1


def test_stopping_at_once_is_not_failing(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        run = launch.start(long_config(faces))
        launch.stop(run)
        assert run.state.status == "stopped", run.state
        assert run.resumable
        assert run.process() is None


PARENT = """
import sys
from tests.support import tiny_config
from core.training import launch
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


def test_a_run_outlives_the_server_that_started_it(orphans: dict, finished: Finished):
    first = orphans["pair"][0]
    assert first.state.status == "finished", first.log_tail()
    assert_same_weights(first, finished.run)


def test_two_runs_queue_for_the_machine(orphans: dict):
    first, second = orphans["pair"]
    assert second.state.status == "finished", second.log_tail()
    statuses = [item[:2] for item in orphans["seen"]]
    assert ("running", "queued") in statuses
    assert ("running", "running") not in statuses
    assert ("finished", "running") in statuses
    assert {message for one, two, message in orphans["seen"] if (one, two) == ("running", "queued")} & {
        f"Waiting for {first.id}", "Waiting for the machine",
    }  # fmt: skip
    assert first.state.ended <= second.state.started


def test_two_and_three_classes_share_their_test_photos(orphans: dict):
    three, two = (splits.read(run.split_file) for run in orphans["pair"])
    assert {row.label for row in two} == {"mask", "no_mask"}
    assert two == [row for row in three if row.label != "wrong_mask"]
    assert orphans["pair"][1].report()["test"]["classes"] == ["mask", "no_mask"]
    assert "-2classes-" in orphans["pair"][1].report()["model"]


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
    assert run.state.status == "finished", run.log_tail()
    assert splits.read(run.split_file) == rows
    assert {row["file"]: row["reason"] for row in run.refused()} == dict.fromkeys(
        gone.values(), "the file is gone or damaged"
    )
    assert {row["file"] for row in run.predictions()} == {row.file for row in rows if row.part != "train"} - set(
        gone.values()
    )
    assert sum(run.report()["photos"].values()) == 57


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: [file.unlink() for file in sorted((root / "wrong_mask").iterdir())[2:]], "need one group each"),
        (lambda root: shutil.rmtree(root / "no_mask"), "at least the folders mask and no_mask"),
        (lambda root: (root / "cats").mkdir(), "'cats', which is no label"),
    ],
)
def test_what_cannot_work_is_refused_before_a_run_exists(faces: Path, tmp_path: Path, spoil, words: str):
    shutil.copytree(faces, tmp_path / "faces")
    spoil(tmp_path / "faces")
    with pytest.raises(UserError, match=words):
        launch.start(tiny_config(tmp_path / "faces"))
    assert runs.every() == []
    assert list(paths.runs_dir().iterdir()) == []


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size at the folder; skips where nothing may be mounted."""
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a tiny disk can't be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def leave_free(disk: Path, free: int) -> Path:
    """Fill the disk with a file until only that many bytes are left."""
    filler = disk / "somebody_elses.bin"
    status = os.statvfs(disk)
    filler.write_bytes(b"\0" * (status.f_bavail * status.f_frsize - free))
    return filler


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_a_full_disk(faces: Path, tmp_path: Path, finished: Finished):
    with small_disk(tmp_path / "disk", 48) as disk, house(disk):
        other = paths.runs_dir() / finished.run.id
        shutil.copytree(finished.run.folder, other)
        before = digests(other)
        # Room for one checkpoint of 6 MB, not for the draft of the second beside it.
        filler = leave_free(disk, 9_000_000)
        run = launch.start(long_config(faces))
        wait_until_over(run)
        assert run.state.status == "failed", run.state
        assert "disk is full" in run.state.message
        assert digests(other) == before
        assert not list(run.folder.glob("*.tmp"))
        kept = torch.load(run.checkpoint_file, weights_only=True)["progress"]["epoch"]
        assert kept == 1
        filler.unlink()
        launch.resume(run)
        wait_until_over(run)
        assert run.state.status == "finished", run.log_tail()
        assert_same_weights(run, finished.run)
        assert_same_learning(run, finished.run)
        assert digests(other) == before


def test_a_failed_resume_on_a_full_disk_is_told(faces: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        run = runs.create(tiny_config(faces), 3)
        run.write_state(State("failed", "The disk is full"))
        (run.folder / ".reserve").unlink()
        leave_free(disk, 0)
        with pytest.raises(UserError, match=r"can't be resumed \(No space left on device\): free some space"):
            launch.resume(run)
        assert run.state == State("failed", "The disk is full", updated=run.state.updated)


def test_no_run_is_half_made_on_a_full_disk(faces: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        paths.runs_dir()
        filler = leave_free(disk, 20_000)
        with pytest.raises(UserError, match=r"runs/ can't be written \(No space left on device\)"):
            launch.start(tiny_config(faces))
        assert runs.every() == []
        assert not [item for item in paths.runs_dir().iterdir() if item.is_dir()]
        filler.unlink()
        assert runs.create(tiny_config(faces), 3).state.status == "queued"


def test_the_last_word_is_written_on_a_full_disk(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    handler = signal.getsignal(signal.SIGTERM)
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        run = runs.create(tiny_config(faces), 3)
        worker = Worker(run)
        leave_free(disk, 0)

        def fail():
            raise OSError(errno.ENOSPC, "No space left on device")

        # Unbuffered, as the log of a worker is.
        with os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0) as full, monkeypatch.context() as patch:
            for name in ("stdout", "stderr"):
                patch.setattr(sys, name, io.TextIOWrapper(full, write_through=True))
            patch.setattr(worker, "_machine", fail)
            worker.work()
        assert run.state.status == "failed"
        assert "disk is full" in run.state.message
    signal.signal(signal.SIGTERM, handler)


def test_delete_refuses_a_run_that_waits(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    with pytest.raises(UserError, match="still queued: stop it first"):
        runs.delete(run)
    assert run.folder.is_dir()


def test_a_process_of_the_same_number_is_not_the_trainer(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    run.write_process(os.getpid())
    assert run.process().pid == os.getpid()
    noted = run.folder / "process.json"
    noted.write_text(noted.read_text().replace('"created": ', '"created": 1'))
    assert run.process() is None
    assert run.state.status == "failed"


def test_a_zombie_is_dead(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    child = subprocess.Popen([sys.executable, "-c", ""])
    run.write_process(child.pid)
    try:
        wait_for(lambda: run.process() is None, 10)
        assert run.state.status == "failed"
    finally:
        child.wait()


def test_damaged_states_are_failures_not_crashes(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    for text in ("", "{", "[]", '{"status": "running", "colour": 3}'):
        (run.folder / "state.json").write_text(text)
        assert run.state.status == "failed"
        assert "state.json" in run.state.message


def test_a_row_without_its_newline_is_not_a_row(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    assert run.metrics() == []
    for epoch in (1, 2, 3):
        run.append_metrics(dict.fromkeys(METRICS, 0.1) | {"epoch": epoch})
    with run.metrics_file.open("a") as file:
        file.write("4,0.5,0.")
    assert [row["epoch"] for row in run.metrics()] == [1, 2, 3]
    run.cut_metrics(2)
    assert [row["epoch"] for row in run.metrics()] == [1, 2]
    assert run.metrics_file.read_text().endswith("\n")


@pytest.mark.parametrize("run_id", ["", "..", "../runs", "/etc", "a/b", "20260101-000000_x\0", "x" * 300, "never"])
def test_an_id_from_anywhere_finds_no_folder_elsewhere(run_id: str):
    with pytest.raises(UserError, match="There is no run"):
        runs.get(run_id)


def test_runs_of_one_second_have_folders_of_their_own(faces: Path):
    made = [runs.create(tiny_config(faces), 3) for _ in range(4)]
    assert len({run.id for run in made}) == 4
    assert [run.id for run in runs.every()] == sorted((run.id for run in made), reverse=True)
    assert abs(made[0].created.timestamp() - time.time()) < 5
