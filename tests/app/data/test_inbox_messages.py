"""What a browser sends to the inbox: done once and in order, and passed over where the page sends no such thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from core.data.collect import new_dataset
from core.data.collect.inbox import crops
from core.data.collect.inbox.table import Note
from core.schema.labels import TWO_CLASSES, Label
from core.ui.data.inbox import component, view
from tests.fixtures.support import picture


@pytest.fixture
def root(own_home: Path, tmp_path: Path) -> Iterator[Path]:
    folder = new_dataset.make("class", TWO_CLASSES)
    picture(1).save(tmp_path / "face.jpg")
    crops.keep(folder, (tmp_path / "face.jpg").read_bytes(), "burst", "live", Note(None, Label.MASK))
    yield folder
    st.session_state.clear()


def _sent(root: Path, *actions: dict[str, Any], client: str = "one") -> None:
    st.session_state[component.KEY] = {"actions": {"client": client, "actions": list(actions)}}
    view._acted(root)


def _photos(root: Path) -> list[str]:
    return sorted(path.relative_to(root).parent.as_posix() for path in root.rglob("*.jpg"))


def test_an_answer_is_done_once_however_often_it_comes_and_in_order(root):
    (file,) = crops.content(root)
    label = {"kind": "label", "file": file, "value": "mask", "number": 1}
    undo = {"kind": "undo", "number": 2}
    _sent(root, label)
    assert _photos(root) == ["mask/burst"]
    _sent(root, label, undo)
    _sent(root, label, undo)
    assert _photos(root) == [".inbox/burst"]
    third = {**label, "number": 3}, {"kind": "undo", "number": 4}, {"kind": "bin", "file": file, "number": 5}
    _sent(root, *third)
    assert _photos(root) == [".bin/.inbox/burst"], "an undo brings back what the next action is about"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "label", "value": "hat"}, {"kind": "label", "value": "wrong_mask"},
        {"kind": "label", "value": ["mask"]}, {"kind": "delete"}, {"kind": "undo"},
        {"kind": "label", "value": "mask", "file": "../x.jpg"},
        {"kind": "bin", "file": "mask/1.jpg"}, {"kind": "label", "value": "mask", "number": "1"},
    ],
)  # fmt: skip
def test_what_the_page_does_not_send_is_passed_over(root, wrong):
    (file,) = crops.content(root)
    _sent(root, {"file": file, "number": 1} | wrong)
    assert _photos(root) == [".inbox/burst"]
