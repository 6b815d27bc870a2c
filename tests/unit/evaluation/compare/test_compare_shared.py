"""Which photos two runs are compared on: known by content, tested by both, learnt from by neither."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.dataset.scan import scan
from core.data.synthetic.demo import make_dataset
from core.evaluation.compare import shared_photos
from core.evaluation.compare.shared_photos import Shared
from core.schema.labels import Label
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right


def _align(a: Run, b: Run) -> Shared:
    found = shared_photos.load([a, b])
    return shared_photos.align(found[a.id], found[b.id], shared_photos.photo_groups(tuple(found.values())))


@pytest.fixture
def folder(faces: Path, tmp_path: Path) -> Path:
    """This test's own copy of the drawn faces."""
    return Path(shutil.copytree(faces, tmp_path / "own"))


def _regroup(folder: Path, change: Callable[[str, str], tuple[str, str]]) -> None:
    """Change each line (file, group) of a folder's groups.csv."""
    with (folder / "groups.csv").open(newline="") as file:
        rows = [change(row["file"], row["group"]) for row in csv.DictReader(file)]
    with (folder / "groups.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "group"), *rows])


def test_runs_of_one_folder_and_seed_share_all_test_photos(faces):
    a, b = (finished_run(faces, right, epochs=epochs) for epochs in (1, 2))
    found = _align(a, b)
    assert len(found) == len(files_tested(a)) > 20
    assert (found.alone_a, found.alone_b, found.seen, found.unknown) == (0, 0, 0, 0)
    assert (found.guess_a == found.true).all()
    assert found.true.tolist() == [file.split("/")[0] for file in files_tested(a)]


def test_a_copy_under_other_names_has_the_same_photos(faces, tmp_path):
    copy = Path(shutil.copytree(faces, tmp_path / "copy"))
    other = {"mask": "with_mask", "no_mask": "without_mask", "wrong_mask": "wrong_mask"}
    for label, name in other.items():
        (copy / label).rename(copy / name)
    _regroup(copy, lambda file, person: (f"{other[file.split('/')[0]]}/{file.split('/')[1]}", person))
    a, b = finished_run(faces, right), finished_run(copy, right, seed=1)
    digests = {run.id: {photo.file: photo.digest for photo in scan(run.config.folder).photos} for run in (a, b)}
    both = {digests[a.id][file] for file in files_tested(a)} & {digests[b.id][file] for file in files_tested(b)}
    found = _align(a, b)
    assert {key[0] for key in found.keys} == both
    assert 0 < len(found) < len(files_tested(a))


def test_photos_that_the_other_learnt_from_are_left_aside(faces):
    a, b = (finished_run(faces, right, seed=seed) for seed in (0, 1))
    found, in_a, in_b = _align(a, b), set(files_tested(a)), set(files_tested(b))
    assert len(found) == len(in_a & in_b)
    assert (found.alone_a, found.alone_b) == (len(in_a - in_b), len(in_b - in_a))
    assert found.seen == len(in_a ^ in_b), "whatever is not tested there was learnt from"


def test_what_an_earlier_network_saw_is_left_aside_too(faces):
    a = finished_run(faces, right)
    digests = {photo.file: photo.digest for photo in scan(faces).photos}
    known = frozenset(digests[file] for file in files_tested(a)[:3])
    b = finished_run(faces, right, seen=known, epochs=1)
    found = _align(a, b)
    tested = [row for row in a.predictions() if row["part"] == "test"]
    learnt = {row["group"] for row in tested[:3]}
    strange = {digests[row["file"]] for row in tested if row["group"] not in learnt}
    assert {key[0] for key in found.keys} == strange, "nor is another photo of their group compared"
    assert 0 < len(found) < len(tested) - 3
    assert found.seen == len(tested) - len(found)


def test_a_label_that_one_does_not_know_is_left_out(faces):
    two, three = (finished_run(faces, right, wrong_mask=on) for on in (False, True))
    found = _align(two, three)
    assert set(found.true) == {"mask", "no_mask"}
    assert found.unknown == len(files_tested(three, Label.WRONG_MASK)) > 0
    assert (found.alone_a, found.alone_b) == (0, 0)


def test_groups_are_joined_when_either_run_joins_them(folder):
    a = finished_run(folder, right)
    _regroup(folder, lambda file, person: (file, "a couple" if person in ("p02", "p03") else person))
    b = finished_run(folder, right, epochs=1)
    found = _align(a, b)
    together = {}
    for own in (a, b):
        for row in own.predictions():
            together.setdefault((own.id, row["group"]), set()).add(row["file"])
    names = {photo.digest: photo.file for photo in scan(folder).photos}
    group = {names[key[0]]: name for key, name in zip(found.keys, found.groups, strict=True)}
    for files in together.values():
        assert len({group[file] for file in files & group.keys()}) <= 1
    assert len(set(group.values())) > 1


def test_copies_within_a_folder_count_as_often_as_they_are_there(folder):
    source = sorted((folder / "mask").glob("*.jpg"))[0]
    for number in range(3):
        shutil.copy(source, folder / "mask" / f"copy{number}.jpg")
    a, b = (finished_run(folder, right, epochs=epochs) for epochs in (1, 2))
    assert len(_align(a, b)) == len(files_tested(a))


def test_without_the_photos_runs_of_one_folder_still_compare(folder, tmp_path):
    other = make_dataset(tmp_path / "other", per_class=8, people=8, seed=9)
    a, b, c = finished_run(folder, right), finished_run(folder, right, epochs=1), finished_run(other, right)
    shutil.rmtree(folder)
    assert len(_align(a, b)) == len(files_tested(a))
    assert len(_align(a, c)) == 0


def test_pooled_photos_may_stand_several_times(faces):
    a, b = (finished_run(faces, right, epochs=epochs) for epochs in (1, 2))
    once = _align(a, b)
    twice = shared_photos.pool([once, once])
    assert len(twice) == 2 * len(once)
    assert twice.groups.tolist() == 2 * once.groups.tolist()
    kept = once.only(once.true == "mask")
    assert set(kept.true) == {"mask"}
    assert len(kept.keys) == len(kept.guess_a) == (once.true == "mask").sum()
