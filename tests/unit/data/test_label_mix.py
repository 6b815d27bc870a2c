"""Which labels each source has, and labels that come from nearly one source, counted by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.data.collect import sources
from core.data.dataset.scan import scan
from core.data.health import label_mix
from core.evaluation.wording import source_signal_words
from core.schema.labels import Label


@pytest.fixture
def dataset(crowd: Path, tmp_path: Path) -> Path:
    """40 photos of each label."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    return folder


def note(folder: Path, source: str, **of: int) -> None:
    """Give the first photos of some labels a source."""
    for label, count in of.items():
        sources.note(folder, {f"{label}/{label}-{number:03}.png": source for number in range(count)})


def mixed(folder: Path) -> label_mix.Mix:
    found = scan(folder)
    return label_mix.mix(found, sources.of_photos(found))


def test_counts_and_shares_of_each_source(dataset):
    note(dataset, "phone", mask=40, no_mask=10)
    found = mixed(dataset)
    assert found == {"unknown": {Label.NO_MASK: 30, Label.WRONG_MASK: 40}, "phone": {Label.MASK: 40, Label.NO_MASK: 10}}
    assert source_signal_words.mix_head(found) == ["source", "photos", "mask", "no_mask", "wrong_mask"]
    rows = [[cell.replace("\u00a0", " ") for cell in row] for row in source_signal_words.mix_rows(found)]
    assert rows == [["unknown", "70", "–", "30 (43 %)", "40 (57 %)"], ["phone", "50", "40 (80 %)", "10 (20 %)", "–"]]


def test_a_label_of_nearly_one_source(dataset):
    """36 of 40 masks are of the phone, and 10 of the 80 others; wrong_mask is of an unknown source, as most is."""
    note(dataset, "phone", mask=36, no_mask=10)
    (one,) = label_mix.leaning(mixed(dataset))
    assert (one.label, one.source, one.own, one.others) == (Label.MASK, "phone", 0.9, 10 / 80)
    assert one.words.replace("\u00a0", " ") == "90 % of mask is of the source phone"
    note(dataset, "site", mask=1)
    assert label_mix.leaning(mixed(dataset)) == [], "35 of 40 are less than nine tenths"


def test_a_source_that_has_nearly_everything_gives_no_label_away(dataset):
    note(dataset, "phone", mask=40, no_mask=40, wrong_mask=20)
    assert label_mix.leaning(mixed(dataset)) == []


def test_one_source_or_none_is_no_mix(dataset):
    assert mixed(dataset) == {}
    note(dataset, "phone", mask=40, no_mask=40, wrong_mask=40)
    assert mixed(dataset) == {}
