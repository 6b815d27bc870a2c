"""Photos moved to a person and to the bin: what is written about them goes along, and nothing is lost on the way."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.data.collect import move_photos, new_dataset, photo_bin, sources
from core.data.collect.keep_photo import keep
from core.data.dataset import label_decisions
from core.data.dataset.scan import scan
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label

FILES = ["mask/0.jpg", "mask/1.jpg", "no_mask/anna/2.jpg"]


@pytest.fixture
def root(own_home: Path, photo_bytes) -> Path:
    """Three photos, with a decision, a group and a source for each."""
    folder = new_dataset.make("class", TWO_CLASSES)
    for number, file in enumerate(FILES):
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(photo_bytes(number))
        label_decisions.decide(folder, file, "exclude" if number else "keep")
    (folder / "groups.csv").write_text("file,group,note\n" + "".join(f"{file},burst,x\n" for file in FILES))
    sources.note(folder, dict.fromkeys(FILES, "webcam"))
    return folder


def everything(root: Path) -> tuple:
    """What is on the disk and what is said about it."""
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.jpg")}
    decided = {file: one.choice for file, one in label_decisions.read(root).items()}
    return files, decided, scan(root).listed_groups, sources.read(root)


def read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_move_takes_along_what_is_written_and_can_be_taken_back(root):
    before = everything(root)
    moved = move_photos.to_person(root, FILES, "Ben B")
    assert moved.names == {
        "mask/0.jpg": "mask/Ben_B/0.jpg", "mask/1.jpg": "mask/Ben_B/1.jpg", "no_mask/anna/2.jpg": "no_mask/Ben_B/2.jpg"
    } and not moved.failed  # fmt: skip
    now = everything(root)
    for old, new in zip(before, now, strict=True):
        assert new == {moved.names[file]: value for file, value in old.items()}
    move_photos.move(root, {new: old for old, new in moved.names.items()})
    assert everything(root) == before


def test_no_photo_is_put_over_another(root, photo_bytes):
    there = keep(root, Label.MASK, "ben", "0.jpg", photo_bytes(9)).file
    moved = move_photos.to_person(root, FILES, "ben")
    assert (root / there).read_bytes() == photo_bytes(9)
    assert (root / moved.names["mask/0.jpg"]).read_bytes() == photo_bytes(0)
    assert moved.names["mask/0.jpg"].startswith("mask/ben/0-")
    # Two of one name that move at once, too.
    keep(root, Label.MASK, "carl", "1.jpg", photo_bytes(7))
    both = move_photos.to_person(root, ["mask/carl/1.jpg", moved.names["mask/1.jpg"]], "dora")
    assert {(root / file).read_bytes() for file in both.names.values()} == {photo_bytes(7), photo_bytes(1)}


def test_the_bin_is_passed_over_and_gives_back(root):
    before = everything(root)
    assert photo_bin.throw(root, FILES[:2]).names == {file: f".bin/{file}" for file in FILES[:2]}
    found = scan(root)
    assert [item.file for item in found.refused] == FILES[2:] and not found.photos
    assert list(label_decisions.read(root)) == FILES[2:] and list(found.listed_groups) == FILES[2:]
    assert photo_bin.content(root) == [f".bin/{file}" for file in FILES[:2]]
    assert not photo_bin.put_back(root).failed
    assert everything(root) == before and not (root / ".bin").exists()


def test_a_new_photo_inherits_nothing_from_one_in_the_bin(root, photo_bytes):
    photo_bin.throw(root, ["mask/1.jpg"])
    keep(root, Label.MASK, "", "1.jpg", photo_bytes(8))
    assert "mask/1.jpg" not in label_decisions.read(root) and "mask/1.jpg" not in sources.read(root)
    photo_bin.throw(root, ["mask/1.jpg"])
    assert len(photo_bin.content(root)) == 2
    assert photo_bin.empty(root) == 2 and photo_bin.content(root) == []
    assert (root / "mask" / "0.jpg").is_file() and ".bin" not in (root / "decisions.csv").read_text()


def test_what_was_deleted_by_hand_meanwhile_is_said_and_the_others_go(root):
    (root / FILES[0]).unlink()
    moved = photo_bin.throw(root, FILES)
    assert moved.failed == {FILES[0]: "it is no longer there"}
    assert list(moved.names) == FILES[1:]


@pytest.mark.parametrize("name", ["../outside.jpg", "mask/../../outside.jpg"])
def test_nothing_outside_is_moved(root, photo_bytes, name):
    (root.parent / "outside.jpg").write_bytes(photo_bytes(3))
    assert photo_bin.throw(root, [name]).failed and (root.parent / "outside.jpg").is_file()
    with pytest.raises(UserError):
        move_photos.to_person(root, FILES, "../x")


def test_links_lead_nothing_out_of_the_dataset(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "mask" / "ben").symlink_to(tmp_path / "elsewhere")
    (root / ".bin").symlink_to(tmp_path / "elsewhere")
    before = everything(root)
    assert "is a link" in move_photos.to_person(root, FILES[:1], "ben").failed[FILES[0]]
    assert "is a link" in photo_bin.throw(root, FILES[:1]).failed[FILES[0]]
    assert photo_bin.content(root) == [] and everything(root) == before


@pytest.mark.parametrize("call", ["link", "mkdir", "unlink"])
def test_a_read_only_folder_keeps_everything(root, monkeypatch, call):
    before = everything(root)
    owner = os if call == "link" else Path
    real = getattr(owner, call)

    def refuse(path, *rest, **words):
        there = Path(path).name == "ben" or (Path(path).suffix == ".jpg" and Path(path).parent.name != "ben")
        return read_only() if there else real(path, *rest, **words)

    monkeypatch.setattr(owner, call, refuse)
    moved = move_photos.to_person(root, FILES, "ben")
    monkeypatch.undo()
    assert moved.failed == dict.fromkeys(FILES, "Read-only file system") and not moved.names
    assert everything(root) == before


def test_tables_that_can_not_be_written_keep_every_photo_in_its_place(root, monkeypatch):
    before = everything(root)
    monkeypatch.setattr(os, "fsync", read_only)
    with pytest.raises(UserError, match="Read-only file system"):
        photo_bin.throw(root, FILES)
    monkeypatch.undo()
    assert everything(root) == before


def test_two_people_moving_the_same_photos_lose_none(root, photo_bytes):
    files = [keep(root, Label.NO_MASK, "", f"many{number}.jpg", photo_bytes(number)).file for number in range(20)]
    with ThreadPoolExecutor(4) as many:
        acts = [lambda who=who: move_photos.to_person(root, files, who) for who in ("ben", "carl", "dora")]
        moved = list(many.map(lambda act: act(), [*acts, lambda: photo_bin.throw(root, files)]))
    assert sum(len(one.names) for one in moved) == len(files)
    contents = [path.read_bytes() for path in root.rglob("many*.jpg")]
    assert sorted(contents) == sorted(photo_bytes(number) for number in range(20))
