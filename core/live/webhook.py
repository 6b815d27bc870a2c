"""Tell another program of an event: one HTTP POST of JSON to the user's address, never in the video's way."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from core.errors import UserError

SETTING = "MASKLAB_WEBHOOK"
_SECONDS, _PAUSE_SECONDS = 3.0, 1.0
_AT_ONCE = 4
_LONGEST = 2000


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
    connection = _connection(address)
    try:
        connection.connect()
        peer = ipaddress.ip_address(connection.sock.getpeername()[0].partition("%")[0])
        # There, clouds give out a machine's passwords; no webhook lives there.
        if peer.is_link_local or peer.is_multicast:
            return f"The webhook's address leads to {peer}, to which nothing is sent."
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "Mask Lab"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"The webhook cannot be reached ({getattr(error, 'strerror', None) or error or type(error).__name__})."
    finally:
        connection.close()
    if 300 <= status < 400:
        return f"The webhook answered {status}, a redirect, which is not followed: give the address it leads to."
    return None if status < 300 else f"The webhook answered {status} instead of taking the event."


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    if address.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(address.hostname, address.port, timeout=_SECONDS, context=context)
    return http.client.HTTPConnection(address.hostname, address.port, timeout=_SECONDS)
