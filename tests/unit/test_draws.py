"""Draws of so many photos per label: whole groups, no photo of a source or a person that must not be in them, and the
same training once."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from benchmarks import draws
from core.data.collect import sources
from core.data.dataset.scan import scan
from core.data.dataset.split import Row, find_groups
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import runs
from tests.fixtures.support import tiny_config


@pytest.fixture
def two_sources(faces, tmp_path):
    """Drawn faces, whose person p00 is of the camera; all else is from the web."""
    folder = tmp_path / "faces"
    shutil.copytree(faces, folder)
    found = scan(folder)
    person = find_groups(found).of[found.photos[0].file]
    of = find_groups(found).of
    sources.note(folder, {photo.file: "camera" if of[photo.file] == person else "web" for photo in found.photos})
    return scan(folder)


def test_a_draw_has_whole_groups_and_as_many_of_each_label_as_fit():
    rows = [Row(f"{label}/{n}.jpg", label, f"{n // 2}", "") for label in Label for n in range(20)]
    chosen = draws.draw(rows, 7, seed=0)
    assert {label: sum(row.label is label for row in chosen) for label in Label} == dict.fromkeys(Label, 6)
    taken = {row.group for row in chosen}
    assert [row for row in rows if row.group in taken] == sorted(chosen, key=rows.index)
    assert draws.draw(rows, 7, seed=0) == chosen != draws.draw(rows, 7, seed=1)


def test_where_a_label_has_fewer_all_are_taken_and_the_words_say_how_many():
    rows = [Row(f"{label}/{n}.jpg", label, f"{label}{n}", "") for label in (Label.MASK, Label.NO_MASK)
            for n in range(5 if label is Label.MASK else 30)]  # fmt: skip
    assert draws.counted(draws.draw(rows, 10, seed=0)) == "5 mask, 10 no_mask, 0 wrong_mask"


def test_sources_are_kept_apart(two_sources):
    camera, others = draws.of_source(two_sources, "camera"), draws.of_others(two_sources, ["camera"])
    assert camera and others and not {row.group for row in camera} & {row.group for row in others}
    assert len(camera) + len(others) == len(two_sources.photos)
    with pytest.raises(UserError, match="no photo of the source phone: it has camera, web"):
        draws.of_source(two_sources, "phone")


def test_a_start_that_has_seen_the_source_is_refused(two_sources):
    camera = draws.of_source(two_sources, "camera")
    digest = {photo.file: photo.digest for photo in two_sources.photos}
    elsewhere = frozenset(digest[row.file] for row in draws.of_others(two_sources, ["camera"]))
    draws.check_new(two_sources, camera, SimpleNamespace(seen=elsewhere), "other.pth")
    with pytest.raises(UserError, match=f"own.pth has learnt from {len(camera)} of these {len(camera)} photos"):
        draws.check_new(two_sources, camera, SimpleNamespace(seen=frozenset({digest[camera[0].file]})), "own.pth")


def test_a_source_without_a_label_is_refused():
    with pytest.raises(UserError, match="web has no photo of mask"):
        draws.check_labels([Row("no_mask/1.jpg", Label.NO_MASK, "1", "")], "web")


def test_a_copy_keeps_groups_and_a_training_is_not_repeated(two_sources, own_home):
    rows = draws.draw(draws.of_others(two_sources, ["camera"]), 12, seed=0)
    folder = draws.copy(two_sources.root, rows, own_home / "benchmark" / "draw")
    copied = scan(folder)
    assert len(copied.photos) == len(rows)
    assert len(set(find_groups(copied).of.values())) == len({row.group for row in rows})
    values = tiny_config(folder, epochs=1).model_dump()
    assert draws.train(values).id == draws.train(values).id
    assert len(runs.every()) == 1
