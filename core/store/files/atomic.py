"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft to write, which takes the file's place at the end of the block; the file is as it was where the block
    raises. Raises OSError, as on a full disk."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """The whole file or none of it, and on the disk when this returns. Raises OSError, as on a full disk."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
