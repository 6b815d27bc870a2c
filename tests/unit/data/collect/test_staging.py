"""Files that a browser sends in pieces: whole on the disk, going on where they broke off, and whatever else is sent."""

from __future__ import annotations

import errno
import os
import shutil
import time
import zlib
from pathlib import Path

import pytest

from core.data.collect import new_dataset
from core.data.collect.imports import members
from core.data.collect.staging import place
from core.data.collect.staging.place import BusyError
from core.data.collect.staging.staged import MOST_CHECKED, MOST_PIECE, Part, Staged
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES

NAME, WINDOW, OTHER = "a" * 32, "1" * 32, "2" * 32


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", TWO_CLASSES)


def staged(root: Path, *files: tuple[str, int], name: str = NAME, window: str = WINDOW) -> Staged:
    found = Staged(root, name, window)
    found.offer(files, last=True)
    return found


def content(found: Staged) -> dict[str, bytes]:
    """What the import would read."""
    return {member.path: members.read(member) for batch in found.batches() for member in batch}


def test_pieces_of_large_and_small_files_become_these_files(root):
    found = staged(root, ("mask/1.jpg", 3), ("mask/anna/2.jpg", 5), ("mask/empty.jpg", 0))
    assert not found.complete
    assert found.append([Part(0, 0, 3), Part(1, 0, 2)], b"abcde") == []
    assert found.append([Part(1, 2, 3)], b"fgh") == []
    assert found.complete
    assert content(found) == {"mask/1.jpg": b"abc", "mask/anna/2.jpg": b"defgh", "mask/empty.jpg": b""}
    found.remove()
    assert list((root / place.FOLDER).iterdir()) == []


def test_what_is_there_is_found_again_by_path_and_size_and_told_by_its_content(root):
    staged(root, ("1.jpg", 4), ("2.jpg", 4)).append([Part(0, 0, 4), Part(1, 0, 2)], b"abcdef")
    again = Staged(root, NAME, WINDOW)
    assert again.offer([("1.jpg", 4), ("2.jpg", 4), ("3.jpg", 5)], last=True) == ([(0, 4), (1, 2)], [])
    assert again.digests([Part(0, 0, 4), Part(1, 0, 2), Part(1, 0, 4), Part(2, 0, 1)]) == [
        zlib.crc32(b"abcd"), zlib.crc32(b"ef"), -1, -1,
    ]  # fmt: skip
    again.begin_anew([1, 99])
    again.append([Part(1, 0, 4), Part(2, 0, 5)], b"wxyzabcde")
    assert again.complete
    assert list(content(again).values()) == [b"abcd", b"wxyz", b"abcde"]


def test_a_part_that_comes_twice_or_too_early_is_passed_over_and_what_is_there_is_said(root):
    found = staged(root, ("1.jpg", 6))
    found.append([Part(0, 0, 3)], b"abc")
    assert found.append([Part(0, 0, 3)], b"abc") == [(0, 3)]
    assert found.append([Part(0, 4, 2)], b"ef") == [(0, 3)]
    assert found.append([Part(0, 3, 3)], b"def") == []
    assert content(found) == {"1.jpg": b"abcdef"}


@pytest.mark.parametrize(
    ("parts", "data"),
    [
        ([Part(0, 0, 7)], b"x" * 7), ([Part(0, 4, 4)], b"x" * 4), ([Part(0, -1, 1)], b"x"), ([Part(1, 0, 1)], b"x"),
        ([Part(-1, 0, 1)], b"x"), ([Part(2, 0, 1)], b"x"), ([Part(0, 0, 2)], b"x"), ([Part(0, 0, 1)], b"xx"),
        ([Part(0, 0, -1), Part(0, 0, 2)], b"x"), ([Part(0, 0, MOST_PIECE + 1)], b"x" * (MOST_PIECE + 1)),
    ],
)  # fmt: skip
def test_a_piece_that_fits_no_file_is_refused(root, parts, data):
    found = staged(root, ("1.jpg", 6), (".DS_Store", 5))
    with pytest.raises(UserError, match=r"again|anew"):
        found.append(parts, data)
    assert [path for path in (root / place.FOLDER).rglob("*") if path.is_file() and path.stat().st_size] == []
    with pytest.raises(UserError):
        found.digests([Part(0, 0, MOST_CHECKED), Part(0, 0, 1)])


