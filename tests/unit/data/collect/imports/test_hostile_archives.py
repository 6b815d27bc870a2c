"""Archives made to do harm, or just damaged: nothing is written elsewhere, and each file is refused with its reason."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from core.data.collect.imports import members, names
from core.data.collect.imports.bring_in import Wanted, bring_in
from core.data.collect.imports.tally import Tally
from core.schema.errors import UserError
from tests.fixtures.import_support import packed


def imported(root: Path, data: bytes) -> Tally:
    tally = Tally()
    bring_in(root, [members.of_zip(io.BytesIO(data), "x.zip")], Wanted(), tally, lambda done, total: None)
    return tally


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("mask/../../../escaped.jpg", "leads out"), ("../mask/escaped.jpg", "leads out"),
        ("/mask/escaped.jpg", "absolute"), ("C:/mask/escaped.jpg", "absolute"), ("mask\\escaped.jpg", "backslashes"),
        ("mask/a\nescaped.jpg", "control"), ("mask/\u2028escaped.jpg", "control"),
        (f"mask/{'a/' * 600}escaped.jpg", "more than 1000"),
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere(tmp_path, root, inside, photo_bytes, path, word):
    tally = imported(root, packed({path: photo_bytes(1), "mask/good.jpg": photo_bytes(2)}))
    assert [word in reason for _, reason in tally.refused] == [True]
    assert inside() == ["mask/good.jpg"]
    assert not list(tmp_path.rglob("*escaped*"))


def test_links_are_not_made(root, inside):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("mask/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert imported(root, out.getvalue()).refused == [("mask/link.jpg", names.NO_FILE)]
    assert inside() == []


def test_an_encrypted_photo_is_refused(root, photo_bytes):
    data = bytearray(packed({"mask/1.jpg": photo_bytes(1)}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 0x1
    [(_, reason)] = imported(root, bytes(data)).refused
    assert reason.startswith("encrypted")


def test_other_ways_of_packing_are_refused(root, photo_bytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("mask/1.jpg", photo_bytes(1))
    [(_, reason)] = imported(root, out.getvalue()).refused
    assert "a method that is not read" in reason


def test_bombs_are_refused_by_their_ratio_and_by_their_size(root, photo_bytes, monkeypatch):
    [(_, reason)] = imported(root, packed({"mask/1.bmp": bytes(3_000_000)})).refused
    assert "decompression bomb" in reason
    monkeypatch.setattr(members, "_MOST_RATIO", 10_000)
    [(_, reason)] = imported(root, packed({"mask/1.bmp": bytes(members.LARGEST + 1)})).refused
    assert reason == "larger than 100 MB"


def test_a_size_that_is_a_lie_is_damage(root, photo_bytes):
    data = bytearray(packed({"mask/1.jpg": bytes(500_000)}))
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    [(_, reason)] = imported(root, bytes(data)).refused
    assert "can't be read" in reason


def test_a_damaged_member_leaves_the_others(root, inside, photo_bytes):
    data = bytearray(packed({"mask/1.jpg": photo_bytes(1), "mask/2.jpg": photo_bytes(2)}))
    place = data.index(b"mask/1.jpg") + 200
    data[place : place + 40] = bytes(40)
    [(file, reason)] = imported(root, bytes(data)).refused
    assert file == "mask/1.jpg" and "can't be read" in reason
    assert inside() == ["mask/2.jpg"]


def test_too_many_files_or_bytes_are_refused_before_anything_is_written(root, inside, photo_bytes, monkeypatch):
    files = {f"mask/{seed}.jpg": photo_bytes(seed) for seed in range(4)} | {f"mask/._{seed}": b"" for seed in range(9)}
    monkeypatch.setattr(members, "MOST_FILES", 3)
    with pytest.raises(UserError, match="holds 4 files; at most 3"):
        imported(root, packed(files))
    monkeypatch.setattr(members, "MOST_FILES", 4)
    monkeypatch.setattr(members, "MOST_BYTES", len(photo_bytes(0)))
    with pytest.raises(UserError, match="GB unpacked"):
        imported(root, packed(files))
    assert inside() == []


def test_fifty_thousand_files_are_the_most():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(50_001):
            archive.writestr(f"mask/{number}.jpg", b"")
    with pytest.raises(UserError, match="50,001 files"):
        members.of_zip(io.BytesIO(out.getvalue()), "x.zip")


@pytest.mark.parametrize("data", [b"", b"no zip", packed({"mask/1.jpg": b"x" * 100})[:-30]])
def test_what_is_no_zip_is_a_sentence(data):
    with pytest.raises(UserError, match=r"x\.zip can't be unpacked"):
        members.of_zip(io.BytesIO(data), "x.zip")


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(tmp_path):
    most = members._LONGEST_PIECE
    path = tmp_path / "x.zip"
    with path.open("wb") as file:
        # Takes no room on the disk: a hole, and an end that says that all of it is a list of files.
        file.truncate(2 * most)
        file.seek(0, 2)
        file.write(b"PK\x05\x06" + bytes(8) + (2 * most).to_bytes(4, "little") + bytes(6))
    with path.open("rb") as file, pytest.raises(UserError, match="too much in one piece"):
        members.of_zip(file, "x.zip")
