"""Looking through a dataset's folder: labels, persons, groups, decisions, and the record that saves time."""

from __future__ import annotations

import os
from pathlib import Path

import imagehash
import pytest
from PIL import Image

from core.data.dataset import inspect_file, label_decisions
from core.data.dataset import scan as scans
from core.data.dataset.label_folders import count_files
from core.data.dataset.scan import scan
from core.data.images.decode import decode
from core.schema.errors import UserError
from core.schema.labels import Label
from tests.fixtures.scan_support import aliased, put
from tests.fixtures.support import picture


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return aliased(tmp_path / "photos")


def test_what_is_known_of_a_photo(root: Path):
    picture(50, 80, 40).save(root / "With Mask" / "wide.jpg")
    photo = next(item for item in scan(root).photos if item.file == "With Mask/wide.jpg")
    assert (photo.width, photo.height, photo.folder) == (80, 40, "")
    assert photo.phash == str(imagehash.phash(decode(root / photo.file)))
    assert len(photo.phash) == 16


def test_a_folder_a_person_and_no_deeper(root: Path):
    put(root / "With Mask" / "anna" / "1.png", 62)
    put(root / "With Mask" / "anna" / "2020" / "2.png", 63)
    found = scan(root)
    assert {photo.file: photo.folder for photo in found.photos}["With Mask/anna/1.png"] == "anna"
    assert found.says_groups
    assert [(item.file, item.reason[:8]) for item in found.refused] == [("With Mask/anna/2020/2.png", "too deep")]


def test_a_folder_without_groups_says_so(root: Path):
    assert not scan(root).says_groups


def test_nothing_is_decoded_twice(root: Path, monkeypatch: pytest.MonkeyPatch):
    (root / "With Mask" / "words.jpg").write_text("words")
    first = scan(root)
    with monkeypatch.context() as patch:
        patch.setattr(inspect_file, "look", lambda *args, **words: pytest.fail("looked at again"))
        assert scan(root) == first
    assert [item.file for item in first.refused] == ["With Mask/words.jpg"]


def test_a_changed_file_is_looked_at_again(root: Path):
    before = {photo.file: photo for photo in scan(root).photos}
    changed = root / "With Mask" / "0.png"
    put(changed, 99)
    status = changed.stat()
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    (root / "With Mask" / "1.png").write_bytes(b"")
    (root / "without-mask" / "0.png").unlink()
    put(root / "without-mask" / "new.png", 98)
    found = scan(root)
    after = {photo.file: photo for photo in found.photos}
    assert after["With Mask/0.png"].digest != before["With Mask/0.png"].digest
    assert after["With Mask/0.png"].phash == str(imagehash.phash(picture(99)))
    assert after["without-mask/1.png"] == before["without-mask/1.png"]
    assert [item.reason for item in found.refused] == ["the file is empty"]
    assert "without-mask/new.png" in after
    assert "without-mask/0.png" not in after


@pytest.mark.parametrize("record", ["", "{broken", "{}"])
def test_a_damaged_record_costs_time_only(root: Path, own_home: Path, record: str):
    first = scan(root)
    for file in (own_home / "cache" / "scans").iterdir():
        file.write_text(record)
    assert scan(root) == first


def test_a_record_that_cannot_be_written_stops_nobody(root: Path, own_home: Path):
    own_home.mkdir()
    (own_home / "cache").write_text("a file where the folder should be")
    assert len(scan(root).photos) == 6


def test_many_photos_are_looked_at_in_processes_and_found_alike(root: Path, own_home: Path, monkeypatch):
    (root / "With Mask" / "words.jpg").write_text("words")
    first = scan(root)
    (found_here,) = (own_home / "cache" / "scans").iterdir()
    found_here.unlink()
    monkeypatch.setattr(scans, "_MANY", 1)
    with monkeypatch.context() as patch:
        # A process of its own doesn't know of this.
        patch.setattr(inspect_file, "look", lambda *args: pytest.fail("looked at in this process"))
        assert scan(root) == first


@pytest.mark.parametrize("many", [1, 1000])
def test_a_scan_that_is_given_up_goes_on_from_there(root: Path, monkeypatch: pytest.MonkeyPatch, many: int):
    monkeypatch.setattr(scans, "_CHUNK", 1)
    monkeypatch.setattr(scans, "_MANY", many)
    with pytest.raises(KeyboardInterrupt):
        scan(root, _given_up)
    monkeypatch.setattr(scans, "_MANY", 1000)
    looked, real = [], inspect_file.look
    monkeypatch.setattr(inspect_file, "look", lambda path, file, most: looked.append(file) or real(path, file, most))
    assert len(scan(root).photos) == 6
    assert len(looked) == 4


def _given_up(done: int, total: int) -> None:
    if done == 2:
        raise KeyboardInterrupt


