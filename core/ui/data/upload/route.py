"""The address to which pieces of files are sent: beside Streamlit's own connection, on which a piece takes six times as
long, as text in a message, and keeps the page from being drawn."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from core.ui.data.upload.received import Received

MOST_BYTES = 8_300_000
"""Of a piece, and of the line before it that says what it is of."""
_PATH = "upload-piece"
# Who knows a session's token may send for it; it goes with the session.
_sessions: WeakValueDictionary[str, Received] = WeakValueDictionary()


def routes() -> list[Route]:
    """For the server."""
    return [Route(_address("{token}"), _take, methods=["POST"])]


def address(received: Received) -> str:
    """Where the session's browser sends its pieces."""
    if not received.token:
        received.token = secrets.token_urlsafe(24)
        _sessions[received.token] = received
    return _address(received.token)


def _address(token: str) -> str:
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return "/".join(["", *([base] if base else []), _PATH, token])


async def _take(request: Request) -> Response:
    received = _sessions.get(request.path_params["token"])
    if received is None:
        return JSONResponse({"gone": True}, 404)
    body = bytearray()
    try:
        async for some in request.stream():
            body += some
            if len(body) > MOST_BYTES:
                return JSONResponse({"error": "A piece of the files is too large: load the page anew."}, 413)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse(await run_in_threadpool(received.take_piece, body))
