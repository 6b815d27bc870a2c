"""What networks said of photos that they had not learnt from: by run, and by the folds of one training together."""

from __future__ import annotations

from core.evaluation.one_run import predictions
from core.evaluation.photo_map import answers
from core.schema.labels import Label
from tests.fixtures.compare_fixtures import finished_run, right, wrong_on


def test_answers_are_of_test_photos_alone_and_at_the_operating_point(crowd):
    run = finished_run(crowd, wrong_on("1.png"))
    [asked] = answers.asked(crowd)
    assert asked.runs == (run,) and asked.name == run.name
    said, tested = answers.of(asked), predictions.of_run(run)
    assert set(said) == set(tested.files)
    for file, row, true in zip(tested.files, tested.probability, tested.true, strict=True):
        first, second = sorted(row)[:-3:-1]
        assert abs(said[file].margin - (first - second)) < 1e-9
        assert (said[file].said == Label(true)) == (not file.endswith("1.png"))
    parts = answers.parts(asked)
    assert {file for file, part in parts.items() if part == "test"} == set(said)


def test_folds_of_one_training_are_one(crowd, tmp_path):
    folds = [finished_run(crowd, right, folds=3, fold=fold) for fold in range(3)]
    alone = finished_run(crowd, right)
    first, second = answers.asked(crowd)
    assert first.runs == (alone,) and set(second.runs) == set(folds) and "folds" in second.name
    said = answers.of(second)
    assert len(said) == sum(len(predictions.of_run(run)) for run in folds)
    assert answers.asked(tmp_path) == []
