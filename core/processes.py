"""The process at work on a folder, noted in the folder's process.json by pid and creation time: a pid alone may belong
to another by tomorrow. Its command line ends in the folder, so that it is found where the note is damaged."""

from __future__ import annotations

from pathlib import Path

import psutil

from core.sealed import seal, unseal
from core.writing import write_whole

_NOTE = "process.json"


def note(folder: Path, pid: int) -> None:
    """Remember the process. Raises OSError."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        created = 0.0
    write_whole(folder / _NOTE, seal({"pid": pid, "created": created}))


def noted_ns(folder: Path) -> int | None:
    """When it was noted, in nanoseconds (Unix); None where none is."""
    try:
        return (folder / _NOTE).stat().st_mtime_ns
    except OSError:
        return None


def forget(folder: Path) -> None:
    """Make ready for a new process. Raises OSError."""
    (folder / _NOTE).unlink(missing_ok=True)


def find(folder: Path) -> psutil.Process | None:
    """The process, if it lives; a zombie does not."""
    try:
        noted = unseal((folder / _NOTE).read_text(encoding="utf-8"))
        process = psutil.Process(noted["pid"])
        same = abs(process.create_time() - noted["created"]) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, psutil.Error):
        return None
    except (OSError, ValueError, TypeError, KeyError):
        return _by_command_line(folder)


def _by_command_line(folder: Path) -> psutil.Process | None:
    alive = [
        process
        for process in psutil.process_iter(["cmdline", "create_time"])
        if (process.info["cmdline"] or [""])[-1] == str(folder) and "-m" in process.info["cmdline"]
    ]
    # A child may have its parent's command line.
    return min(alive, key=lambda process: process.info["create_time"], default=None)
