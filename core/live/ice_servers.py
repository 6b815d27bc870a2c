"""Read the setting MASKLAB_ICE_SERVERS: the STUN and TURN servers that a webcam needs across a network."""

from __future__ import annotations

import json
from typing import Any

from core.schema.errors import UserError

SETTING = "MASKLAB_ICE_SERVERS"
_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")
_HELP = 'Give addresses separated by commas (stun:host:3478) or a JSON list ([{"urls": "turn:host", ...}]).'


def ice_servers(text: str | None) -> list[dict[str, Any]]:
    """The setting as WebRTC's list of {"urls", "username", "credential"}; empty for no setting.

    Raises UserError with a sentence for a value that a browser would refuse.
    """
    text = (text or "").strip()
    if not text:
        return []
    if not text.startswith(("[", "{")):
        return [_server(part.strip()) for part in text.split(",") if part.strip()]
    try:
        servers = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{SETTING} is not valid JSON ({error.msg} at character {error.pos}). {_HELP}") from None
    if not isinstance(servers, list):
        raise UserError(f"{SETTING} holds JSON that is not a list. {_HELP}")
    return [_server(server) for server in servers]


def _server(server: Any) -> dict[str, Any]:
    if isinstance(server, str):
        server = {"urls": server}
    urls = server.get("urls") if isinstance(server, dict) else None
    urls = [urls] if isinstance(urls, str) else urls
    if not urls or not isinstance(urls, list):
        raise UserError(f"{SETTING} holds an entry without urls. {_HELP}")
    for url in urls:
        if not str(url).startswith(_SCHEMES):
            raise UserError(f"{SETTING} holds {url!r}, which begins with none of {', '.join(_SCHEMES)}. {_HELP}")
    logins = [server.get("username"), server.get("credential")]
    if any(url.startswith("turn") for url in urls) and not all(isinstance(item, str) and item for item in logins):
        raise UserError(f'{SETTING} names a TURN server without "username" and "credential": give JSON with both.')
    login = dict(zip(("username", "credential"), logins, strict=True)) if all(logins) else {}
    return {"urls": urls} | login
