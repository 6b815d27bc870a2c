"""Thumbnails of watch mode, for a user who switched them on: a person in 36 pixels, deleted after a day."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.faces.detector import Box, widen
from core.store import paths

KEEP_HOURS = 24
# Head and shoulders in 6 x 6 pixels leave the face 3 x 3: enough to tell a red jacket from a white one. Familiar faces
# are still named at 7 x 10 pixels (Yip and Sinha, Perception 31, 2002).
SIDE, _MARGIN = 6, 0.5
_LOOK_EVERY_SECONDS = 60.0
# Taken by the one thread of this process that deletes, and never given back.
_sweeping = threading.Lock()


def keep(rgb: np.ndarray, box: Box) -> Path:
    """Store what the box and its surroundings look like in SIDE x SIDE pixels; the file. Raises OSError."""
    x0, y0, x1, y1 = widen(box, (rgb.shape[1], rgb.shape[0]), _MARGIN)
    small = Image.fromarray(np.ascontiguousarray(rgb[y0:y1, x0:x1])).resize((SIDE, SIDE), Image.Resampling.BOX)
    path = paths.watch_dir() / f"{time.strftime('%Y%m%d-%H%M%S')}_{uuid.uuid4().hex[:8]}.png"
    small.save(path)
    _sweep()
    return path


def stored() -> list[Path]:
    """The thumbnails that there are, newest first."""
    return sorted(paths.watch_dir().glob("*.png"), reverse=True)


def delete_all() -> int:
    """Delete every thumbnail; how many there were."""
    return _delete(stored())


def delete_old(now: float | None = None, hours: float = KEEP_HOURS) -> int:
    """Delete thumbnails older than `hours`; how many there were. `now` is in seconds since 1970."""
    now = time.time() if now is None else now
    return _delete(path for path in stored() if _age(path, now) > 3600 * hours)


def _delete(files: Iterable[Path]) -> int:
    deleted = 0
    for path in files:
        path.unlink(missing_ok=True)
        deleted += 1
    return deleted


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def _sweep() -> None:
    """Look for old thumbnails from now on, also when nobody looks at the page; one thread per process."""
    if _sweeping.acquire(blocking=False):
        threading.Thread(target=_sweep_on, daemon=True, name="thumbnails").start()


def _sweep_on() -> None:
    while True:
        time.sleep(_LOOK_EVERY_SECONDS)
        delete_old()
