"""What the commands share: progress on a terminal, percentages, and files that must be writable before long work."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from core.schema.errors import UserError
from core.text import numbers


class LiveLine:
    """A line on stderr that rewrites itself; on anything but a terminal only `say` prints."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Replace the line's text."""
        if self._on:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{text[:width]}", end="", file=sys.stderr, flush=True)

    def count(self, what: str, done: int, total: int) -> None:
        """Show how far a count is."""
        self.show(f"{what}: {done} of {total}")

    def clear(self) -> None:
        """Leave an empty line for other output."""
        self.show("")

    def say(self, text: str) -> None:
        """A whole line that stays, terminal or not."""
        self.clear()
        print(text, file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """A sentence of pages and reports without Markdown's stars and spaces that do not break."""
    return text.replace("**", "").replace(numbers.NO_BREAK_SPACE, " ")


def percent(share: float) -> str:
    """A share of 0..1 in percent with two decimals."""
    return plain(numbers.percent(share, 2))


def interval(low_high: tuple[float, float]) -> str:
    """A 95 % interval of shares in percent."""
    return f"{100 * low_high[0]:.2f}–{100 * low_high[1]:.2f} %"


def check_writable(path: Path | None, *inputs: str | Path) -> None:
    """Raises UserError when a file can't be written there or is one of the inputs; leaves and changes no file."""
    if path is None:
        return
    if path.resolve() in {Path(item).resolve() for item in inputs}:
        raise UserError(f"{path} is an input and would be overwritten: choose another path.")
    new = not path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}): choose another path.") from None
    if new:
        path.unlink()
