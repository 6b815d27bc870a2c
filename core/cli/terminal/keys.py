"""The ESC key, read while something else runs, on a terminal of either kind."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import msvcrt

    def _pressed_on_windows() -> bool:
        pressed = False
        while msvcrt.kbhit():
            key = msvcrt.getch()
            if key in (b"\x00", b"\xe0"):
                # The first half of an arrow or function key.
                msvcrt.getch()
            pressed |= key == _ESCAPE
        return pressed

else:
    import termios
    import tty

_ESCAPE = b"\x1b"


@contextmanager
def escape_key() -> Iterator[Callable[[], bool] | None]:
    """A function that says whether ESC was pressed since it was last asked; None where there is no keyboard: input
    from a file or a pipe, or a job in the background. Ctrl-C works as ever, and the terminal is left as it was."""
    if not sys.stdin or not sys.stdin.isatty():
        yield None
    elif sys.platform == "win32":
        yield _pressed_on_windows
    else:
        yield from _posix(sys.stdin.fileno())


def _posix(terminal: int) -> Iterator[Callable[[], bool] | None]:
    if os.tcgetpgrp(terminal) != os.getpgrp():
        # A background job that touches its terminal is stopped by the system.
        yield None
        return
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield lambda: _pressed(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pressed(terminal: int) -> bool:
    pressed = False
    while select.select([terminal], [], [], 0)[0]:
        keys = os.read(terminal, 1024)
        if not keys:
            break
        # Arrows and function keys begin with the same byte; ESC comes alone.
        pressed |= keys == _ESCAPE or keys.endswith(_ESCAPE)
    return pressed
