"""`train` with several trainings: the table, its last row, and Ctrl-C; in real processes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import pytest

from core import runs
from core.cli import train as train_command
from core.cli.main import main
from core.paths import PROJECT
from core.runs import State
from tests.support import tiny_config, wait_for

TINY = ["--backbone", "BasicCNN", "--image_size", "32", "--batch_size", "8"]


def test_folds_end_with_a_row_each_and_their_mean(faces: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["train", str(faces), *TINY, "--epochs", "1", "--folds", "3"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    made = runs.every()[::-1]
    reports = [run.report() for run in made]
    assert [(run.config.folds, run.config.fold) for run in made] == [(3, 0), (3, 1), (3, 2)]
    for fold, (line, report) in enumerate(zip(lines[2:5], reports, strict=True)):
        assert line.startswith(f"| fold {fold}: {report['model'].removesuffix('.pth')} | ")
        assert line.endswith(f" | {100 * report['test']['accuracy']:.2f} % |")
    shares = [100 * report["test"]["accuracy"] for report in reports]
    assert lines[5].startswith("| mean ± standard deviation | ")
    assert lines[5].endswith(f" | {mean(shares):.2f} ± {stdev(shares):.2f} % |")
    assert lines[6::2] == [f"model {Path(run.folder).parents[1] / 'models' / report['model']}"
                           for run, report in zip(made, reports, strict=True)]  # fmt: skip
    assert lines[7::2] == [f"run {run.folder}" for run in made]
    assert sum(report["test"]["n"] for report in reports) == 60
    assert "fold 1: run " in err


def test_a_training_that_fails_costs_only_itself(
    faces: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    made = [runs.create(tiny_config(faces, seed=seed), 3) for seed in range(2)]
    for run in made:
        run.write_state(State("failed", "The disk is full."))
    monkeypatch.setattr(train_command.launch, "start_all", lambda configs, progress: made)
    assert main(["train", str(faces), *TINY, "--repeats", "2"]) == 2
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2, "the table's head alone"
    assert err.count("failed: The disk is full (log: ") == 2
    assert "0 of 2 trainings finished" in err.splitlines()[-1]
    assert made[0].id in err.splitlines()[-1] and made[1].id in err.splitlines()[-1]


def test_ctrl_c_stops_the_running_and_the_queued(faces: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        words = ["train", str(faces), *TINY, "--epochs", "400", "--repeats", "2"]
        entry = [sys.executable, str(PROJECT / "face_mask_detector.py")]
        process = subprocess.Popen([*entry, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    made = wait_for(lambda: found if len(found := runs.every()) == 2 else None)
    wait_for(made[-1].metrics, 90)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "Traceback" not in err and len(out.splitlines()) == 2
    assert [run.state.status for run in made] == ["stopped", "stopped"]
    assert re.search("0 of 2 trainings finished; .* train --resume RUN: ", err.splitlines()[-1])
