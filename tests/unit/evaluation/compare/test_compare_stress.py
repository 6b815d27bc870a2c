"""Entries under stress: scores of runs that have a suite, and the paired difference of two."""

from __future__ import annotations

import json
import shutil

import pytest

from core.evaluation.compare import entries, repeats, under_stress
from core.evaluation.stress import worker
from tests.fixtures.compare_fixtures import finished_run, right


def test_runs_with_stress_suites_are_compared_under_stress(faces):
    a, b, c = (finished_run(faces, right, epochs=epochs) for epochs in (3, 4, 5))
    for run in (a, b):
        worker.compute(run, photos=6)
    first, *others = repeats.entries([a, b, c])
    (found,) = under_stress.against(first, others)
    assert (found.reference, found.other, found.photos) == ("A", "B", 6)
    assert found.score.difference == 0, "both networks call everything mask"
    assert found.sentence.endswith("no difference shown.")
    assert json.loads(json.dumps(found.as_dict()))["sentence"] == found.sentence
    assert found.passing.a == pytest.approx(1)
    assert [row.under_stress for row in entries.table([first, *others])] == [(found.score.a,), (found.score.b,), ()]


def test_a_damaged_stress_suite_is_as_none(faces):
    run = finished_run(faces, right)
    run.stress_file.write_text("{")
    (entry,) = repeats.entries([run])
    assert under_stress.scores([entry]) == [()]


def test_suites_of_other_photos_are_not_compared(faces, tmp_path):
    runs = [finished_run(folder, right) for folder in (faces, shutil.copytree(faces, tmp_path / "copy"))]
    for run in runs:
        worker.compute(run, photos=3)
    first, *others = repeats.entries(runs)
    assert under_stress.against(first, others) == []
    assert [len(own) for own in under_stress.scores([first, *others])] == [1] * (1 + len(others))
