"""sources.csv: written by many, by hand, and cut off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.data.collect import sources
from core.schema.errors import UserError


def test_none_are_known_at_first(tmp_path):
    assert sources.read(tmp_path) == {}
    sources.note(tmp_path, {})
    assert not (tmp_path / sources.FILE).exists()


def test_the_later_line_counts(tmp_path):
    sources.note(tmp_path, {"mask/a.jpg": "phone", 'mask/"odd", b.jpg': "web\nset"})
    sources.note(tmp_path, {"mask/a.jpg": "webcam"})
    assert sources.read(tmp_path) == {"mask/a.jpg": "webcam", 'mask/"odd", b.jpg': "web\nset"}
    sources.note(tmp_path, {"mask/a.jpg": ""})
    assert list(sources.read(tmp_path)) == ['mask/"odd", b.jpg']


def test_ten_at_once_lose_nothing(tmp_path):
    with ThreadPoolExecutor(10) as many:
        list(many.map(lambda place: sources.note(tmp_path, {f"mask/{place}.jpg": f"{place}"}), range(60)))
    assert sources.read(tmp_path) == {f"mask/{place}.jpg": f"{place}" for place in range(60)}


def test_a_line_that_was_cut_off_is_passed_over_and_the_next_stands_for_itself(tmp_path):
    sources.note(tmp_path, {"mask/a.jpg": "phone", "mask/b.jpg": "phone"})
    path = tmp_path / sources.FILE
    path.write_bytes(path.read_bytes()[:-4])
    assert sources.read(tmp_path) == {"mask/a.jpg": "phone"}
    sources.note(tmp_path, {"mask/c.jpg": "site"})
    assert sources.read(tmp_path)["mask/c.jpg"] == "site"


@pytest.mark.parametrize("content", [b"name,where\nmask/a.jpg,phone\n", b"\xff\xfe\x00\n", b"file\nmask/a.jpg\n"])
def test_what_is_no_such_table_is_said(tmp_path, content):
    (tmp_path / sources.FILE).write_bytes(content)
    with pytest.raises(UserError, match=sources.FILE.replace(".", r"\.")):
        sources.read(tmp_path)


def test_a_table_by_hand_with_a_byte_order_mark_and_backslashes(tmp_path):
    (tmp_path / sources.FILE).write_bytes(b"\xef\xbb\xbffile,source,who\r\nmask\\a.jpg,phone,me\r\n")
    assert sources.read(tmp_path) == {"mask/a.jpg": "phone"}


def test_files_are_taken_out_of_the_table(tmp_path):
    sources.note(tmp_path, {"mask/a.jpg": "phone", "mask/b.jpg": "phone"})
    sources.drop(tmp_path, ["mask/a.jpg", "mask/c.jpg"])
    assert sources.read(tmp_path) == {"mask/b.jpg": "phone"}
    assert "a.jpg" not in (tmp_path / sources.FILE).read_text()
    sources.drop(tmp_path, ["mask/b.jpg"])
    assert sources.read(tmp_path) == {}
