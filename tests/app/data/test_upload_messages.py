"""What the upload in the browser sends: checked, done once, and answered so that it can go on."""

from __future__ import annotations

import asyncio
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from core.data.collect import new_dataset
from core.data.collect.staging import place
from core.schema.labels import TWO_CLASSES
from core.ui.data.upload import messages, route
from core.ui.data.upload.received import Received

UPLOAD, WINDOW = "a" * 32, "b" * 32


@pytest.fixture
def received(own_home: Path) -> Received:
    return Received(new_dataset.make("class", TWO_CLASSES))


def told(received: Received, number: int, **other: Any) -> dict[str, Any]:
    """What every message says."""
    return {"id": f"{number:032}", "upload": UPLOAD, "window": WINDOW, "folder": str(received.root)} | other


def answer(received: Received, number: int, kind: str, **other: Any) -> dict[str, Any]:
    message = messages.read(told(received, number, kind=kind, **other))
    assert message
    received.take(message)
    return {name: value for name, value in received.answer.items() if name != "id"}


def offer(received: Received, number: int, *files: tuple[str, int], **other: Any) -> dict[str, Any]:
    return answer(received, number, "offer", **{"first": True, "last": True, "files": [*map(list, files)]} | other)


def piece(received: Received, parts: list[list[int]], data: bytes, **other: Any) -> bytes:
    return json.dumps(told(received, 9, parts=parts, **other)).encode() + b"\n" + data


def post(address: str, body: bytes) -> tuple[int, Any]:
    """The status and what the server answers to a request."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "POST", "path": address, "raw_path": address.encode(), "query_string": b"",
        "headers": [], "http_version": "1.1", "scheme": "http", "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=route.routes())(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_files_are_offered_sent_and_complete(received):
    assert offer(received, 1, ("mask/1.jpg", 5), last=False) == {"have": [], "skipped": []}
    assert offer(received, 2, (".DS_Store", 9), ("2.jpg", 3), first=False) == {"have": [], "skipped": [1]}
    assert received.take_piece(piece(received, [[0, 0, 5], [2, 0, 1]], b"ab\ncdx"))["astray"] == []
    assert answer(received, 3, "sent") == {"complete": False}
    assert received.take_piece(piece(received, [[2, 1, 2]], b"yz"))["astray"] == []
    assert answer(received, 4, "sent") == {"complete": True}
    assert received.complete
    [members] = received.staged.batches()
    assert [member.open().read() for member in members[::2]] == [b"ab\ncd", b"xyz"]
    received.finish()
    assert (received.imported, received.complete) == (UPLOAD, False)
    assert list((received.root / place.FOLDER).iterdir()) == []


def test_a_message_that_comes_twice_is_done_once(received):
    for _ in range(2):
        offer(received, 1, ("1.jpg", 5))
    assert len(received.staged.files) == 1


def test_a_server_that_was_started_anew_says_what_it_has(received):
    offer(received, 1, ("1.jpg", 5))
    received.take_piece(piece(received, [[0, 0, 3]], b"abc"))
    anew = Received(received.root)
    assert anew.take_piece(piece(anew, [[0, 3, 2]], b"de"))["unknown"]
    assert answer(anew, 1, "check", parts=[]) == {"unknown": True}
    assert offer(anew, 2, ("1.jpg", 5)) == {"have": [(0, 3)], "skipped": []}
    assert answer(anew, 3, "check", parts=[[0, 0, 3], [0, 0, 4]]) == {"digests": [zlib.crc32(b"abc"), -1]}
    assert answer(anew, 4, "anew", files=[0]) == {"complete": False}
    assert anew.take_piece(piece(anew, [[0, 3, 2]], b"de"))["astray"] == [(0, 0)]
    assert answer(anew, 5, "drop") == {"complete": False}
    assert anew.staged is None


def test_another_window_waits(received):
    offer(received, 1, ("1.jpg", 5))
    other = Received(received.root)
    assert offer(other, 2, ("1.jpg", 5), window="c" * 32) == {"busy": True}
    assert offer(other, 3, ("1.jpg", 5), window="c" * 32, upload="d" * 32) == {"have": [], "skipped": []}


def test_a_problem_is_a_sentence(received):
    assert "5 GB" in offer(received, 1, ("1.zip", 6_000_000_000))["error"]
    assert not received.complete
    aside = received.root.rename(received.root.parent / "aside")
    offer(received, 2, ("1.jpg", 0))
    assert "error" in offer(received, 3, ("1.jpg", 5))
    aside.rename(received.root)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "other"}, {"id": "../x"}, {"upload": "../" + "a" * 29}, {"window": 5}, {"folder": 1}, {"first": 1},
        {"files": [["1.jpg", -1]]}, {"files": [["1.jpg", 1.5]]}, {"files": [["1.jpg"]]}, {"files": [[1, 1]]},
        {"files": [["1.jpg", 10**18]]}, {"files": [["x" * 5001, 1]]}, {"files": [["1.jpg", 1]] * 2001}, {"more": 1},
    ],
)  # fmt: skip
def test_what_the_upload_does_not_send_is_passed_over(received, wrong):
    right = told(received, 1, kind="offer", first=True, last=True, files=[["1.jpg", 1]])
    assert messages.read(right)
    assert messages.read(right | wrong) is None
    assert messages.read(None) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"no line", b"{}\nabc", b'{"parts": [[0, 0, -1]]}\n', b"\xff\n" + b"x" * 5],
)  # fmt: skip
def test_a_body_that_is_no_piece_is_an_error(received, body):
    offer(received, 1, ("1.jpg", 5))
    assert "error" in received.take_piece(body)


def test_pieces_come_by_an_address_that_only_their_session_knows(received):
    offer(received, 1, ("1.jpg", 5))
    address = route.address(received)
    assert address == route.address(received) != route.address(Received(received.root))
    assert post(address, piece(received, [[0, 0, 5]], b"abcde")) == (200, {"id": f"{9:032}", "astray": []})
    assert received.complete
    assert post(address[:-1], b"") == (404, {"gone": True})
    assert post(address, b"x" * (route.MOST_BYTES + 1))[0] == 413
    assert "error" in post(address, piece(received, [[0, 0, 5]], b"abcde", folder="/etc"))[1]
