"""A file that a browser wants to send, and whether it need be sent at all."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from core.data.collect import burst
from core.data.collect.imports import kinds, members, names
from core.data.collect.imports.names import Refusal

_ZIP = ".zip"
_DIGITS = 32


class Offered(NamedTuple):
    """Its path as the browser gives it, unchecked, its size in bytes, and why it need not be sent, or nothing."""

    path: str
    size: int
    refusal: str

    @property
    def packed(self) -> bool:
        """Whether it is a ZIP to unpack, by its name."""
        return not self.refusal and self.path.lower().endswith(_ZIP)

    @property
    def place(self) -> str:
        """What it is called while it is on its way: no path of a browser is one here."""
        said = f"{self.size}\n{self.path}".encode(errors="surrogatepass")
        return hashlib.sha256(said).hexdigest()[:_DIGITS]


def look(path: str, size: int) -> Offered:
    """A file that is offered. What the import would refuse by its name or size is not sent, and refused by the import
    as in a ZIP."""
    return Offered(path, size, _refusal(path, size))


def _refusal(path: str, size: int) -> str:
    if names.is_leftover(path):
        return "a hidden or system file"
    if path.lower().endswith(_ZIP):
        return ""
    try:
        kind = kinds.kind(names.parts_of(path))
    except Refusal as refusal:
        return str(refusal)
    most = burst.LARGEST if kind is kinds.Kind.VIDEO else members.LARGEST
    return f"larger than {most / 1e6:,.0f} MB" if size > most else ""
