"""What the camera in the browser sends: checked, done once, taken back only by who took it."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from core.data.collect import face_crop, incoming, new_dataset, sources
from core.data.faces.detector import FaceFinder
from core.data.images.decode import decode_bytes
from core.data.synthetic.demo import draw_scene
from core.schema.labels import TWO_CLASSES
from core.ui.data.camera import messages
from core.ui.data.camera.taken import Taken


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", TWO_CLASSES)


def _sent(root: Path, number: int = 1, **other: Any) -> dict[str, Any]:
    memory = io.BytesIO()
    draw_scene(["mask"], np.random.default_rng(1))[0].save(memory, "JPEG", quality=92)
    return {
        "kind": "photo", "id": str(UUID(int=number)), "folder": str(root), "label": "mask", "person": "Anna",
        "source": "webcam", "at": 1_700_000_000_123, "number": number,
        "picture": incoming.PREFIX + base64.b64encode(memory.getvalue()).decode(),
    } | other  # fmt: skip


def _answer(taken: Taken, sent: dict[str, Any]) -> dict[str, Any]:
    message = messages.read(sent)
    assert message
    taken.answer(message)
    return taken.answers[message.id]


def test_a_photo_is_kept_once_however_often_it_comes(root):
    taken, sent = Taken(), _sent(root)
    file = "mask/Anna/20231114T221320123-1.jpg"
    for session in (taken, taken, Taken()):
        assert _answer(session, sent) == {"kept": file}
    assert [path.relative_to(root).as_posix() for path in root.rglob("*.jpg")] == [file]
    whole = np.asarray(decode_bytes(incoming.jpeg_bytes(sent["picture"])))
    [face] = FaceFinder().find(whole)
    assert (root / file).read_bytes() == face_crop.jpeg(whole, face.box), "the face alone"
    assert sources.read(root) == {file: "webcam"}


def test_only_who_took_a_photo_takes_it_back(root):
    taken, sent = Taken(), _sent(root)
    _answer(taken, sent)
    back = {"kind": "back", "id": str(UUID(int=9)), "photos": [sent["id"]]}
    assert _answer(Taken(), back) == {"back": [], "stayed": [sent["id"]]}
    assert len(list(root.rglob("*.jpg"))) == 1
    assert _answer(taken, back) == {"back": [sent["id"]], "stayed": []}
    assert list(root.rglob("*.jpg")) == [] and sources.read(root) == {}


def test_what_can_not_be_kept_is_said_and_done_when_it_comes_again(root):
    taken = Taken()
    assert _answer(taken, _sent(root, 2, picture=incoming.PREFIX + "/9j/"))["refused"]
    assert "outside the folders" in _answer(taken, _sent(root, 3, folder="/etc"))["error"]
    assert _answer(taken, _sent(root, 4, person="../up"))["error"]
    aside = root.rename(root.parent / "aside")
    assert _answer(taken, _sent(root, 5))["error"]
    aside.rename(root)
    assert _answer(taken, _sent(root, 5))["kept"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "other"}, {"id": "../x"}, {"label": "hat"}, {"person": ""}, {"person": "x" * 61}, {"at": -1},
        {"at": 10**15}, {"number": 1.5}, {"picture": 5}, {"more": 1},
    ],
)  # fmt: skip
def test_what_the_camera_does_not_send_is_passed_over(root, wrong):
    assert messages.read(_sent(root) | wrong) is None
    assert messages.read(None) is None
