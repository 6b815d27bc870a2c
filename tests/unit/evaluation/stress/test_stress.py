"""The stress suite: what it shows to a network really trained, and that its numbers are what they say."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.commands import stress as command
from core.cli.parser import parse
from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.disturb import KINDS, SEVERITIES
from core.data.faces import landmarks
from core.evaluation.one_run.predict import probabilities
from core.evaluation.stress import measure_suite, score, worker
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.suite import CLEAN, Suite
from core.inference.predictor import Predictor
from core.networks import checkpoint
from core.networks.checkpoint import Trained
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, Label
from core.store import runs
from core.store.runs import Run
from core.training.lifecycle import launch
from tests.fixtures.support import tiny_config, wait_for

OVER_MOUTH = ("sheet", "hand", "scarf", "cup", "book", "phone", "microphone", "food")


@pytest.fixture(scope="module")
def run(faces: Path, tmp_path_factory: pytest.TempPathFactory):
    """A finished run with 24 test photos, in a home that the module's tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(tmp_path_factory.mktemp("stress") / "home"))
        patch.setenv("OMP_NUM_THREADS", "1")
        run = launch.start(tiny_config(faces, epochs=2, split=(0.4, 0.2, 0.4), learning_rate=1e-3))
        wait_for(lambda: not run.state.active, 400)
        assert run.state.status == "finished", run.job.log_tail()
        yield run


