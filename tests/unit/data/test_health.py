"""What may mislead a training: found in its numbers, and nothing said of a dataset that is fine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.cli.main import main
from core.data.collect import sources
from core.data.dataset.scan import GROUPS_FILE, scan
from core.data.dataset.split import find_groups
from core.data.health import checks
from core.schema.labels import Label
from tests.fixtures.support import picture


@pytest.fixture
def dataset(crowd: Path, tmp_path: Path) -> Path:
    """40 photos of each label, none like another."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    return folder


def titles(folder: Path) -> list[str]:
    found = scan(folder)
    return [one.title for one in checks.check(found, find_groups(found))]


def files(folder: Path, label: Label) -> list[str]:
    return sorted(f"{label}/{path.name}" for path in (folder / label).iterdir())


def test_nothing_is_said_of_what_is_fine(dataset, capsys):
    sources.note(dataset, {file: "phone" for label in Label for file in files(dataset, label)[:20]})
    assert titles(dataset) == []
    assert main(["health", str(dataset)]) == 0
    assert capsys.readouterr().out.startswith("Nothing found")


def test_a_source_with_one_label_and_how_much_it_gives_away(dataset, capsys):
    """All mask photos are of the phone, and nothing else is: two thirds of the labels follow from the source."""
    sources.note(dataset, dict.fromkeys(files(dataset, Label.MASK), "phone"))
    found = scan(dataset)
    alone, commonest = checks.by_source(found.photos, find_groups(found).of, sources.of_photos(found))
    assert commonest == pytest.approx(1 / 3)
    # Every mask, and of the other two labels whichever is commoner among those that the guess has seen.
    assert 1 / 3 + 0.2 < alone <= 2 / 3 + 0.1
    assert titles(dataset) == ["Nearly all of mask is of one source", "A source with one label only"]
    assert main(["health", str(dataset)]) == 0
    said = capsys.readouterr().out
    assert "phone (40 of mask)" in said and "Leave one source out" in said
    assert "100\u00a0% of mask is of the source phone, 0\u00a0% of the other labels." in said


def test_sources_that_give_the_label_away_without_having_one_only(dataset):
    own = [file for label in Label for file in files(dataset, label)[: 35 if label == Label.MASK else 3]]
    sources.note(dataset, dict.fromkeys(own, "phone"))
    assert titles(dataset) == ["The source gives the label away"]


def test_sources_that_say_nothing_of_the_label_give_nothing_away(dataset):
    told = {file: ("phone", "site")[number % 2] for label in Label for number, file in enumerate(files(dataset, label))}
    found = scan(dataset)
    alone, commonest = checks.by_source(found.photos, find_groups(found).of, told)
    assert alone < commonest + 0.05


def test_one_person_in_most_of_a_label(dataset):
    own = files(dataset, Label.NO_MASK)[:21]
    (dataset / GROUPS_FILE).write_text("file,group\n" + "".join(f"{file},anna\n" for file in own))
    assert titles(dataset) == ["One group has most of no_mask"]
    (dataset / GROUPS_FILE).write_text("file,group\n" + "".join(f"{file},anna\n" for file in own[:20]))
    assert titles(dataset) == []


def test_labels_out_of_balance(dataset):
    for file in files(dataset, Label.WRONG_MASK)[10:]:
        (dataset / file).unlink()
    assert titles(dataset) == ["Labels out of balance"]
    (dataset / files(dataset, Label.MASK)[0]).unlink()
    assert titles(dataset) == ["Labels out of balance"], "no_mask still has 40"
    (dataset / files(dataset, Label.NO_MASK)[0]).unlink()
    assert titles(dataset) == []


def test_the_same_picture_under_two_labels(dataset):
    shutil.copyfile(dataset / files(dataset, Label.MASK)[0], dataset / Label.NO_MASK / "again.png")
    assert titles(dataset) == ["The same picture under different labels"]


def test_larger_photos_of_one_label(dataset):
    for number, file in enumerate(files(dataset, Label.MASK)):
        picture(number, 256, 256).save(dataset / file)
    assert titles(dataset) == ["One label's photos are larger"]
