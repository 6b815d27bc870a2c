"""Another operating point set by hand: in the model file and in the run's report, for all who use them, and back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.evaluation.compare import shared_photos
from core.evaluation.one_run import set_point
from core.evaluation.one_run.predictions import of_run
from core.inference import export
from core.inference.predictor import Predictor
from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.result import ChosenPoint
from core.store import paths, runs
from core.store.runs import Run
from tests.fixtures.compare_fixtures import POINT, finished_run, with_known_network, wrong_on

# Of three labels, what is called mask has 0.8 of it and all else 0.1.
LOW = 0.05


@pytest.fixture
def run(faces: Path) -> Run:
    """A finished run with mistakes, whose model file holds its report as a training's does."""
    return with_known_network(finished_run(faces, wrong_on("0.jpg", "1.jpg", "2.jpg")))


def model(run: Run) -> Path:
    return paths.models_dir() / run.report().model


def test_all_who_use_it_follow_and_nothing_else_changes(run: Run):
    before, weights = run.report(), checkpoint.load(model(run)).network.state_dict()
    set_point.start(run, LOW)
    after, trained = run.report(), checkpoint.load(model(run))
    point = OperatingPoint(LOW, 0.0, "hand", date.today().isoformat())
    assert trained.operating_point == Predictor(model(run)).operating_point == point
    assert shared_photos.operating_point(run) == point
    assert export.facts(trained)["pass_from_mask_probability"] == "0.05"
    assert (after.operating_point.rule, after.automatic_point.threshold) == ("hand", POINT.threshold)
    assert trained.report == after
    assert all(weights[name].equal(own) for name, own in trained.network.state_dict().items())
    # Everyone passes.
    for part in (after.val.operating, after.test.operating):
        assert (part.misses, part.false_alarms) == (part.violators, 0) and part.violators
    same = {"operating_point", "automatic_point", "val", "test"}
    assert after.model_dump(exclude=same) == before.model_dump(exclude=same)
    for part in ("val", "test"):
        own, other = (getattr(report, part).model_dump(exclude={"operating"}) for report in (before, after))
        assert own == other


def test_its_target_is_the_share_of_compliant_validation_photos_that_it_stops(run: Run):
    set_point.write(run, 0.81)
    assert run.report().operating_point.target == 1.0
    set_point.write(run, 0.5)
    val = of_run(run, "val")
    score = val.mask_probability[val.true == "mask"]
    assert run.report().operating_point.target == (score < 0.5).mean() > 0


def test_back_is_what_the_training_chose_however_often_it_was_set(run: Run):
    before = run.report()
    for threshold in (LOW, 0.9, None):
        set_point.write(run, threshold)
    assert run.report() == before
    trained = checkpoint.load(model(run))
    assert (trained.operating_point, trained.report) == (POINT, before)


def test_the_report_of_a_point_set_by_hand_is_read_back(run: Run):
    set_point.write(run, LOW)
    again = runs.get(run.id).report()
    assert again.automatic_point == ChosenPoint(threshold=0.5, target=0.02, rule="likeliest")


def _gone(run: Run) -> None:
    model(run).unlink()


def _damaged(run: Run) -> None:
    model(run).write_bytes(model(run).read_bytes()[:2000])


def _another_s(run: Run) -> None:
    checkpoint.save(model(run), replace(checkpoint.load(model(run)), report=None))


def _full_disk(run: Run) -> None:
    # Nothing can be written where a folder has the draft's name.
    model(run).with_suffix(".part").mkdir()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(_gone, "no model file"), (_damaged, "damaged"), (_another_s, "another run"), (_full_disk, "can't be written")],
)
def test_where_the_model_file_can_t_follow_the_report_stays(run: Run, trouble: Callable[[Run], None], words: str):
    before = run.report()
    trouble(run)
    files = os.listdir(paths.models_dir())
    with pytest.raises(UserError, match=words):
        set_point.write(run, LOW)
    assert run.report() == before
    assert os.listdir(paths.models_dir()) == files


def test_the_process_says_why_it_was_refused(run: Run):
    _gone(run)
    with pytest.raises(UserError, match=r"^There is no model file .*: check the path\.$"):
        set_point.start(run, LOW)
