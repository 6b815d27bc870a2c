"""What a model file tells of its network, read without torch and without the weights: in milliseconds, where importing
torch alone takes seconds."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

from core.networks import checkpoint
from core.networks.checkpoint import ModelInfo
from core.schema.errors import UserError

# Digests of a million photos take less; what unpacks to more is no model file of ours.
_MOST_BYTES = 128 * 2**20


def read(path: Path) -> ModelInfo:
    """All but the weights, which stay on disk. Raises UserError for a missing, foreign or damaged file."""
    if not path.is_file():
        raise UserError(f"There is no model file {path}: check the path.")
    try:
        with zipfile.ZipFile(path) as archive:
            (entry,) = (entry for entry in archive.infolist() if entry.filename.endswith("/data.pkl"))
            if entry.file_size > _MOST_BYTES:
                raise ValueError("too large")
            # Read whole, so that its checksum is compared.
            content = _Info(io.BytesIO(archive.read(entry))).load()
    except Exception:
        # A damaged archive or pickle raises a dozen kinds of error; the answer is the same.
        raise checkpoint.unreadable(path) from None
    return checkpoint.understood(path, content)


class _Info(pickle.Unpickler):
    """Takes numbers, texts and collections as they are, None for each tensor, and nothing else: a file from elsewhere
    runs no code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name.startswith("_rebuild_"):
            return _no_tensor
        if module == "torch" and name.endswith("Storage"):
            return None
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a model file")

    def persistent_load(self, pid: object) -> None:
        """A tensor's numbers stay on disk."""


def _no_tensor(*_: object) -> None:
    return None
