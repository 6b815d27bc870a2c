"""The command line as users meet it: real processes on drawn faces that classify, are interrupted, and resume."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.data.images.decode import decode
from core.data.synthetic.demo import make_clip
from core.schema.labels import THREE_CLASSES
from core.store import runs
from tests.fixtures.cli_support import ENTRY, TINY, command, network
from tests.fixtures.support import wait_for


def test_classify_a_picture_and_a_folder(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    model, lines = str(network(tmp_path / "three.pth", THREE_CLASSES)), tmp_path / "lines.jsonl"
    picture, marked = faces / "mask" / "p00_0.jpg", tmp_path / "marked.jpg"
    assert main(["classify", model, str(picture), "--json", str(lines), "--out", str(marked)]) == 0
    record = json.loads(lines.read_text())
    said = capsys.readouterr().out
    assert said.startswith(f"{picture}  ") and (record["label"] in said or record["state"] in said)
    assert np.isclose(sum(record["probabilities"].values()), 1) and record["source"] == str(picture)
    assert decode(marked).size == decode(picture).size

    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(picture, folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"no picture")
    assert main(["classify", model, str(folder), "--json", str(folder / "lines.jsonl"), "--out", str(marked)]) == 2
    assert "give a folder" in capsys.readouterr().err
    assert main(["classify", model, str(folder), "--json", str(folder / "lines.jsonl")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{folder / 'a.jpg'}  ") and len(out.splitlines()) == 1
    assert err.splitlines() == [f"Skipped {folder / 'b.jpg'}: not a JPEG, PNG, WebP or BMP picture"]
    for wrong in (folder / "b.jpg", tmp_path / "gone.mp4"):
        assert main(["classify", model, str(wrong)]) == 2


def test_classify_a_video(tmp_path: Path) -> None:
    model, lines, out = network(tmp_path / "three.pth", THREE_CLASSES), tmp_path / "lines.jsonl", tmp_path / "out.mp4"
    clip = make_clip(tmp_path / "clip.mp4", script=(("no_mask", 0.4), ("mask", 0.4)), size=(320, 240), fps=10)
    done = command("classify", model, clip, "--json", lines, "--out", out)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(records) == 8 and out.stat().st_size > 1000 and done.stderr == ""
    said = done.stdout.splitlines()
    assert any(line.startswith("1 person; a face in 8 of 8 frames") for line in said), said
    assert [record["time"] for record in records] == sorted(record["time"] for record in records)


def test_a_reader_that_leaves_early_is_no_error(faces: Path, tmp_path: Path) -> None:
    model = network(tmp_path / "three.pth", THREE_CLASSES)
    words = [*ENTRY, "classify", str(model), str(faces)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 0


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """A background job of a script ignores Ctrl-C, and its children with it; not so in this test."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_stops_the_run_and_resume_finishes_it(faces: Path) -> None:
    words = [*ENTRY, "train", str(faces), *TINY, "--epochs", "30"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run = wait_for(runs.every)[0]
    wait_for(run.metrics)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and out == "" and "Traceback" not in err
    assert f"train --resume {run.id}" in err.splitlines()[-1]
    assert run.state.status == "stopped" and 0 < len(run.metrics()) < 30

    done = command("train", "--resume", run.folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"run {run.folder}" and run.state.status == "finished"
    assert [row["epoch"] for row in run.metrics()] == list(range(1, 31))
    assert main(["train", "--resume", run.id]) == 2
