"""The command line as users meet it: real processes on drawn faces, from training to a labelled video."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn import metrics

from core import config as configs
from core import runs
from core.cli.main import main
from core.data.demo import make_clip
from core.data.photos import decode
from core.data.preprocess import Preprocessing
from core.data.scan import scan
from core.labels import THREE_CLASSES, TWO_CLASSES
from core.networks import files
from core.networks.build import build
from core.paths import PROJECT
from tests.support import wait_for

ENTRY = [sys.executable, str(PROJECT / "face_mask_detector.py")]
TINY = ["--backbone", "BasicCNN", "--image_size", "32", "--batch_size", "8", "--split_data", "[0.60,", "0.20,", "0.20]"]


def command(*words: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"MASKLAB_HOME": str(home), "OMP_NUM_THREADS": "1"} if home else {})
    return subprocess.run([*ENTRY, *map(str, words)], capture_output=True, text=True, env=environment, check=False)


def network(path: Path, labels: tuple, seen: frozenset[str] = frozenset()) -> Path:
    """A model file with untrained weights."""
    config = configs.make({"dataset": "faces", "backbone": "BasicCNN", "weights": "none", "image_size": 32})
    torch.manual_seed(1)
    trained = files.Trained(path, build(config, len(labels)), config, labels, Preprocessing(32), {}, seen)
    files.save(path, trained)
    return path


def predicted(model: Path, dataset: Path) -> tuple[list[str], list[str]]:
    """True and predicted labels of every usable photo, one at a time."""
    trained = files.load(model)
    true, guess = [], []
    for photo in scan(dataset).photos:
        square = trained.preprocessing.square(decode(dataset / photo.file, wanted_side=32))
        with torch.inference_mode():
            logits = trained.network(trained.preprocessing.normalise(torch.from_numpy(square)[None]))
        true.append(str(photo.label))
        guess.append(str(trained.labels[int(logits.argmax())]))
    return true, guess


@pytest.fixture(scope="module")
def spoilt_faces(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn faces and one file that is no picture."""
    folder = shutil.copytree(faces, tmp_path_factory.mktemp("spoilt") / "faces")
    (folder / "mask" / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def training(spoilt_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess, Path]:
    """A finished `train` process, and its model file."""
    done = command("train", spoilt_faces, *TINY, "--epochs", 1, home=tmp_path_factory.mktemp("trained"))
    assert done.returncode == 0, done.stderr
    return done, Path(done.stdout.splitlines()[-2].removeprefix("model "))


def test_train_ends_with_the_table_and_the_two_paths(training: tuple) -> None:
    done, model = training
    head, rule, row, test, model_line, run_line = done.stdout.splitlines()
    assert (head, rule) == ("| model | training acc. | validation acc. | test acc. |", "|---|---|---|---|")
    report = json.loads((Path(run_line.removeprefix("run ")) / "report.json").read_text())
    shares = report["train_accuracy"], report["val"]["accuracy"], report["test"]["accuracy"]
    assert row == f"| {model.stem} | " + " | ".join(f"{100 * share:.2f} %" for share in shares) + " |"
    assert "95 % interval" in test and f"balanced accuracy {100 * report['test']['balanced_accuracy']:.2f} %" in test
    assert model_line == f"model {model}" and model.is_file()
    assert "epoch 1/1" in done.stderr and "mask/broken.jpg: not a JPEG" in done.stderr


def test_evaluate_agrees_with_sklearn(training: tuple, spoilt_faces: Path, tmp_path: Path) -> None:
    model, numbers = training[1], tmp_path / "numbers.json"
    mode = ["-resnet_retrain_mode", "retrain", "--shuffle", "False", "--batch-size", 4]
    done = command("evaluate", model, spoilt_faces, *mode, "--json", numbers)
    assert done.returncode == 0 and "the file decides" in done.stderr
    report = json.loads(numbers.read_text())
    true, guess = predicted(model, spoilt_faces)
    names = list(map(str, THREE_CLASSES))
    assert report["classes"] == names and report["n"] == 60
    assert report["accuracy"] == pytest.approx(metrics.accuracy_score(true, guess))
    assert report["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(true, guess))
    assert report["confusion"] == metrics.confusion_matrix(true, guess, labels=names).tolist()
    expected = metrics.classification_report(true, guess, labels=names, output_dict=True, zero_division=0.0)
    for name, own in report["per_class"].items():
        assert own == pytest.approx({"precision": expected[name]["precision"], "recall": expected[name]["recall"],
                                     "f1": expected[name]["f1-score"], "n": 20})  # fmt: skip
    assert [item["file"] for item in report["refused"]] == ["mask/broken.jpg"] and report["refused"][0]["reason"]
    assert report["left_out"] == {} and report["seen_in_training"] + report["unseen"]["n"] == 60
    assert f"Warning: the model was trained on or selected by {report['seen_in_training']} of these 60" in done.stderr
    assert f"accuracy           {100 * report['accuracy']:.2f} %" in done.stdout


def test_a_two_class_model_leaves_wrong_mask_out(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    numbers = tmp_path / "numbers.json"
    assert main(["evaluate", str(network(tmp_path / "two.pth", TWO_CLASSES)), str(faces), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    called = report["left_out"]["wrong_mask"]
    assert report["n"] == 40 and report["seen_in_training"] == 0 and report["unseen"]["n"] == 40
    assert set(called) == {"mask", "no_mask"} and sum(called.values()) == 20
    out, err = capsys.readouterr()
    assert f"20 wrong_mask photos, which the model does not know; it says: mask {called['mask']}" in out
    assert err == ""


def test_a_model_that_knows_every_photo(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    seen = frozenset(photo.digest for photo in scan(faces).photos)
    numbers = tmp_path / "numbers.json"
    model = network(tmp_path / "knows.pth", THREE_CLASSES, seen)
    assert main(["evaluate", str(model), str(faces), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    assert (report["seen_in_training"], report["unseen"]) == (60, None)
    assert "60 of these 60 photos, so the numbers flatter it; there are no others." in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_costs_the_file_but_not_the_numbers(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    model = network(tmp_path / "three.pth", THREE_CLASSES)
    assert main(["evaluate", str(model), str(faces), "--json", "/dev/full"]) == 2
    out, err = capsys.readouterr()
    assert "balanced accuracy" in out and err == (
        "/dev/full can't be written (No space left on device): choose another path.\n"
    )


def test_classify_a_picture_and_a_folder(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    model, lines = str(network(tmp_path / "three.pth", THREE_CLASSES)), tmp_path / "lines.jsonl"
    picture, marked = faces / "mask" / "p00_0.jpg", tmp_path / "marked.jpg"
    assert main(["classify", model, str(picture), "--json", str(lines), "--out", str(marked)]) == 0
    record = json.loads(lines.read_text())
    assert capsys.readouterr().out.startswith(f"{picture}  {record['label']}  {100 * record['confidence']:.1f} %")
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
    assert err.splitlines() == [f"Refused {folder / 'b.jpg'}: not a JPEG, PNG, WebP or BMP picture"]
    for wrong in (folder / "b.jpg", tmp_path / "gone.mp4"):
        assert main(["classify", model, str(wrong)]) == 2


def test_classify_a_video(tmp_path: Path) -> None:
    model, lines, out = network(tmp_path / "three.pth", THREE_CLASSES), tmp_path / "lines.jsonl", tmp_path / "out.mp4"
    clip = make_clip(tmp_path / "clip.mp4", script=(("no_mask", 0.4), ("mask", 0.4)), size=(320, 240), fps=10)
    done = command("classify", model, clip, "--json", lines, "--out", out)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(records) == len(done.stdout.splitlines()) > 0 and out.stat().st_size > 1000
    assert done.stdout.startswith(f"{records[0]['time']:.2f} s  {records[0]['label']}  ") and done.stderr == ""
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
