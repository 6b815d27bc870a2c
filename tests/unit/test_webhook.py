"""The webhook against real servers: what is posted, the one retry, redirects, slow and absent receivers, addresses."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import UserError
from core.live import webhook
from core.live.webhook import Webhook, checked
from tests.support import wait_for


class Receiver(ThreadingHTTPServer):
    """Answers each POST with the next of `answers`, the last one for ever, and keeps what it got."""

    def __init__(self, answers: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.bodies, self.methods = answers, [], []
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/door?key=1"


class Handler(BaseHTTPRequestHandler):
    """Every method is answered, so that a followed redirect would show."""

    def do_POST(self) -> None:
        server = self.server
        server.hold.wait(10)
        server.methods.append((self.command, self.path))
        server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        status = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *words: object) -> None:
        """Quiet."""


@pytest.fixture
def receive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Receiver]]:
    """Start a receiver that gives these answers."""
    monkeypatch.setattr(webhook, "_PAUSE_SECONDS", 0.01)
    started = []

    def start(*answers: int) -> Receiver:
        started.append(Receiver(list(answers)))
        threading.Thread(target=started[-1].serve_forever, daemon=True).start()
        return started[-1]

    yield start
    for server in started:
        server.hold.set()
        server.shutdown()
        server.server_close()


def test_an_event_is_posted_as_json(receive):
    server = receive(204)
    hook = Webhook(f"  {server.url} ")
    hook.send({"event": 1, "label": "no_mask"})
    wait_for(lambda: hook.sent == 1, 10)
    assert server.methods == [("POST", "/door?key=1")]
    assert json.loads(server.bodies[0]) == {"event": 1, "label": "no_mask"}
    assert hook.problem is None


def test_a_failure_is_tried_once_more_and_then_told(receive):
    server = receive(500, 200)
    hook = Webhook(server.url)
    hook.send({})
    wait_for(lambda: hook.sent == 1, 10)
    assert len(server.methods) == 2 and hook.problem is None
    server.answers = [404]
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "answered 404" in hook.problem and len(server.methods) == 4


def test_a_redirect_is_not_followed(receive):
    server = receive(302)
    hook = Webhook(server.url)
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "redirect" in hook.problem
    assert {path for _, path in server.methods} == {"/door?key=1"}


def test_an_absent_receiver_is_told(receive):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        receive(200)
        hook = Webhook(f"http://127.0.0.1:{taken.getsockname()[1]}")
        hook.send({})
        wait_for(lambda: hook.problem, 10)
    assert "cannot be reached" in hook.problem


def test_a_receiver_that_never_answers_takes_four_events_and_no_more(receive):
    server = receive(200)
    server.hold.clear()
    hook = Webhook(server.url)
    for _ in range(6):
        hook.send({})
    assert "too slow" in hook.problem
    server.hold.set()
    wait_for(lambda: hook.sent == 4, 15)


def test_a_clouds_own_address_gets_nothing(receive, monkeypatch):
    monkeypatch.setattr(webhook.ipaddress.IPv4Address, "is_link_local", True)
    server = receive(200)
    hook = Webhook(server.url)
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "nothing is sent" in hook.problem and server.methods == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must begin with http"),
        ("example.org/door", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("ftp://example.org", "must begin with http"),
        ("http://", "must begin with http"),
        ("http://example.org:99999", "cannot be read"),
        ("http://[::1", "cannot be read"),
        ("http://example.org:0/", "port 0"),
        ("https://me:secret@example.org", "before the @"),
        ("http://example.org/a b", "blanks"),
        ("http://example.org/\r\nX-Header: 1", "blanks"),
        ("http://exämple.org/", "letters"),
        ("http://example.org/" + "x" * 2000, "2000"),
    ],
)
def test_an_address_that_cannot_be_used_is_a_sentence(text, words):
    with pytest.raises(UserError, match=words):
        checked(text)
