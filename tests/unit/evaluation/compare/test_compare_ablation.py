"""The ablation: found among runs, and measured on photos of the user's own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.data.dataset.scan import scan
from core.data.synthetic.demo import draw_scene
from core.evaluation.compare import ablation, student_reports
from core.schema.errors import UserError
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right

_SETTINGS = ((1e-2, False), (1e-3, False), (1e-2, True), (1e-3, True))


_REPORTED = [(99.87, 50.0), (99.87, 50.0), (99.90, 100.0), (99.90, 100.0)]


def _four(folder: Path, **values: Any) -> list[Run]:
    return [finished_run(folder, right, learning_rate=rate, augment=on, **values) for rate, on in _SETTINGS]


def test_four_runs_form_an_ablation_in_report_b_s_order(faces):
    runs = _four(faces)
    other = finished_run(faces, right, learning_rate=1e-3, epochs=9)
    (found,) = ablation.find([other, *reversed(runs)])
    assert list(found.runs) == runs
    rows = found.as_rows()
    assert [f"Report B: {row['setting']}" for row in rows] == [row.model for row in student_reports.REPORT_B]
    assert [(100 * row["reported_validation"], 100 * row["reported_custom"]) for row in rows] == [
        pytest.approx(pair) for pair in _REPORTED
    ]
    assert found.factor == pytest.approx(10)
    assert [row["run"] for row in rows] == [run.id for run in runs]
    assert rows[0]["test"] == runs[0].report().test.accuracy
    assert rows[0]["tested"] == len(files_tested(runs[0]))


def test_rates_that_floating_point_makes_uneven_are_found(faces):
    runs = [finished_run(faces, right, learning_rate=rate, augment=on) for rate in (3e-3, 3e-4) for on in (False, True)]
    assert len(ablation.find(runs)) == 1


def test_any_factor_makes_an_ablation(faces):
    rates = (1e-3, 2e-3, 4e-3)
    runs = [finished_run(faces, right, learning_rate=rate, augment=on) for rate in rates for on in (False, True)]
    found = ablation.find(runs)
    assert [one.factor for one in found] == [pytest.approx(factor) for factor in (2, 4, 2)]
    assert [one.runs[1].config.learning_rate for one in found] == [1e-3, 1e-3, 2e-3]


def test_a_missing_corner_or_another_seed_is_no_ablation(faces):
    runs = _four(faces)
    assert ablation.find(runs[:3]) == []
    other = finished_run(faces, right, learning_rate=1e-3, augment=True, seed=5)
    assert ablation.find([*runs[:3], other]) == []


def test_own_photos_are_measured_whole_and_cropped_without_those_it_learnt_from(faces, tmp_path):
    (own,) = ablation.find(_four(faces, wrong_mask=False))
    folder = tmp_path / "own"
    for number in range(8):
        label = ("mask", "no_mask")[number % 2]
        (folder / label).mkdir(parents=True, exist_ok=True)
        draw_scene([label], np.random.default_rng(number))[0].save(folder / label / f"{number}.jpg")
    Image.new("RGB", (200, 160), "grey").save(folder / "mask" / "nobody.jpg")
    learnt = next(row["file"] for row in own.runs[0].predictions() if row["part"] == "val" and row["label"] == "mask")
    shutil.copy(faces / learnt, folder / "mask" / "known.jpg")
    (folder / "no_mask" / "broken.jpg").write_bytes(b"no picture")
    (folder / "wrong_mask").mkdir()
    draw_scene(["wrong_mask"], np.random.default_rng(9))[0].save(folder / "wrong_mask" / "9.jpg")
    assert own.customs() == [None] * 4
    found = ablation.measure(own, scan(folder))
    first = found[0]
    assert (first.photos, first.faces, first.seen, first.unknown, first.refused) == (9, 8, 1, 1, 1)
    # Its network calls everything mask.
    assert (first.whole.value, first.cropped.value) == (pytest.approx(5 / 9), 0.5)
    assert first.both.value == pytest.approx(9 / 17)
    assert 0 < first.cropped.low < 0.5 < first.cropped.high < 1
    assert ablation.find(own.runs)[0].customs() == found, "kept in the runs' folders"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folder": "x"}', '{"both": 1, "whole": 2, "cropped": 3}'])
def test_what_was_measured_and_is_damaged_counts_as_not_measured(faces, text):
    (own,) = ablation.find(_four(faces))
    for run in own.runs:
        (run.folder / "custom.json").write_text(text)
    assert own.customs() == [None] * 4


def test_a_folder_of_known_photos_only_is_refused(faces):
    (own,) = ablation.find(_four(faces, seen=frozenset(photo.digest for photo in scan(faces).photos)))
    with pytest.raises(UserError, match="has not learnt from"):
        ablation.measure(own, scan(faces))
