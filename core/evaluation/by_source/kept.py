"""How well a dataset's sources can be told apart, as it was found out last: counts and names of sources alone, no
photo."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.data.dataset.scan import Scan
from core.evaluation.by_source.signal import Signal, Told
from core.evaluation.one_run.bootstrap import Estimate
from core.schema.labels import Label
from core.store import paths
from core.store.files import checked_json
from core.store.files.atomic import write_whole

# Raised when what is found is computed otherwise, so that an old record is not read as a new one.
_RECORD = 1


def key(scan: Scan, sources: Mapping[str, str], groups: Mapping[str, str]) -> str:
    """Tells these photos, with their labels, sources and groups (file -> ...), from all others."""
    rows = sorted((photo.digest, photo.label, sources[photo.file], groups[photo.file]) for photo in scan.photos)
    return checked_json.digest(repr((_RECORD, rows)).encode())


def read(root: Path) -> tuple[str, Signal] | None:
    """(the key of the photos that it is of, what was found); None where there is nothing, or nothing whole."""
    try:
        content = checked_json.unseal(_path(root).read_text(encoding="utf-8"))
        return content["of"], _signal(content["found"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def put(root: Path, of: str, found: Signal) -> None:
    """Keep it. Raises OSError."""
    path = _path(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, checked_json.seal({"of": of, "found": asdict(found)}))


def _signal(content: dict[str, Any]) -> Signal:
    labels = tuple(
        Told(Label(one["label"]), tuple(one["sources"]), one["photos"], Estimate(**one["balanced"]))
        for one in content["labels"]
    )
    return Signal(labels, {Label(label): tuple(names) for label, names in content["left_out"].items()})


def _path(root: Path) -> Path:
    name = hashlib.blake2b(str(root.resolve()).encode(), digest_size=8).hexdigest()
    return paths.home() / "cache" / "sources" / f"{name}.json"
