"""What a number was made with: versions, Mask Lab's commit, and the machine. Holds no name of a user or a computer."""

from __future__ import annotations

import platform
import subprocess
from datetime import datetime
from importlib import import_module, metadata
from pathlib import Path

import psutil

from core.schema.run_report import Commit, Facts
from core.store.paths import PROJECT

_PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "scikit-learn", "pillow", "opencv-python-headless",
    "plotly", "streamlit",
)  # fmt: skip
_SECONDS = 10


def machine_facts() -> Facts:
    """Of this moment and this machine."""
    return Facts(
        when=datetime.now().astimezone().isoformat(timespec="seconds"),
        python=platform.python_version(),
        packages={name: version for name in _PACKAGES if (version := _version(name))},
        commit=commit(PROJECT),
        os=_system(),
        cpu=_cpu(),
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count(),
        threads=psutil.cpu_count(),
        memory=psutil.virtual_memory().total,
        gpus=_gpus(),
    )


def commit(folder: Path) -> Commit | None:
    """The commit that a checkout's folder is at, and whether its files differ from it; None for any other folder, and
    where git can't be asked."""
    top = _ask("git", "-C", str(folder), "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != folder.resolve():
        return None
    name = _ask("git", "-C", str(folder), "rev-parse", "HEAD")
    # Without the lock, a report does not get in the way of the user's own git.
    changed = _ask("git", "--no-optional-locks", "-C", str(folder), "status", "--porcelain")
    return Commit(hash=name, dirty=bool(changed)) if name and changed is not None else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {kernel}"
    except (OSError, KeyError):
        return kernel


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    asked = named or (_ask("sysctl", "-n", "machdep.cpu.brand_string") if platform.system() == "Darwin" else "")
    return asked or platform.processor() or platform.machine()


def _gpus() -> tuple[str, ...]:
    # Only now, because torch takes seconds to load.
    cuda = import_module("torch").cuda
    return tuple(cuda.get_device_name(number) for number in range(cuda.device_count()))


def _ask(*command: str) -> str | None:
    """What a command prints, or None where it is missing, fails or does not answer."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
