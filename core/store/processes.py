"""The process at work on a folder, which outlives whoever started it: started, found again, asked to stop and ended.

It is noted in the folder's process.json by pid and creation time: a pid alone may belong to another by tomorrow. Its
command line ends in the folder, so that it is found where the note is damaged.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from core.store import paths
from core.store.files.atomic import write_whole
from core.store.files.checked_json import seal, unseal

_NOTE = "process.json"


def spawn(folder: Path, module: str, arguments: Sequence[str], log_file: Path, defaults: Mapping[str, str]) -> None:
    """Run `python -m module arguments folder`, note it, and append what it prints to the log; `defaults` are variables
    of its environment where this one has no others. Raises OSError, and then nothing runs."""
    environment = dict(defaults) | os.environ | {"PYTHONPATH": str(paths.PROJECT), "PYTHONUNBUFFERED": "1"}
    with log_file.open("ab") as log:
        # Its own session: Ctrl-C and the death of the server or the terminal do not reach it.
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, str(folder)], stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True, cwd=paths.PROJECT, env=environment,
        )  # fmt: skip
    try:
        note(folder, process.pid)
    except OSError:
        # Nobody could find it again, to stop it.
        process.kill()
        raise


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


def ask_to_stop(process: psutil.Process) -> None:
    """Send SIGTERM, without waiting."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)


def wait_for_end(process: psutil.Process, seconds: float) -> None:
    """Until it has ended, but no longer than so: then it is killed. Processes that it has started are left alone."""
    deadline = time.monotonic() + seconds
    while _lives(process) and time.monotonic() < deadline:
        time.sleep(0.1)
    if _lives(process):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _by_command_line(folder: Path) -> psutil.Process | None:
    alive = [
        process
        for process in psutil.process_iter(["cmdline", "create_time"])
        if (process.info["cmdline"] or [""])[-1] == str(folder) and "-m" in process.info["cmdline"]
    ]
    # A child may have its parent's command line.
    return min(alive, key=lambda process: process.info["create_time"], default=None)
