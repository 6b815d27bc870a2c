"""Two runs on the photos added since the older one's version: those alone that neither has learnt from."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.data.dataset import label_decisions
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.data.dataset.split import Row
from core.evaluation.compare import repeats, shared_photos, two_runs
from core.evaluation.versions import added_since
from core.evaluation.versions.added_since import Added
from core.evaluation.wording import version_words
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import paths
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on
from tests.fixtures.support import picture


@pytest.fixture
def root(crowd: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(crowd, tmp_path / "own"))


def _add(root: Path, count: int, first: int = 0) -> list[str]:
    """So many new photos in turn of each label."""
    files = [f"{list(Label)[turn % 3]}/new-{turn:03}.png" for turn in range(first, first + count)]
    for turn, file in enumerate(files, start=first):
        picture(1000 + turn, 96, 96).save(root / file)
    return files


class _Networks:
    """What networks say: all right but one, which calls everything mask; and what they were asked."""

    def __init__(self, poor: Run) -> None:
        self.poor, self.asked = poor.report().model, set()

    def __call__(self, model: Path, root: Path, rows: Sequence[Row]) -> tuple[list[Row], np.ndarray]:
        self.asked |= {row.file for row in rows}
        labels = list(Label)
        right = [0 if model.name == self.poor else labels.index(row.label) for row in rows]
        return list(rows), np.eye(3)[right]


def _compare(a: Run, b: Run, said: added_since.Said) -> Added:
    return added_since.compare(*repeats.entries([a, b]), said)


def test_only_photos_that_are_new_to_both_count(root):
    older = finished_run(root, right)
    added = _add(root, 90)
    newer = finished_run(root, right)
    later = _add(root, 9, first=90)
    networks = _Networks(poor=older)
    found = _compare(older, newer, networks)
    learnt = {row.file for row in splits.read(newer.split_file) if row.part != "test"}
    fresh = set(added) - learnt | set(later)
    assert networks.asked == fresh and 30 < len(fresh) < 99
    assert (found.older, found.newer, found.added) == ("A", "B", 99)
    assert (found.different, found.learnt) == (len(fresh), 99 - len(fresh))
    wrong = sum(not file.startswith("mask/") for file in fresh)
    assert (found.paired.only_b_right, found.paired.only_a_right) == (wrong, 0)
    assert f"On {len(fresh)} of the 99 photos added since A, new to both: B is better" in found.sentence
    assert f"{found.learnt} are left out: one of the two learnt from them" in found.sentence
    assert _compare(newer, older, networks).older == "B", "the older version comes first, whatever the order"


def test_a_group_that_either_knows_is_left_out_whole(root):
    older = finished_run(root, right)
    known = next(row.file for row in splits.read(older.split_file) if row.part == "train")
    added = _add(root, 60)
    with (root / "groups.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "group"), (known, "anna"), *((name, "anna") for name in added[:20])])
    newer = finished_run(root, right)
    networks = _Networks(poor=older)
    _compare(older, newer, networks)
    assert networks.asked and not networks.asked & set(added[:20])


def test_too_few_and_none_are_said(root):
    older = finished_run(root, right)
    _add(root, 12)
    newer = finished_run(root, right)
    found = _compare(older, newer, _Networks(poor=older))
    assert found.paired is None and 0 < found.different < 30
    assert f"{found.different} are new to both: too few to compare (30 at least)." in found.sentence
    for file in root.rglob("new-*.png"):
        file.unlink()
    assert _compare(older, newer, _Networks(poor=older)).sentence == (
        "No photo was added since A was trained that is there now."
    )


def test_what_can_t_be_compared_is_a_sentence(root, crowd):
    older, same = finished_run(root, right), finished_run(root, right, epochs=3)
    a, b = repeats.entries([older, same])
    assert not added_since.differ(a, b)
    with pytest.raises(UserError, match="A and B were given the same version"):
        added_since.compare(a, b)
    _add(root, 3)
    newer = finished_run(root, right, epochs=4)
    a, b = repeats.entries([older, newer])
    assert added_since.differ(a, b)
    assert version_words.of_entries([a, b]).count(" on version ") == 2
    with pytest.raises(UserError, match="trained on different datasets"):
        added_since.compare(a, repeats.entries([finished_run(crowd, right)])[0])
    older.version_file.unlink()
    with pytest.raises(UserError, match="does not tell which photos it was given"):
        added_since.compare(a, b)


def test_the_command_says_it_beside_the_shared_photos(root, tmp_path, capsys):
    older = finished_run(root, right)
    _add(root, 90)
    newer = finished_run(root, right)
    out = tmp_path / "numbers.json"
    assert main(["compare", older.id, newer.id, "--json", str(out)]) == 0
    printed, numbers = capsys.readouterr().out, json.loads(out.read_text())
    (added,) = numbers["added_since"]
    assert added["sentence"] in printed and added["added"] == 90 and added["paired"]["accuracy"]["difference"] == 0
    assert "Trained: A on version " in printed
    (paths.models_dir() / older.report().model).unlink()
    assert main(["compare", older.id, newer.id]) == 0
    assert "On the photos added since: " in capsys.readouterr().err


def test_a_new_test_photo_was_never_in_the_old_training(root):
    """Whatever became of photos in between: moved, relabelled, renamed, replaced under the same name."""
    older = finished_run(root, right)
    split = {row.file: row.part for row in splits.read(older.split_file)}
    learnt = sorted(file for file, part in split.items() if part != "test")
    tested = sorted(file for file, part in split.items() if part == "test")
    digests = {photo.file: photo.digest for photo in scan(root).photos}
    content = {digests[file] for file in learnt}
    for turn, file in enumerate(learnt):
        if turn % 3 == 0:
            (root / file).rename((root / file).with_stem(f"renamed-{turn}"))
        elif turn % 3 == 1:
            label_decisions.decide(root, file, "relabel", Label.MASK)
    for turn, file in enumerate(tested[:10]):
        # Another picture under the name of a photo that the old one tested.
        picture(2000 + turn, 96, 96).save(root / file)
    _add(root, 30)
    newer = finished_run(root, right, seed=4)
    found = shared_photos.load([older, newer])
    together = shared_photos.align(found[older.id], found[newer.id], shared_photos.photo_groups(list(found.values())))
    assert len(together) and not {key[0] for key in together.keys} & content
    now = {photo.file: photo.digest for photo in scan(root).photos}
    assert {key[0] for key in together.keys} <= {digests[file] for file in tested} & set(now.values())
    spoilt = {file for file in files_tested(newer) if now[file] in content}
    assert spoilt and together.seen >= len(spoilt)
    a, b = repeats.entries([older, newer])
    (versus,) = two_runs.against(a, [b])
    assert f"{together.seen} of these left aside because the other learnt from them" in versus.on_which_photos


def test_the_same_name_with_other_content_is_no_shared_photo(root):
    older = finished_run(root, right)
    replaced = files_tested(older)[0]
    picture(3000, 96, 96).save(root / replaced)
    newer = finished_run(root, wrong_on(replaced))
    a, b = repeats.entries([older, newer])
    (versus,) = two_runs.against(a, [b])
    assert versus.photos == len(set(files_tested(older)) & set(files_tested(newer)) - {replaced})
    assert versus.paired.only_a_right == 0
