"""Faces in an inbox: kept once however they come, moved with what was said of them, and lost by nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.data.collect import keep_photo, move_photos, new_dataset, photo_bin, sources
from core.data.collect.inbox import crops, table
from core.data.collect.inbox.table import Note
from core.data.dataset.scan import scan
from core.data.dataset.split import find_groups
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label
from core.store.paths import PROJECT

GUESS = Note(None, Label.MASK, {Label.MASK: 0.75, Label.NO_MASK: 0.25}, "own.pth")


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", TWO_CLASSES)


def everything(root: Path) -> tuple:
    """What is on the disk and what is said about it."""
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.jpg")}
    return files, table.read(root), sources.read(root)


def test_a_face_lies_in_the_inbox_with_what_was_said_of_it(root, photo_bytes):
    file = crops.keep(root, photo_bytes(1), "live-1-2", "live", GUESS)
    (crop,) = crops.read(root)
    assert (crop.file, crop.group, crop.source) == (file, "live-1-2", "live")
    assert (root / file).read_bytes() == photo_bytes(1)
    assert (crop.note.guess, crop.note.label, dict(crop.note.probabilities)) == (Label.MASK, None, GUESS.probabilities)
    assert crop.note.network == "own.pth" and len(crop.note.hash) == 16 and crop.note.when
    assert not scan(root).photos and not scan(root).refused


def test_the_same_face_is_kept_once_with_what_was_said_last(root, photo_bytes):
    for label in (None, Label.MASK, Label.NO_MASK):
        crops.keep(root, photo_bytes(1), "group", "live", Note(label, Label.MASK))
    (crop,) = crops.read(root)
    assert crop.note.label is Label.NO_MASK


def test_an_accepted_face_is_a_photo_of_its_group_and_goes_back(root, photo_bytes):
    files = [crops.keep(root, photo_bytes(seed), "burst", "live", GUESS) for seed in (1, 2)]
    before = everything(root)
    moved = crops.accept(root, {files[0]: Label.MASK, files[1]: Label.NO_MASK})
    assert sorted(moved.names.values()) == [f"mask/burst/{Path(files[0]).name}", f"no_mask/burst/{Path(files[1]).name}"]
    assert not crops.read(root) and not (root / ".inbox" / "burst").exists()
    assert set(sources.read(root)) == set(table.read(root)) == set(moved.names.values())
    assert len(set(find_groups(scan(root)).of.values())) == 1, "the split never parts them"
    move_photos.move(root, {new: old for old, new in moved.names.items()})
    assert everything(root) == before


def test_a_dismissed_face_is_in_the_bin_and_goes_back(root, photo_bytes):
    file = crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    before = everything(root)
    assert crops.dismiss(root, [file]).names == {file: f".bin/{file}"}
    assert photo_bin.content(root) == [f".bin/{file}"] and not crops.read(root)
    photo_bin.put_back(root)
    assert everything(root) == before
    crops.dismiss(root, [file])
    assert photo_bin.empty(root) == 1 and not table.read(root) and not sources.read(root)


def test_a_label_s_folder_of_another_name_is_used(root, photo_bytes):
    (root / "mask").rename(root / "with mask")
    file = crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    assert list(crops.accept(root, {file: Label.MASK}).names.values()) == [f"with mask/burst/{Path(file).name}"]


_KEEP = """import sys
from pathlib import Path
from core.data.collect.inbox import crops
from core.data.collect.inbox.table import Note
root, *photos = map(Path, sys.argv[1:])
for photo in photos:
    crops.keep(root, photo.read_bytes(), "burst", "live", Note(network=photo.stem))"""


def test_two_processes_keep_at_once(root, photo_bytes, tmp_path):
    photos = [tmp_path / f"{seed}.jpg" for seed in range(12)]
    for seed, photo in enumerate(photos):
        photo.write_bytes(photo_bytes(seed))
    # Some come from both.
    started = [
        subprocess.Popen([sys.executable, "-c", _KEEP, str(root), *map(str, own)], cwd=PROJECT)
        for own in (photos[:8], photos[4:])
    ]
    assert [process.wait() for process in started] == [0, 0]
    kept = crops.read(root)
    assert {(root / crop.file).read_bytes() for crop in kept} == {photo_bytes(seed) for seed in range(12)}
    assert len(kept) == 12 and {crop.note.network for crop in kept} == {str(seed) for seed in range(12)}
    assert set(sources.read(root)) == {crop.file for crop in kept}


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(root, photo_bytes, monkeypatch, call):
    crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    before = everything(root)
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(UserError, match="No space left"):
        crops.keep(root, photo_bytes(2), "burst", "live", GUESS)
    monkeypatch.undo()
    assert everything(root) == before


def test_where_the_table_can_not_be_written_the_face_is_not_kept(root, photo_bytes, monkeypatch):
    def only_tables(self: Path, *words: object) -> Path:
        return refuse() if self.name.endswith(".csv") or ".csv." in self.name else replace(self, *words)

    replace = Path.replace
    monkeypatch.setattr(Path, "replace", only_tables)
    with pytest.raises(UserError, match=r"inbox\.csv can't be written"):
        crops.keep(root, photo_bytes(2), "burst", "live", GUESS)
    assert not list(root.rglob("*.jpg"))


def test_a_folder_that_was_deleted_does_not_come_back(root, photo_bytes):
    gone = root.parent / "gone"
    with pytest.raises(UserError, match="choose another dataset"):
        crops.keep(gone, photo_bytes(1), "burst", "live", GUESS)
    assert not gone.exists()


@pytest.mark.parametrize("group", ["../mask", "a/b", "", ".hidden", "x" * 90])
def test_a_group_is_no_way_out(root, photo_bytes, group):
    with pytest.raises(UserError):
        crops.keep(root, photo_bytes(1), group, "live", GUESS)
    assert not list(root.rglob("*.jpg"))


@pytest.mark.parametrize("where", [".inbox", ".inbox/burst"])
def test_links_lead_nothing_out(root, photo_bytes, tmp_path, where):
    (tmp_path / "elsewhere" / "burst").mkdir(parents=True)
    (tmp_path / "elsewhere" / "burst" / "1.jpg").write_bytes(photo_bytes(1))
    (root / where).parent.mkdir(exist_ok=True)
    (root / where).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is a link"):
        crops.keep(root, photo_bytes(2), "burst", "live", GUESS)
    assert crops.content(root) == [] and len(list(tmp_path.glob("elsewhere/**/*.jpg"))) == 1


DAMAGE = {
    "another table": ("name,age\nx,1\n", "must begin with a line that names"),
    "no text": (b"\xff\xfe\x00\x01", "not a readable CSV"),
    "no label": ("file,label,guess\n.inbox/burst/x.jpg,hat,mask\n", "line 2: 'hat' is no label"),
    "no probability": ("file,label,guess,mask\n.inbox/burst/x.jpg,,mask,often\n", "line 2: 'often' is no probability"),
    "not a number": ("file,label,guess,mask\n.inbox/burst/x.jpg,,mask,nan\n", "'nan' is no probability"),
    "no hash": ("file,label,guess,hash\n.inbox/burst/x.jpg,,mask,0x12\n", "is no hash"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_table_that_is_not_understood_is_a_sentence_and_loses_no_face(root, photo_bytes, damage):
    content, says = damage
    crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    (root / "inbox.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=says):
        crops.read(root)
    with pytest.raises(UserError, match=says):
        crops.keep(root, photo_bytes(2), "burst", "live", GUESS)
    assert [(root / file).read_bytes() for file in crops.content(root)] == [photo_bytes(1)]
    (root / "inbox.csv").unlink()
    (crop,) = crops.read(root)
    assert crop.note == Note()


def test_a_table_edited_by_hand_keeps_its_columns(root, photo_bytes):
    first = crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    lines = (root / "inbox.csv").read_text(encoding="utf-8").splitlines()
    (root / "inbox.csv").write_text(f"{lines[0]},remark\n{lines[1]},blurred\n", encoding="utf-8")
    crops.keep(root, photo_bytes(2), "burst", "live", GUESS)
    text = (root / "inbox.csv").read_text(encoding="utf-8")
    assert "remark" in text and "blurred" in text and table.read(root)[first].guess is Label.MASK


def test_what_was_put_there_by_hand_waits_too(root, photo_bytes):
    kept = crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    (root / ".inbox" / "anna").mkdir()
    (root / ".inbox" / "anna" / "x.jpg").write_bytes(photo_bytes(2))
    (root / ".inbox" / "stray.jpg").write_bytes(photo_bytes(3))
    assert [crop.file for crop in crops.read(root)] == [".inbox/anna/x.jpg", kept]


def test_no_face_is_put_over_another(root, photo_bytes):
    file = crops.keep(root, photo_bytes(1), "burst", "live", GUESS)
    there = keep_photo.keep(root, Label.MASK, "burst", Path(file).name, photo_bytes(9)).file
    (new,) = crops.accept(root, {file: Label.MASK}).names.values()
    assert new != there and (root / there).read_bytes() == photo_bytes(9)
