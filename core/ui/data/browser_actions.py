"""What a component in the browser asks for. It sends an action until it has seen that it is done, so that none is lost,
and each is done once."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import streamlit as st


class Done(NamedTuple):
    """How many of one browser's actions are done."""

    client: str = ""
    number: int = 0


def done(key: str) -> Done:
    """What the component of that key is told."""
    return st.session_state.get(f"{key}_done", Done())


def new(key: str) -> Iterator[Mapping[str, Any]]:
    """The component's actions that are not done yet, the oldest first, each as done once it is given. They come from
    outside: nothing is known of what is in them."""
    client, sent = _sent(key)
    before = done(key)
    number = before.number if before.client == client else 0
    for action in sent:
        own = action.get("number")
        if isinstance(own, int) and own > number:
            number = own
            yield action
    st.session_state[f"{key}_done"] = Done(client, number)


def picture(jpeg: bytes | None) -> str:
    """A JPEG as an address that a component can show; empty where there is none."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""


def _sent(key: str) -> tuple[str, list[Mapping[str, Any]]]:
    """The browser's name for itself, and its actions that it does not know to be done."""
    message = dict(st.session_state.get(key) or {}).get("actions")
    if not isinstance(message, dict) or not isinstance(message.get("actions"), list):
        return "", []
    return str(message.get("client", ""))[:40], [one for one in message["actions"] if isinstance(one, dict)]
