"""The webhook against real servers: what is posted, the one retry, redirects, slow and absent receivers, addresses."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.live.watch import webhook
from core.live.watch.webhook import Webhook, checked
from core.schema.errors import UserError
from tests.fixtures.support import wait_for


class Receiver(ThreadingHTTPServer):
    """Answers each POST with the next of `answers`, the last one for ever, and keeps what it got."""

    def __init__(self, answers: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.bodies, self.methods, self.hosts = answers, [], [], []
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
        server.hosts.append(self.headers["Host"])
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


_listening: list[list[str]] = []


def _heard(event: str, values: tuple) -> None:
    if event == "socket.connect" and _listening and isinstance(values[1], tuple):
        _listening[-1].append(values[1][0])


# Python itself tells of every connection, whoever opens it; who listens can't be taken away again.
sys.addaudithook(_heard)


@pytest.fixture
def connects() -> Iterator[list[str]]:
    """The IP addresses that this process connects to from now on."""
    _listening.append([])
    yield _listening[-1]
    _listening.clear()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a name lead to these addresses when it is first asked for, to the next ones the second time, and so on."""
    real, names = socket.getaddrinfo, {}

    def getaddrinfo(host, *args, **words):
        if host not in names:
            return real(host, *args, **words)
        addresses = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
        return [found for address in addresses for found in real(address, *args, **words)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return lambda name, *turns: names.update({name: list(turns)})


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


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[fe80::1%251]", "[fd00:ec2::254]",
        "[fd20:ce::254]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]", "[2002:a9fe:a9fe::1]",
        "[::169.254.169.254]", "[2001:0:4136:e378:8000:63bf:5601:5601]", "168.63.129.16", "100.100.100.200",
        "192.0.0.192", "224.0.0.1", "[ff02::1]", "[::ffff:224.0.0.1]", "2852039166", "0xa9fea9fe",
    ],
)  # fmt: skip
def test_a_clouds_own_address_gets_nothing(address: str, receive, connects):
    receive(200)
    hook = Webhook(f"http://{address}:80/latest/meta-data")
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "nothing is sent" in hook.problem and connects == []


@pytest.mark.parametrize("address", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost"])
def test_addresses_of_this_machine_are_posted_to(address: str, receive):
    server = receive(200)
    hook = Webhook(server.url.replace("127.0.0.1", address))
    hook.send({})
    wait_for(lambda: hook.sent == 1, 10)


def test_what_is_looked_at_is_what_is_connected_to(receive, connects, answers):
    server = receive(200)
    answers("door.test", ["127.0.0.1"], ["169.254.169.254"])
    hook = Webhook(server.url.replace("127.0.0.1", "door.test"))
    hook.send({})
    wait_for(lambda: hook.sent == 1, 10)
    assert connects == ["127.0.0.1"] and server.hosts == [f"door.test:{server.server_port}"]


def test_the_second_try_is_looked_at_too(receive, connects, answers):
    server = receive(500)
    answers("door.test", ["127.0.0.1"], ["127.0.0.1", "::ffff:169.254.169.254"])
    hook = Webhook(server.url.replace("127.0.0.1", "door.test"))
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "leads to ::ffff:169.254.169.254, to which nothing is sent" in hook.problem
    assert connects == ["127.0.0.1"]


def test_the_next_address_is_tried_where_one_does_not_answer(receive, connects, answers):
    server = receive(200)
    answers("door.test", ["127.0.0.2", "127.0.0.1"])
    hook = Webhook(server.url.replace("127.0.0.1", "door.test"))
    hook.send({})
    wait_for(lambda: hook.sent == 1, 10)
    assert connects == ["127.0.0.2", "127.0.0.1"]


def test_a_certificate_is_asked_for_by_name(receive, answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []
    server = receive(200)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "door.pem", "door.test"))
    context.sni_callback = lambda connection, name, own: asked.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "door.pem"))
    answers("door.test", ["127.0.0.1"])
    answers("other.test", ["127.0.0.1"])
    hook = Webhook(f"https://door.test:{server.server_port}/")
    hook.send({})
    wait_for(lambda: hook.sent == 1, 10)
    assert asked == ["door.test"] and server.hosts == [f"door.test:{server.server_port}"]
    hook = Webhook(f"https://other.test:{server.server_port}/")
    hook.send({})
    wait_for(lambda: hook.problem, 10)
    assert "certificate" in hook.problem and len(server.methods) == 1


def certificate(path: Path, name: str) -> Path:
    """A certificate of this computer's name that vouches for itself, with its key, written to `path`."""
    key = ec.generate_private_key(ec.SECP256R1())
    own, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = x509.CertificateBuilder(
        own, own, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    return path


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
