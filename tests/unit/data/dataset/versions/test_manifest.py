"""A dataset's version: the same for the same photos, told whole or as damaged, and without who was forgotten."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest

from core.data.collect import sources
from core.data.dataset import inspect_file, label_decisions
from core.data.dataset.label_decisions import Decision
from core.data.dataset.scan import scan
from core.data.dataset.versions import difference, manifest, photos_of
from core.data.dataset.versions.difference import Change
from core.data.dataset.versions.manifest import Version
from core.schema.errors import UserError
from core.schema.labels import Label
from tests.fixtures.scan_support import put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two persons with three photos each, of which those of mask lie in folders of the persons."""
    for number, person in enumerate(("anna", "ben")):
        for turn in range(2):
            put(tmp_path / "own" / "mask" / person / f"{turn}.png", 10 * number + turn)
        put(tmp_path / "own" / "no_mask" / f"{person}.png", 10 * number + 5)
    return tmp_path / "own"


def _version(root: Path) -> Version:
    return manifest.of_scan(scan(root))


def _groups(root: Path, groups: dict[str, str]) -> None:
    with (root / "groups.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "group"), *groups.items()])


def test_the_same_photos_are_the_same_version_anywhere(root, tmp_path):
    first = _version(root)
    copy = Path(shutil.copytree(root, tmp_path / "elsewhere"))
    assert _version(copy).id == first.id == _version(root).id
    assert (first.head.photos, first.head.forgotten) == (6, 0)
    put(copy / "mask" / "anna" / "0.png", 77)
    assert _version(copy).id != first.id, "other content"


@pytest.mark.parametrize("change", ["group", "source", "exclude", "relabel", "move"])
def test_each_part_of_a_photo_makes_another_version(root, change):
    first = _version(root)
    if change == "group":
        _groups(root, {"no_mask/anna.png": "anna"})
    elif change == "source":
        sources.note(root, {"no_mask/anna.png": "phone"})
    elif change == "move":
        (root / "mask" / "anna" / "0.png").rename(root / "mask" / "0.png")
    else:
        label = Label.MASK if change == "relabel" else None
        label_decisions.decide(root, "no_mask/anna.png", change, label)
    assert _version(root).id != first.id


def test_what_was_looked_at_and_kept_is_no_other_version(root):
    first = _version(root)
    label_decisions.decide(root, "no_mask/anna.png", "keep")
    assert _version(root).id == first.id


def test_unchanged_photos_are_not_read_again(root, monkeypatch):
    first = _version(root)
    monkeypatch.setattr(inspect_file, "look", lambda *known: pytest.fail("read again"))
    assert _version(root).id == first.id


def test_another_file_of_the_same_size_and_time_is_seen(root):
    first, path, other = _version(root), root / "no_mask" / "anna.png", root / "no_mask" / "other.png"
    before = path.stat()
    put(other, 99)
    other.write_bytes(other.read_bytes()[: before.st_size].ljust(before.st_size, b"\0"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert _version(root).digests.get("no_mask/anna.png") != first.digests["no_mask/anna.png"]


def test_a_version_is_read_as_it_was_written(root, tmp_path):
    put(root / "mask" / 'a, "quoted"\rand\nbroken.png', 50)
    sources.note(root, {"no_mask/ben.png": "phone, old"})
    label_decisions.decide(root, "no_mask/anna.png", "exclude")
    version, path = _version(root), tmp_path / "version.csv.gz"
    assert [entry.file for entry in version.entries if not entry.used] == ["no_mask/anna.png"]
    manifest.write(version, path)
    assert manifest.read(path) == version and manifest.head(path) == version.head
    manifest.write(version, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    assert manifest.read(tmp_path / "none") is None is manifest.head(tmp_path / "none")


def test_a_damaged_version_is_never_believed(root, tmp_path):
    version, path = _version(root), tmp_path / "version.csv.gz"
    manifest.write(version, path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for damage in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
            path.write_bytes(damage)
            assert manifest.head(path) in (None, version.head)
            try:
                assert manifest.read(path) == version
            except UserError as error:
                assert "version.csv.gz of" in str(error)
    with pytest.raises(UserError, match="put a copy of it back"):
        path.write_bytes(whole[:-9])
        manifest.read(path)


def test_rows_that_are_forgotten_leave_the_id_and_are_counted(root, tmp_path):
    version, path = _version(root), tmp_path / "version.csv.gz"
    less = manifest.without(version, lambda entry: entry.person == "anna")
    manifest.write(less, path)
    read = manifest.read(path)
    assert read and (read.id, read.head.forgotten, len(read.entries)) == (version.id, 2, 4)


def test_what_changed_is_told_photo_by_photo(root):
    older = _version(root)
    (root / "mask" / "anna" / "0.png").rename(root / "mask" / "ben" / "moved.png")
    (root / "mask" / "ben" / "0.png").unlink()
    put(root / "mask" / "ben" / "1.png", 60)
    put(root / "no_mask" / "new.png", 61)
    sources.note(root, {"mask/anna/1.png": "phone"})
    label_decisions.decide_many(
        root, [Decision("no_mask/anna.png", "exclude"), Decision("no_mask/ben.png", "relabel", Label.MASK)]
    )
    found = difference.between(older, _version(root))
    assert found.changes == {
        "added": (Change("no_mask/new.png", Label.NO_MASK),),
        "removed": (Change("mask/ben/0.png", Label.MASK),),
        "replaced": (Change("mask/ben/1.png", Label.MASK),),
        "excluded": (Change("no_mask/anna.png", Label.NO_MASK),),
        "relabelled": (Change("no_mask/ben.png", Label.MASK, "no_mask", "mask"),),
        "person": (Change("mask/ben/moved.png", Label.MASK, "anna", "ben"),),
        "source": (Change("mask/anna/1.png", Label.MASK, "", "phone"),),
    }
    assert found.counts()["added"] == {Label.NO_MASK: 1} and found.same == 0
    back = difference.between(_version(root), older)
    assert [change.file for change in back.changes["included"]] == ["no_mask/anna.png"]
    assert difference.between(older, older).changes == {}


def test_a_new_name_alone_is_no_other_photo(root):
    older = _version(root)
    (root / "mask" / "anna" / "0.png").rename(root / "mask" / "anna" / "same.png")
    found = difference.between(older, _version(root))
    assert found.changes == {
        "renamed": (Change("mask/anna/same.png", Label.MASK, "mask/anna/0.png", "mask/anna/same.png"),)
    }


def test_a_version_s_photos_are_found_where_they_are_now(root):
    _groups(root, {"no_mask/anna.png": "anna", "no_mask/ben.png": "ben"})
    sources.note(root, {"mask/ben/0.png": "phone"})
    older = scan(root)
    version = manifest.of_scan(older)
    (root / "mask" / "anna" / "0.png").rename(root / "mask" / "ben" / "moved.png")
    _groups(root, {})
    sources.note(root, {"mask/ben/0.png": "other"})
    label_decisions.decide_many(
        root, [Decision("no_mask/anna.png", "exclude"), Decision("no_mask/ben.png", "relabel", Label.MASK)]
    )
    put(root / "mask" / "new.png", 60)
    found = photos_of.find(scan(root), version)
    assert found.missing == {}
    labels = {photo.file: photo.label for photo in found.scan.photos}
    assert labels == {
        "mask/anna/1.png": Label.MASK, "mask/ben/0.png": Label.MASK, "mask/ben/1.png": Label.MASK,
        "mask/ben/moved.png": Label.MASK, "no_mask/anna.png": Label.NO_MASK, "no_mask/ben.png": Label.NO_MASK,
    }  # fmt: skip
    by_file = {photo.file: photo for photo in found.scan.photos}
    assert by_file["mask/ben/moved.png"].folder == "anna", "the person of the version"
    assert found.scan.listed_groups["no_mask/anna.png"] == "anna"
    assert sources.of_photos(found.scan)["mask/ben/0.png"] == "phone"


def test_the_version_as_it_was_is_the_same_scan(root):
    sources.note(root, {"mask/ben/0.png": "phone"})
    label_decisions.decide(root, "no_mask/anna.png", "exclude")
    before = scan(root)
    version = manifest.of_scan(before)
    put(root / "mask" / "new.png", 60)
    found = photos_of.find(scan(root), version)
    assert found.scan.photos == before.photos
    assert found.version.id == version.id


def test_gone_and_changed_photos_are_named_and_not_taken(root):
    version = _version(root)
    (root / "mask" / "anna" / "0.png").unlink()
    put(root / "mask" / "ben" / "0.png", 60)
    (root / "mask" / "ben" / "1.png").write_bytes(b"no picture")
    found = photos_of.find(scan(root), version)
    assert found.missing.keys() == {"mask/anna/0.png", "mask/ben/0.png", "mask/ben/1.png"}
    assert found.missing["mask/anna/0.png"] == photos_of.GONE
    assert found.missing["mask/ben/0.png"] == photos_of.CHANGED
    assert found.missing["mask/ben/1.png"].startswith("refused now: ")
    assert {photo.file for photo in found.scan.photos} == {"mask/anna/1.png", "no_mask/anna.png", "no_mask/ben.png"}
    assert {item.file for item in found.scan.refused} == found.missing.keys()
    assert found.version.id != version.id
