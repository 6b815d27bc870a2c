"""ESC on a real terminal: heard alone, not as a part of an arrow key; the terminal is given back as it was."""

from __future__ import annotations

import os
import pty
import sys
import termios
from collections.abc import Iterator

import pytest

from core.cli.terminal import keys
from core.cli.terminal.keys import escape_key
from tests.fixtures.support import wait_for


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The far end of a terminal that is this process's input."""
    far, near = pty.openpty()
    monkeypatch.setattr(sys, "stdin", os.fdopen(near, "r", closefd=True))
    # Without a session of its own the test cannot be the terminal's foreground job.
    monkeypatch.setattr(keys.os, "tcgetpgrp", lambda terminal: os.getpgrp())
    yield far
    sys.stdin.close()
    os.close(far)


def test_escape_is_heard_and_other_keys_are_not(keyboard: int):
    before = termios.tcgetattr(sys.stdin.fileno())
    with escape_key() as pressed:
        assert not pressed()
        for other in (b"q", b"\n", b"\x1b[A", b"\x1bOP"):
            os.write(keyboard, other)
            assert not pressed()
        os.write(keyboard, b"\x1b")
        assert wait_for(pressed, 5)
        assert not pressed()
    assert termios.tcgetattr(sys.stdin.fileno()) == before


def test_the_terminal_is_given_back_after_a_failure(keyboard: int):
    before = termios.tcgetattr(sys.stdin.fileno())
    with pytest.raises(KeyboardInterrupt), escape_key():
        assert termios.tcgetattr(sys.stdin.fileno()) != before
        raise KeyboardInterrupt
    assert termios.tcgetattr(sys.stdin.fileno()) == before


def test_without_a_keyboard_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with escape_key() as pressed:
            assert pressed is None