def test_a_file_that_vanishes_under_the_scan_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch):
    real = scans._looked

    def looked(record, listed):
        (root / "With Mask" / "0.png").unlink()
        return real(record, listed)

    monkeypatch.setattr(scans, "_looked", looked)
    found = scan(root)
    assert len(found.photos) == 5
    assert {item.reason for item in found.refused} == {"the file is gone"}


def test_the_hash_is_imagehash_s_bit_for_bit(faces: Path):
    pictures = [picture(seed, 40 + seed, 90) for seed in range(60)]
    pictures += [decode(path) for path in sorted(faces.rglob("*.jpg"))]
    # Plain ones, whose frequencies are all the same but for rounding, and soft ones, whose fine ones nearly are.
    pictures += [Image.new("RGB", (64, 64), (level, 3, level // 2)) for level in range(0, 256, 5)]
    pictures += [Image.linear_gradient("L").rotate(90 * turn).convert("RGB") for turn in range(4)]
    assert [inspect_file.phash(one) for one in pictures] == [str(imagehash.phash(one)) for one in pictures]


def test_files_come_folder_by_folder_as_paths_sort(root: Path):
    for name in ("anna-b/1.png", "anna/2.png", "anna.png", "Zoe/1.png"):
        put(root / "With Mask" / name, ord(name[-5]) + len(name))
    files = [photo.file for photo in scan(root).photos]
    assert files == [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.png"))
                     if path.parent.parent in (root, root / "With Mask")]  # fmt: skip


def test_progress_counts_every_file(root: Path):
    (root / "With Mask" / "words.jpg").write_text("words")
    seen: list[tuple[int, int]] = []
    scan(root, lambda done, total: seen.append((done, total)))
    assert seen == [(number, 7) for number in range(1, 8)]


def test_groups_with_a_byte_order_mark_and_backslashes(root: Path):
    lines = ["file,group,note", r"With Mask\0.png,burst,x", " without-mask/0.png ,burst ,y", "without-mask/1.png,,z"]
    (root / "groups.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    found = scan(root)
    assert found.listed_groups["With Mask/0.png"] == found.listed_groups["without-mask/0.png"] == "burst"
    assert found.listed_groups["without-mask/1.png"] == ""
    assert found.says_groups


@pytest.mark.parametrize("content", [b"", b"photo,person\na,b\n", b"file;group\na;b\n"])
def test_groups_without_their_columns(root: Path, content: bytes):
    (root / "groups.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"groups.csv must begin with a line that names the columns file and group"):
        scan(root)


def test_groups_in_no_readable_encoding(root: Path):
    (root / "groups.csv").write_bytes("file,group\nä,b".encode("utf-16"))
    with pytest.raises(UserError, match=r"groups.csv is not a readable CSV file"):
        scan(root)


def test_a_relabelled_photo_has_its_new_label_and_an_excluded_one_is_refused(root: Path):
    put(root / "With Mask" / "anna" / "1.png", 62)
    label_decisions.decide(root, "With Mask/anna/1.png", "relabel", Label.NO_MASK)
    label_decisions.decide(root, "With Mask/1.png", "exclude")
    label_decisions.decide(root, "without-mask/0.png", "keep")
    for turn in range(2):
        label_decisions.decide(root, f"Mask_Weared_Incorrect/{turn}.png", "relabel", Label.MASK)
    found = scan(root)
    assert found.labels == ("mask", "no_mask")
    assert found.counts == {"mask": 3, "no_mask": 3} == count_files(root)
    anna = next(photo for photo in found.photos if photo.folder == "anna")
    assert (anna.file, anna.label) == ("With Mask/anna/1.png", "no_mask")
    assert [(item.file, item.reason) for item in found.refused] == [
        ("With Mask/1.png", "excluded by hand in decisions.csv")
    ]


def test_decisions_leave_the_record_valid_and_are_undone_without_decoding(root: Path, monkeypatch: pytest.MonkeyPatch):
    before = scan(root)
    label_decisions.decide(root, "With Mask/0.png", "exclude")
    with monkeypatch.context() as patch:
        patch.setattr(inspect_file, "look", lambda *args, **words: pytest.fail("looked at again"))
        assert len(scan(root).photos) == len(before.photos) - 1
        label_decisions.undo(root)
        assert scan(root) == before


def test_a_decision_about_a_file_that_is_not_there_has_no_effect(root: Path):
    before = scan(root)
    lines = ["file,decision,label", "With Mask/gone.png,exclude,", "With Mask/moved.png,relabel,no_mask"]
    (root / "decisions.csv").write_text("\n".join(lines))
    assert scan(root) == before
    assert count_files(root) == before.counts


def test_a_photo_that_is_damaged_and_excluded_is_damaged(root: Path):
    (root / "With Mask" / "1.png").write_text("words")
    label_decisions.decide(root, "With Mask/1.png", "exclude")
    assert [item.reason for item in scan(root).refused] == ["not a JPEG, PNG, WebP or BMP picture"]
