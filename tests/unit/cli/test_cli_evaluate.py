"""`train` and `evaluate`: numbers against scikit-learn and against the run that made the network, and what is said."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sklearn import metrics

from core.cli.main import main
from core.data.collect import sources
from core.data.dataset.scan import scan
from core.data.dataset.split import find_groups
from core.data.images.decode import decode
from core.evaluation.wording import by_source_words
from core.networks import checkpoint
from core.schema.labels import THREE_CLASSES, TWO_CLASSES
from tests.fixtures.cli_support import TINY, command, network


def predicted(model: Path, dataset: Path) -> tuple[list[str], list[str]]:
    """True and predicted labels of every usable photo, one at a time."""
    trained = checkpoint.load(model)
    true, guess = [], []
    for photo in scan(dataset).photos:
        square = trained.preprocessing.square(decode(dataset / photo.file, wanted_side=2 * 32))
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


@pytest.fixture(scope="module")
def evaluation(
    training: tuple, spoilt_faces: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess, dict]:
    """A finished `evaluate` process of that model on all its photos, and its JSON."""
    numbers = tmp_path_factory.mktemp("evaluated") / "numbers.json"
    mode = ["-resnet_retrain_mode", "retrain", "--shuffle", "False", "--batch-size", 4]
    done = command("evaluate", training[1], spoilt_faces, *mode, "--json", numbers)
    return done, json.loads(numbers.read_text())


def test_evaluate_agrees_with_sklearn(training: tuple, evaluation: tuple, spoilt_faces: Path) -> None:
    done, report = evaluation
    assert done.returncode == 0 and "the file decides" in done.stderr
    true, guess = predicted(training[1], spoilt_faces)
    names = list(map(str, THREE_CLASSES))
    assert report["classes"] == names and report["n"] == 60
    assert report["accuracy"] == pytest.approx(metrics.accuracy_score(true, guess))
    assert report["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(true, guess))
    assert report["confusion"] == metrics.confusion_matrix(true, guess, labels=names).tolist()
    expected = metrics.classification_report(true, guess, labels=names, output_dict=True, zero_division=0.0)
    for name, own in report["per_class"].items():
        # Of a label that nothing is called, scikit-learn gives a precision of 0.
        assert [own["precision"] or 0, own["recall"], own["f1"], own["n"]] == pytest.approx(
            [expected[name][key] for key in ("precision", "recall", "f1-score", "support")]
        )
        assert own["recall_interval"][0] <= own["recall"] <= own["recall_interval"][1]
    assert [item["file"] for item in report["refused"]] == ["mask/broken.jpg"] and report["refused"][0]["reason"]
    assert report["left_out"] == {} and report["seen_in_training"] + report["unseen"]["n"] == 60
    assert f"Warning: the model was trained on or selected by {report['seen_in_training']} of these 60" in done.stderr
    low = report["accuracy_grouped_interval"][0]
    assert f"accuracy           {100 * report['accuracy']:.2f} % (95 % interval {100 * low:.2f}–" in done.stdout
    assert f"calibration error  {100 * report['calibration']['ece']:.2f} %" in done.stdout
    door = report["operating"]
    assert f"false alarms       {door['false_alarms']} of 20 correctly masked faces stopped" in done.stdout
    assert f"misses             {door['misses']} of 40 others passed" in done.stdout


def test_what_evaluate_says_of_unseen_photos_is_the_run_s_test_result(training: tuple, evaluation: tuple) -> None:
    run = Path(training[0].stdout.splitlines()[-1].removeprefix("run "))
    own, other = json.loads((run / "report.json").read_text())["test"], evaluation[1]["unseen"]
    assert own.keys() == other.keys() and (own["n"], own["groups"]) == (other["n"], other["groups"])
    assert other["confusion"] == own["confusion"] and other["per_class"] == own["per_class"]
    assert other["operating"]["threshold"] == own["operating"]["threshold"]
    assert other["calibration"]["ece"] == pytest.approx(own["calibration"]["ece"])


def test_a_two_class_model_leaves_wrong_mask_out(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    numbers = tmp_path / "numbers.json"
    assert main(["evaluate", str(network(tmp_path / "two.pth", TWO_CLASSES)), str(faces), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    called = report["left_out"]["wrong_mask"]
    assert report["n"] == 40 and report["seen_in_training"] == 0 and report["unseen"]["n"] == 40
    assert set(called) == {"mask", "no_mask"} and sum(called.values()) == 20
    assert (report["operating"]["compliant"], report["operating"]["violators"]) == (20, 40)
    out, err = capsys.readouterr()
    assert f"20 wrong_mask photos, which the model does not know; predicted as: mask {called['mask']}" in out
    assert err == ""


def test_a_model_that_knows_every_photo(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    seen = frozenset(photo.digest for photo in scan(faces).photos)
    numbers = tmp_path / "numbers.json"
    model = network(tmp_path / "knows.pth", THREE_CLASSES, seen)
    assert main(["evaluate", str(model), str(faces), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    assert (report["seen_in_training"], report["unseen"]) == (60, None)
    said = "60 of these 60 photos (or by others of their group), so the numbers flatter it; there are no others."
    assert said in capsys.readouterr().err


def test_the_others_are_of_groups_that_the_model_has_seen_nothing_of(faces: Path, tmp_path: Path) -> None:
    found, numbers = scan(faces), tmp_path / "numbers.json"
    groups = find_groups(found).of
    victim = found.photos[0]
    group = [photo for photo in found.photos if groups[photo.file] == groups[victim.file]]
    assert len(group) > 1
    model = network(tmp_path / "knows.pth", THREE_CLASSES, frozenset([victim.digest]))
    assert main(["evaluate", str(model), str(faces), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    assert (report["seen_in_training"], report["unseen"]["n"]) == (len(group), 60 - len(group))


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


def test_numbers_by_source_where_there_are_several(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder, numbers = shutil.copytree(faces, tmp_path / "faces"), tmp_path / "numbers.json"
    found = scan(folder)
    model = network(tmp_path / "three.pth", THREE_CLASSES, frozenset([found.photos[0].digest]))
    group = find_groups(found).of[found.photos[0].file]
    arguments = ["evaluate", str(model), str(folder), "--json", str(numbers)]
    assert main(arguments) == 0
    assert json.loads(numbers.read_text())["by_source"] == [] and "source" not in capsys.readouterr().out
    sources.note(folder, {photo.file: "phone" for photo in found.photos if photo.label == "mask"})
    assert main(arguments) == 0
    report = json.loads(numbers.read_text())
    phone, unknown = sorted(report["by_source"], key=lambda one: one["source"])
    assert (phone["source"], phone["photos"], unknown["source"], unknown["photos"]) == ("phone", 20, "unknown", 40)
    assert phone["recall"]["mask"]["count"] == report["confusion"][0][0] and set(phone["recall"]) == {"mask"}
    assert phone["false_alarms"]["count"] == report["operating"]["false_alarms"]
    assert (unknown["misses"]["count"], unknown["misses"]["of"]) == (report["operating"]["misses"], 40)
    assert phone["seen"] + unknown["seen"] == sum(own == group for own in find_groups(found).of.values())
    out = capsys.readouterr().out
    assert "balanced accuracy  95 % interval" in out and "phone" in out and by_source_words.SEEN in out


def test_what_is_withheld_as_unsure_is_what_one_counts_by_hand(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    model, numbers = network(tmp_path / "three.pth", THREE_CLASSES), tmp_path / "numbers.json"
    trained = checkpoint.load(model)
    rows = []
    for photo in scan(faces).photos:
        square = trained.preprocessing.square(decode(faces / photo.file, wanted_side=2 * 32))
        with torch.inference_mode():
            logits = trained.network(trained.preprocessing.normalise(torch.from_numpy(square)[None]))
        likeliest = torch.softmax(logits[0], 0).max(0)
        rows.append((1 - likeliest.values.item(), trained.labels[int(likeliest.indices)] != photo.label))
    # Halfway between two neighbours, so that rounding in another runtime changes nothing.
    scores = sorted(score for score, _ in rows)
    at = max(range(10, 50), key=lambda place: scores[place] - scores[place - 1])
    above = (scores[at] + scores[at - 1]) / 2
    checkpoint.save(model, replace(trained, unsure_above=above))
    assert main(["evaluate", str(model), str(faces), "--json", str(numbers)]) == 0
    found = json.loads(numbers.read_text())["unsure"]
    withheld = [wrong for score, wrong in rows if score > above]
    assert (found["photos"], found["errors_unsure"]) == (len(withheld), sum(withheld)) and len(withheld) == 60 - at
    assert found["errors"] == sum(wrong for _, wrong in rows)
    assert f"{len(withheld)} of 60 photos" in capsys.readouterr().out