@pytest.fixture(autouse=True)
def shared_home(run: Run, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASKLAB_HOME", str(run.folder.parents[1]))


@pytest.fixture(scope="module")
def predictor(run: Run) -> Predictor:
    return worker.network(run)


@pytest.fixture(scope="module")
def trained(predictor: Predictor) -> Trained:
    return checkpoint.load(predictor.path)


@pytest.fixture(scope="module")
def suite(run: Run, predictor: Predictor) -> Suite:
    return measure_suite.run_suite(predictor, run.config.folder, worker.test_photos(run))


def again(suite: Suite, trained: Trained, kind: str, severity: int) -> tuple[np.ndarray, ...]:
    """(asked, right, passed) of a cell, computed in one batch with nothing of the suite's own machinery."""
    root = Path(suite.dataset)
    rows = [Row(file, Label(label), "", "") for file, label in zip(suite.files, suite.true, strict=True)]
    batch = FacePhotos(root, rows, trained.labels, trained.preprocessing).load(range(len(rows)))
    found = landmarks.find(root, suite.files)
    squares = batch.pixels.numpy().transpose(0, 2, 3, 1)
    asked = [measure_suite.asked(kind, row.label, found[row.file]) for row in rows]
    shown = [
        measure_suite.disturb(kind, severity, np.ascontiguousarray(square), found[row.file], row.file)
        if ask
        else square
        for square, row, ask in zip(squares, rows, asked, strict=True)
    ]
    probability = probabilities(trained, torch.from_numpy(np.stack(shown).transpose(0, 3, 1, 2).copy()))
    right = np.array([str(trained.labels[place]) for place in probability.argmax(axis=1)]) == suite.true
    return np.array(asked), right, trained.operating_point.passes(probability[:, 0])


@pytest.mark.parametrize(("kind", "severity"), [("jpeg", 3), ("far_away", 2), ("sheet", 4), ("sunglasses", 5)])
def test_a_cell_is_what_the_network_says_of_those_pictures(suite: Suite, trained: Trained, kind: str, severity: int):
    cell = suite.cell(kind, severity)
    asked, right, passed = again(suite, trained, kind, severity)
    assert asked.any()
    assert np.array_equal(cell.asked, asked)
    assert np.array_equal(cell.right, right & asked)
    assert np.array_equal(cell.passed, passed & asked)
    own = suite.measure(cell)
    assert (own.n, own.right) == (asked.sum(), right[asked].sum())
    assert own.misses == (passed & asked & (suite.true != "mask")).sum()
    assert own.false_alarms == (~passed & asked & (suite.true == "mask")).sum()


def test_clean_photos_are_those_of_the_report(suite: Suite, run: Run):
    own, test = suite.measure(suite.clean), run.report().test
    assert own.n == test.n == 24
    assert own.accuracy == pytest.approx(test.accuracy)
    assert own.balanced_accuracy == pytest.approx(test.balanced_accuracy)
    assert (own.misses, own.false_alarms) == (test.operating.misses, test.operating.false_alarms)


def test_what_covers_the_mouth_is_shown_on_bare_faces_only(suite: Suite):
    for kind in suite.kinds:
        for severity in SEVERITIES:
            asked = suite.cell(kind, severity).asked
            assert asked.any()
            assert set(suite.true[asked]) == ({"no_mask"} if kind in OVER_MOUTH else {"mask", "no_mask", "wrong_mask"})
    assert set(suite.kinds) == set(KINDS)


def test_the_same_seed_gives_the_same_suite_with_any_number_of_threads(
    suite: Suite, run: Run, predictor: Predictor, monkeypatch
):
    photos = worker.test_photos(run)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    same = measure_suite.run_suite(predictor, run.config.folder, photos)
    assert same.cells == suite.cells
    other = measure_suite.run_suite(predictor, run.config.folder, photos, seed=1)
    assert other.clean == suite.clean
    assert other.cells != suite.cells


def test_a_suite_is_saved_whole_and_refused_when_damaged(suite: Suite, tmp_path: Path):
    path = tmp_path / "stress.json"
    assert stress_suite.load(path) is None
    stress_suite.save(suite, path, summary=score.summarise(suite).as_dict())
    back = stress_suite.load(path)
    assert back.as_dict() == suite.as_dict()
    content = json.loads(path.read_text())
    assert content["summary"]["score"]["all"]["value"] == score.summarise(suite).score["all"].value
    for spoilt in ("{", "[]", '{"format": "other"}', json.dumps(content | {"files": ["one"]})):
        path.write_text(spoilt)
        with pytest.raises(UserError, match="run the stress suite again"):
            stress_suite.load(path)


def test_photos_are_drawn_evenly_and_the_same_from_any_set():
    rows = [Row(f"{label}/{number}.jpg", label, "", "") for label, count in
            zip(THREE_CLASSES, (200, 40, 10), strict=True) for number in range(count)]  # fmt: skip
    drawn = measure_suite.draw(rows, 60, 0)
    assert [sum(row.label is label for row in drawn) for label in THREE_CLASSES] == [25, 25, 10]
    assert measure_suite.draw(rows[::-1], 60, 0) == drawn
    assert set(measure_suite.draw(rows, 30, 0)) < set(drawn)
    assert measure_suite.draw(rows, 60, 1) != drawn
    assert len(measure_suite.draw(rows, 1000, 0)) == 250


def test_the_background_process_leaves_the_suite_in_the_run(run: Run, suite: Suite):
    worker.start(run)
    job = worker.job_of(run)
    state = wait_for(lambda: (now := job.state) and not now.active and now, 400)
    assert state.status == "finished", job.log_file.read_text()
    assert state.message.startswith("24 photos in ")
    kept = stress_suite.load(run.stress_file)
    assert kept.cells == suite.cells
    assert (kept.run, kept.model) == (run.id, run.report().model)


def test_the_command_measures_a_run_a_model_and_a_folder(run: Run, suite: Suite, faces: Path, tmp_path: Path, capsys):
    run.stress_file.unlink(missing_ok=True)
    model = run.folder.parents[1] / "models" / run.report().model
    command.run(parse(["stress", str(model), "--json", str(tmp_path / "numbers.json")]))
    told, plain = capsys.readouterr().out, json.loads(json.dumps(suite.as_dict()))
    assert json.loads((tmp_path / "numbers.json").read_text())["cells"] == plain["cells"]
    assert stress_suite.load(run.stress_file).cells == suite.cells
    assert "under stress" in told
    assert "| Sheet of paper | " in told
    command.run(parse(["stress", run.id, str(faces), "--photos", "6"]))
    caught = capsys.readouterr()
    assert "Left out: 36 photos" in caught.err
    assert "6 photos, " in caught.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["never"], "There is no run 'never'"), (["none.pth"], "There is no model file none.pth")],
)
def test_the_command_refuses_what_is_not_there(words: list[str], reason: str):
    with pytest.raises(UserError, match=reason):
        command.run(Namespace(model=words[0], dataset=None, photos=10, json=None))


def test_a_suite_without_photos_is_refused(predictor: Predictor, tmp_path: Path):
    with pytest.raises(UserError, match="has no usable photo of mask or no_mask"):
        measure_suite.run_suite(predictor, tmp_path, [Row("gone.jpg", Label.MASK, "g", "test")])


def test_the_estimate_is_a_time(predictor: Predictor, run: Run):
    assert 0 < measure_suite.estimate(predictor, worker.test_photos(run)) < 600
    assert CLEAN not in KINDS
    assert runs.get(run.id) == run
