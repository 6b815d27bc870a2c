"""Photos imported from ZIPs and folders: their labels and people, twice, after a break, and where nothing can be
written."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path

import pytest

from core.data.collect import new_dataset, sources
from core.data.collect.imports import members, names
from core.data.collect.imports.bring_in import Wanted, bring_in
from core.data.collect.imports.tally import Refused, Tally
from core.data.dataset.scan import scan
from core.schema.errors import UserError
from core.schema.labels import Label
from tests.fixtures.import_support import packed, unpacked
from tests.fixtures.support import broken_files


def test_labels_and_people_come_from_the_folders(root, bring, inside, photo_bytes):
    tally = bring({
        "set/train/with_mask/anna/deep/1.jpg": photo_bytes(1), "Without Mask/ben/1.jpg": photo_bytes(2),
        "mask_weared_incorrect/1.JPG": photo_bytes(3), "mask/no_mask/1.jpg": photo_bytes(4),
    })  # fmt: skip
    assert tally.words() == "4 photos added (mask 1, no_mask 2, wrong_mask 1)"
    assert inside() == ["mask/anna/1.jpg", "no_mask/1.jpg", "no_mask/ben/1.jpg"]
    assert (root / "wrong_mask" / "1.JPG").read_bytes() == photo_bytes(3)
    assert len(scan(root).photos) == 4


def test_one_label_and_one_person_for_all(bring, inside, photo_bytes):
    files = {"holiday/1.jpg": photo_bytes(1), "mask/anna/2.jpg": photo_bytes(2)}
    tally = bring(files, label=Label.NO_MASK, person="Carla M")
    assert tally.added == {Label.NO_MASK: 2}
    assert inside() == ["no_mask/Carla_M/1.jpg", "no_mask/Carla_M/2.jpg"]


def test_names_are_made_safe_and_two_photos_of_one_name_stay_two(root, bring, inside, photo_bytes):
    long = "x" * 200
    bring({
        "mask/Anna & Ben/my photo (1).jpg": photo_bytes(1), "mask/a/x/1.jpg": photo_bytes(2),
        "mask/a/y/1.jpg": photo_bytes(3), f"mask/{long}1.jpg": photo_bytes(4), f"mask/{long}2.jpg": photo_bytes(5),
        "mask/con.jpg": photo_bytes(6),
    })  # fmt: skip
    assert {path.read_bytes() for path in root.rglob("*.jpg")} == {photo_bytes(seed) for seed in range(1, 7)}
    assert {"mask/Anna_Ben/my_photo_1_.jpg", "mask/a/1.jpg", "mask/_con.jpg"} <= set(inside())
    assert max(map(len, os.listdir(root / "mask"))) <= new_dataset.MOST_NAME


def test_system_files_are_counted_and_not_listed(bring, photo_bytes):
    tally = bring({
        "mask/1.jpg": photo_bytes(1), "__MACOSX/mask/._1.jpg": b"x", "mask/._1.jpg": b"x", "mask/.DS_Store": b"x",
        "mask/Thumbs.db": b"x",
    })  # fmt: skip
    assert tally.words() == "1 photo added (mask 1), 4 hidden or system files skipped"


def test_what_is_no_photo_of_a_label_is_refused_one_by_one(tmp_path, root, bring, inside, photo_bytes):
    broken = broken_files(tmp_path / "broken")
    files = {f"mask/{name}": (tmp_path / "broken" / name).read_bytes() for name in broken}
    tally = bring(files | {
        "1.jpg": photo_bytes(1), "mask/notes.docx": b"x", "mask/README.txt": b"x", "mask/more.zip": packed({}),
        "mask/whole.jpg": photo_bytes(2),
    })  # fmt: skip
    assert inside() == ["mask/whole.jpg"]
    reasons = {Path(file).name: reason for file, reason in tally.refused}
    words = broken | {
        "1.jpg": "no folder in its path", "notes.docx": "not a JPEG", "README.txt": "neither a photo nor",
        "more.zip": "an archive", "animated.gif": "not a JPEG, PNG, WebP or BMP",
    }  # fmt: skip
    assert reasons.keys() == words.keys()
    assert [name for name, word in words.items() if word not in reasons[name]] == []


def test_an_import_that_is_repeated_adds_only_what_is_missing(root, bring, photo_bytes):
    files = {f"mask/anna/{seed}.jpg": photo_bytes(seed) for seed in range(10)}
    part = Tally()

    def cut_off(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(root, [unpacked(files)], Wanted(source="phone"), part, cut_off)
    assert (part.words(), part.done, part.total) == ("4 photos added (mask 4)", 4, 10)
    assert len(sources.read(root)) == 4
    assert bring(files, source="phone").words() == "6 photos added (mask 6), 4 there already"
    assert bring(files).words() == "0 photos added, 10 there already"
    assert len(scan(root).photos) == 10
    assert set(sources.read(root).values()) == {"phone"} and len(sources.read(root)) == 10


def test_a_source_that_is_known_stays(root, bring, photo_bytes):
    bring({"mask/1.jpg": photo_bytes(1)}, source="camera A")
    bring({"mask/1.jpg": photo_bytes(1), "mask/2.jpg": photo_bytes(2)}, source="web\nset")
    assert sources.read(root) == {"mask/1.jpg": "camera A", "mask/2.jpg": "web set"}


def test_a_full_disk_is_one_sentence_and_what_was_imported_stays(root, photo_bytes, monkeypatch, inside):
    sync, written = os.fsync, []

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    tally = Tally()
    files = {f"mask/{seed}.jpg": photo_bytes(seed) for seed in range(5)}
    with pytest.raises(UserError, match="No space left"):
        bring_in(root, [unpacked(files)], Wanted(), tally, lambda done, total: None)
    assert tally.words() == "2 photos added (mask 2)"
    assert inside() == ["mask/0.jpg", "mask/1.jpg"]
    assert not [name for name in os.listdir(root / "mask") if name.startswith(".")]


def test_a_folder_is_imported_and_its_links_are_refused(tmp_path, root, inside, photo_bytes):
    folder = tmp_path / "mine"
    (folder / "mask" / "anna").mkdir(parents=True)
    (folder / "mask" / "anna" / "1.jpg").write_bytes(photo_bytes(1))
    (folder / "mask" / "2.jpg").symlink_to(folder / "mask" / "anna" / "1.jpg")
    (folder / "mask" / "all").symlink_to(folder)
    tally = Tally()
    bring_in(root, [members.of_folder(folder)], Wanted(), tally, lambda done, total: None)
    assert inside() == ["mask/anna/1.jpg"]
    assert sorted(tally.refused) == [Refused("mask/2.jpg", names.NO_FILE), Refused("mask/all", names.NO_FILE)]
    with pytest.raises(UserError, match="There is no folder"):
        members.of_folder(folder / "none")


def test_a_dataset_of_this_app_comes_back_with_its_groups(tmp_path, faces, root):
    with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
        for path in faces.rglob("*.*"):
            archive.write(path, path.relative_to(faces))
    tally = Tally()
    with (tmp_path / "faces.zip").open("rb") as file:
        bring_in(root, [members.of_zip(file, "faces.zip")], Wanted(), tally, lambda done, total: None)
    assert tally.words() == "60 photos added (mask 20, no_mask 20, wrong_mask 20)"
    assert len({photo.folder for photo in scan(root).photos}) == 12
