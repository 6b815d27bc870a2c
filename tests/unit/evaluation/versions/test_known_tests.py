"""Which faces of an inbox are nearly a test photo of a run of their dataset."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from core.data.dataset import inspect_file
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.evaluation.versions import known_tests
from tests.fixtures.compare_fixtures import files_tested, finished_run, right
from tests.fixtures.support import picture


def _hash(path: Path, width: int) -> str:
    """Of the photo in another size."""
    with Image.open(path) as image:
        return inspect_file.phash(image.resize((width, width)))


def test_nearly_a_test_photo_is_told_and_a_training_photo_is_not(crowd):
    run, other = finished_run(crowd, right), finished_run(crowd, right, epochs=3)
    runs = known_tests.splits_of(crowd)
    assert list(runs) == [other, run]
    tests = known_tests.of_runs(list(runs), scan(crowd))
    tested = files_tested(run)[0]
    assert tests.nearest(_hash(crowd / tested, 80)) == (tested, (other.name, run.name))
    learnt = next(row.file for row in splits.read(run.split_file) if row.part == "train")
    assert tests.nearest(_hash(crowd / learnt, 80)) is None
    assert tests.nearest(inspect_file.phash(picture(4000))) is None and tests.nearest("") is None


def test_a_dataset_without_runs_has_none(crowd, tmp_path):
    assert known_tests.splits_of(crowd) == {}
    assert known_tests.of_runs([], scan(crowd)).nearest("0" * 16) is None