@pytest.mark.parametrize(
    "path", ["../../out.jpg", "/etc/passwd.jpg", "a\\b.jpg", f"mask/{'x' * 3000}.jpg", "a\0.jpg", "._set.zip"]
)
def test_an_absurd_path_reaches_no_disk_and_is_refused_by_the_import(root, path):
    found = Staged(root, NAME, WINDOW)
    files = [(path, 5), ("notes.docx", 5), ("mask/big.jpg", members.LARGEST + 1)]
    assert found.offer(files, last=True) == ([], [0, 1, 2])
    assert found.complete
    [batch] = found.batches()
    assert all(member.refusal for member in batch)
    assert not (root / place.FOLDER).exists()


@pytest.mark.parametrize("name", ["", "../" + "a" * 29, "A" * 32, "a" * 33])
def test_a_name_that_no_browser_gives_is_refused(root, name):
    with pytest.raises(UserError):
        Staged(root, name, WINDOW)
    with pytest.raises(UserError):
        Staged(root, NAME, name)


def test_more_than_is_imported_at_once_is_said_before_anything_is_sent(root, monkeypatch):
    with pytest.raises(UserError, match="5 GB"):
        staged(root, ("1.zip", members.MOST_BYTES), ("2.zip", 1))
    monkeypatch.setattr(members, "MOST_FILES", 2)
    with pytest.raises(UserError, match="2 photos"):
        staged(root, *((f"{number}.jpg", 1) for number in range(3)))


def test_two_windows_never_send_under_one_name_at_once(root, monkeypatch):
    first, second = staged(root), staged(root, window=OTHER)
    first.claim()
    with pytest.raises(BusyError):
        second.claim()
    staged(root, name="b" * 32, window=OTHER).claim()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    second.claim()
    with pytest.raises(BusyError):
        first.claim()


def test_what_another_window_took_away_is_not_imported(root):
    found = staged(root, ("1.jpg", 2), ("2.jpg", 0))
    found.append([Part(0, 0, 2)], b"ab")
    place.clear(root)
    with pytest.raises(UserError, match="choose the files again"):
        content(found)
    assert not found.complete


def test_a_full_disk_is_said_and_what_was_there_stays(root, monkeypatch):
    found = staged(root, ("1.jpg", 8))
    found.append([Part(0, 0, 2)], b"ab")
    write = os.open

    def full(*args: object, **named: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(UserError, match=r"No space left.*go on"):
        found.append([Part(0, 2, 6)], b"cdefgh")
    monkeypatch.setattr(os, "open", write)
    assert found.append([Part(0, 2, 6)], b"cdefgh") == []
    assert content(found) == {"1.jpg": b"abcdefgh"}


def test_no_room_is_said_before_anything_is_sent(root, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, 150_000_000))
    with pytest.raises(UserError, match="no room"):
        staged(root, ("1.zip", 60_000_000))
    assert staged(root, ("1.zip", 40_000_000)).listed


def test_a_link_in_place_of_a_folder_or_file_leads_nowhere(root, tmp_path):
    found = staged(root, ("1.jpg", 2))
    target = tmp_path / "outside"
    target.mkdir()
    (root / place.FOLDER).symlink_to(target)
    with pytest.raises(UserError):
        found.append([Part(0, 0, 2)], b"ab")
    (target / "old").mkdir()
    os.utime(target / "old", (0, 0))
    place.tidy(root)
    found.remove()
    assert [path.name for path in target.iterdir()] == ["old"]


def test_what_nobody_went_on_with_goes_after_a_day(root):
    old, new = staged(root, ("1.jpg", 2)), staged(root, ("1.jpg", 2), name="b" * 32)
    for each in (old, new):
        each.append([Part(0, 0, 1)], b"a")
    os.utime(old.folder, (time.time() - 25 * 3600,) * 2)
    place.tidy(root)
    assert [path.name for path in (root / place.FOLDER).iterdir()] == [new.name]
    # Its browser begins anew.
    assert old.append([Part(0, 1, 1)], b"b") == [(0, 0)]
