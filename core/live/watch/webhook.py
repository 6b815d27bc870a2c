"""Tell another program of an event: one HTTP POST of JSON to the user's address, never in the video's way."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from core.schema.errors import UserError

SETTING = "MASKLAB_WEBHOOK"
_SECONDS, _PAUSE_SECONDS = 3.0, 1.0
_AT_ONCE = 4
_LONGEST = 2000
# Where clouds give out a machine's passwords, beside the link-local addresses: Amazon, Google, Azure, Alibaba, Oracle.
_METADATA = tuple(
    ipaddress.ip_network(text)
    for text in ("fd00:ec2::/32", "fd20:ce::254/128", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32")
)
# IPv6 addresses that end in an IPv4 address: NAT64 (RFC 6052 and 8215) and those "compatible" with IPv4 (RFC 4291).
_LAST_32_BITS = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))


def checked(text: str) -> str:
    """The address without blanks around it. Raises UserError where nothing could be posted to it."""
    text = text.strip()
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        raise UserError("The webhook's address cannot be read: write it like https://example.org/door.") from None
    if address.scheme not in ("http", "https") or not address.hostname:
        raise UserError("The webhook's address must begin with http:// or https:// and name a computer.")
    if port == 0:
        raise UserError("The webhook's address names port 0, which no program can have.")
    if "@" in address.netloc:
        raise UserError("The webhook's address holds a name or password before the @: leave it out.")
    if len(text) > _LONGEST or not text.isascii() or any(sign <= " " or sign == "\x7f" for sign in text):
        raise UserError(f"The webhook's address holds blanks or letters that no address has, or over {_LONGEST} signs.")
    return text


class Webhook:
    """Posts to one address, each time in a thread of its own, at most four at a time, with one retry.

    The answer is not read beyond its status and redirects are not followed: who may set the address can make this
    machine knock at a door, and learns no more than whether it opened. `problem` says why the latest post failed.
    Raises UserError for an address that can't be used.
    """

    def __init__(self, url: str) -> None:
        self.url = checked(url)
        self.problem: str | None = None
        self.sent = 0
        self._places = threading.Semaphore(_AT_ONCE)
        self._lock = threading.Lock()

    def send(self, values: Mapping[str, Any]) -> None:
        """Post the values as JSON and return at once."""
        if self._places.acquire(blocking=False):
            threading.Thread(target=self._deliver, args=(json.dumps(values).encode(),), daemon=True).start()
        else:
            self.problem = "The webhook is too slow: an event was not sent."

    def _deliver(self, body: bytes) -> None:
        try:
            problem = _post(self.url, body)
            if problem:
                time.sleep(_PAUSE_SECONDS)
                problem = _post(self.url, body)
            with self._lock:
                self.problem = problem
                self.sent += problem is None
        finally:
            self._places.release()


def _post(url: str, body: bytes) -> str | None:
    """Post once; why it failed, or None."""
    address = urlsplit(url)
    try:
        places = _places(address)
        if refused := [place[0] for _, place in places if _is_refused(place[0])]:
            return f"The webhook's address leads to {refused[0]}, to which nothing is sent."
        with contextlib.closing(_connected(address, places)) as connection:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "Mask Lab"})
            status = connection.getresponse().status
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        return f"The webhook cannot be reached ({getattr(error, 'strerror', None) or error or type(error).__name__})."
    if 300 <= status < 400:
        return f"The webhook answered {status}, a redirect, which is not followed: give the address it leads to."
    return None if status < 300 else f"The webhook answered {status} instead of taking the event."


def _places(address: SplitResult) -> list[tuple[int, tuple[Any, ...]]]:
    """Where the name leads, asked once: (family, socket address), whose first part is an IP address. Raises OSError."""
    found = socket.getaddrinfo(address.hostname, _port(address), type=socket.SOCK_STREAM)
    return [(family, place) for family, _, _, _, place in found]


def _port(address: SplitResult) -> int:
    return address.port or {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}[address.scheme]


def _is_refused(text: str) -> bool:
    """Whether an IP address, or the IPv4 address that it stands for, is one that clouds give out a machine's passwords
    at, or leads to more than one machine."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return any(
        one.is_link_local or one.is_multicast or any(one in network for network in _METADATA)
        for one in (address, *_embedded(address))
    )


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 one hands its packets on to."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    yield from filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())))
    if any(address in network for network in _LAST_32_BITS):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _connected(address: SplitResult, places: Sequence[tuple[int, tuple[Any, ...]]]) -> http.client.HTTPConnection:
    """A connection to the first of these places that answers. The name is not asked again, so that it can't lead
    elsewhere than what was checked; the Host line and the certificate are those of the name. Raises OSError."""
    problem = OSError("its name leads nowhere")
    for family, place in places:
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(_SECONDS)
            plain.connect(place)
            return _spoken(address, plain)
        except OSError as error:
            plain.close()
            problem = error
    raise problem


def _spoken(address: SplitResult, plain: socket.socket) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme == "https":
        context = ssl.create_default_context()
        secure = http.client.HTTPSConnection(host, _port(address), context=context)
        secure.sock = context.wrap_socket(plain, server_hostname=host)
        return secure
    connection = http.client.HTTPConnection(host, _port(address))
    connection.sock = plain
    return connection
