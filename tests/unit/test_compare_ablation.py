"""The ablation: found among runs, and measured on photos of the user's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.data.demo import make_dataset
from core.data.scan import scan
from core.errors import UserError
from core.evaluation import ablation, student_reports
from core.runs import Run
from tests.compare_fixtures import files_tested, finished_run, right

_SETTINGS = ((1e-2, False), (1e-3, False), (1e-2, True), (1e-3, True))


def _four(folder: Path) -> list[Run]:
    return [finished_run(folder, right, learning_rate=rate, augment=on) for rate, on in _SETTINGS]


def test_four_runs_form_an_ablation_in_report_b_s_order(faces):
    runs = _four(faces)
    other = finished_run(faces, right, learning_rate=1e-3, epochs=9)
    (found,) = ablation.find([other, *reversed(runs)])
    assert list(found.runs) == runs
    rows = found.as_rows()
    published = [row.model.removeprefix("Report B: ") for row in student_reports.ABLATION]
    assert [row["setting"] for row in rows] == published
    assert [row["run"] for row in rows] == [run.id for run in runs]
    assert rows[0]["test"] == runs[0].report()["test"]["accuracy"]
    assert rows[0]["tested"] == len(files_tested(runs[0]))


def test_rates_that_floating_point_makes_uneven_are_found(faces):
    runs = [finished_run(faces, right, learning_rate=rate, augment=on) for rate in (3e-3, 3e-4) for on in (False, True)]
    assert len(ablation.find(runs)) == 1


def test_a_missing_corner_or_another_seed_is_no_ablation(faces):
    runs = _four(faces)
    assert ablation.find(runs[:3]) == []
    other = finished_run(faces, right, learning_rate=1e-3, augment=True, seed=5)
    assert ablation.find([*runs[:3], other]) == []


def test_own_photos_are_measured_without_those_it_learnt_from(faces, tmp_path):
    run = finished_run(faces, right, wrong_mask=False)
    own = make_dataset(tmp_path / "own", per_class=5, people=5, seed=4)
    learnt = next(row["file"] for row in run.predictions() if row["part"] == "val" and row["label"] == "mask")
    shutil.copy(faces / learnt, own / "mask" / "known.jpg")
    (own / "no_mask" / "broken.jpg").write_bytes(b"no picture")
    found = ablation.measure(run, scan(own))
    assert (found.photos, found.seen, found.unknown, found.refused) == (10, 1, 5, 1)
    assert found.accuracy.value == 0.5, "its network calls everything mask"
    assert 0 < found.accuracy.low < 0.5 < found.accuracy.high < 1


def test_a_folder_of_known_photos_only_is_refused(faces):
    run = finished_run(faces, right, seen=frozenset(photo.digest for photo in scan(faces).photos))
    with pytest.raises(UserError, match="has not learnt from"):
        ablation.measure(run, scan(faces))
