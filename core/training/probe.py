"""How fast this machine trains: a few steps of the real loop on noise, in a process like the trainer's, in seconds.

`python -m core.training.probe` reads the settings that matter as JSON and prints seconds as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from core import paths
from core.config import NO_WEIGHTS, TrainConfig
from core.errors import UserError
from core.quiet import Quiet

# What decides how long a photo takes; two labels or three make no difference.
COSTLY = ("backbone", "mode", "image_size", "batch_size", "augment", "robust", "optimizer", "precision")
# Raised when what is measured, or how, changes.
_RECORD = 2
_LARGEST_BATCH = 32
_PACKAGES = ("torch", "openvino", "numpy")
_SECONDS = 180
# How long a measurement beside other work stands before another is tried.
_STALE_SECONDS = 600


@dataclass(frozen=True)
class Speed:
    """Seconds: from the start of the process to the first step; a photo of training in an epoch; a photo that is looked
    at after an epoch, the first time and again; a photo of the final result; keeping a checkpoint. `quiet` says
    whether others left the processors alone meanwhile."""

    start: float
    step: float
    first_look: float
    look: float
    final: float
    save: float
    quiet: bool


def measure(config: TrainConfig) -> Speed:
    """Measured once on this machine and kept under cache/, unless it was made beside other work.

    Raises UserError where it can't be measured.
    """
    path = paths.home() / "cache" / "speed" / f"{_key(config)}.json"
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Speed(**json.loads(path.read_text()))
    told = json.dumps({name: getattr(config, name) for name in COSTLY})
    found = _in_process(told, int(time.monotonic() / _STALE_SECONDS))
    if found.quiet:
        with contextlib.suppress(OSError):
            _keep(path, json.dumps(asdict(found)))
    return found


@lru_cache(maxsize=64)
def _in_process(told: str, turn: int) -> Speed:
    from core.training.launch import KEPT_MEMORY  # noqa: PLC0415

    environment = KEPT_MEMORY | os.environ | {"PYTHONPATH": str(paths.PROJECT)}
    with Quiet() as quiet:
        started = time.monotonic()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "core.training.probe"], input=told, capture_output=True, text=True,
                cwd=paths.PROJECT, env=environment, timeout=_SECONDS, check=True,
            )  # fmt: skip
            own = json.loads(done.stdout.splitlines()[-1])
        except (OSError, ValueError, IndexError, subprocess.SubprocessError):
            raise UserError("How long it takes can't be measured: a short trial of this training failed.") from None
        whole = time.monotonic() - started
    return Speed(**own | {"start": whole - own.pop("trial"), "quiet": quiet.was})


def _key(config: TrainConfig) -> str:
    sort = [str(getattr(config, name)) for name in COSTLY]
    versions = [found.version for name in _PACKAGES for found in metadata.distributions(name=name)]
    threads = os.environ.get("OMP_NUM_THREADS", ""), os.cpu_count()
    said = repr((_RECORD, sort, versions, threads, tuple(platform.uname())))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        draft.write_text(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _trial(config: TrainConfig, classes: int) -> dict[str, float]:
    """The measurement itself; `trial` are the seconds that a real run would not need."""
    import torch  # noqa: PLC0415

    from core.networks.build import build  # noqa: PLC0415
    from core.training.loop import Training  # noqa: PLC0415
    from core.training.noise import NoisePhotos  # noqa: PLC0415

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    batch = min(config.batch_size, _LARGEST_BATCH)
    train, val = (NoisePhotos(count, classes, config.image_size) for count in (2 * batch, batch))
    config = config.model_copy(update={"epochs": 2, "batch_size": batch, "schedule": "constant"})
    ends: list[float] = []
    training = Training(
        config, build(config, classes), train, val, device, lambda share: ends.append(time.perf_counter()),
        train.marks,
    )  # fmt: skip
    began = time.perf_counter()
    epochs = training.epochs()
    next(epochs)
    first = time.perf_counter() - ends[-1]
    again = time.perf_counter()
    next(epochs)
    looked = len(val) + len(training.measured_again)
    found = {
        "step": (ends[-1] - again) / len(train),
        "look": (time.perf_counter() - ends[-1]) / looked,
        "first_look": first / looked,
        "save": _seconds(lambda: _saved(training)),
    }
    network = training.network.eval()
    with torch.inference_mode():
        images = train.preprocessing.normalise(train.load(range(batch)).pixels.to(device))
        found["final"] = min(_seconds(lambda: network(images).cpu()) for _ in range(2)) / batch
    return found | {"trial": time.perf_counter() - began}


def _saved(training) -> None:
    import torch  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=paths.home() if paths.home().is_dir() else None) as folder:
        torch.save(training.state(), Path(folder) / "trial.ckpt")


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Entry of the trial's process."""
    values = json.loads(sys.stdin.read())
    classes = 2 if values["backbone"] == "ResNetLogit" else 3
    config = TrainConfig.model_validate(values | {"dataset": "-", "weights": NO_WEIGHTS, "wrong_mask": classes > 2})
    print(json.dumps(_trial(config, classes)))


if __name__ == "__main__":
    main()
