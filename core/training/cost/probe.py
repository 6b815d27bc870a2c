"""How fast this machine trains: a few steps of the real loop on noise, in a process like the trainer's, in seconds.

`python -m core.training.cost.probe PID` reads the settings that matter as JSON and prints seconds as JSON, for the
process of that number and no longer than it lives.
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
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from core.machine.contention import Quiet
from core.networks.registry import NETWORKS
from core.schema.effects import Effect
from core.schema.errors import UserError
from core.schema.train_config import NO_WEIGHTS, TrainConfig, affecting
from core.store import paths

if TYPE_CHECKING:
    from core.training.loop import Training

# What decides how long a photo takes; two labels or three make no difference. The key of kept measurements names them
# in this order: with the last two in the fields' own places, those that users have would no longer be found.
COSTLY = tuple(sorted(affecting(Effect.STEP), key=("optimizer", "precision").__contains__))
# Raised when what is measured, or how, changes.
_RECORD = 2
_LARGEST_BATCH = 32
_PACKAGES = ("torch", "openvino", "numpy")
_SECONDS = 180
# How long a measurement beside other work stands before another is tried.
_STALE_SECONDS = 600
# How often a measurement looks whether it is still wanted.
_LOOK_SECONDS = 0.3
_NICE = 10


@dataclass(frozen=True)
class Speed:
    """Seconds: from the start of the process to the first step; a photo of training in an epoch; a photo that is
    evaluated after an epoch, the first time and again; a photo of the final result; keeping a checkpoint. `quiet` says
    whether others left the processors alone meanwhile."""

    start: float
    step: float
    first_look: float
    look: float
    final: float
    save: float
    quiet: bool


class Unwanted(Exception):
    """Nobody waits for this measurement any more, or a training has the machine."""


_recent: dict[tuple[str, int], Speed] = {}


def measure(config: TrainConfig, wanted: Callable[[], bool] = lambda: True) -> Speed:
    """Measured once on this machine and kept under cache/, unless it was made beside other work. One at a time: another
    process's measurement is waited for.

    Raises UserError where it can't be measured, and Unwanted as soon as `wanted` says no to what is not known yet.
    """
    path = paths.home() / "cache" / "speed" / f"{_key(config)}.json"
    told = json.dumps({name: getattr(config, name) for name in COSTLY})
    turn = told, int(time.monotonic() / _STALE_SECONDS)
    if found := _kept(path) or _recent.get(turn):
        return found
    with _alone(path.parent, wanted):
        if found := _kept(path):
            return found
        found = _recent[turn] = _in_process(told, wanted)
        if found.quiet:
            with contextlib.suppress(OSError):
                _keep(path, json.dumps(asdict(found)))
    return found


def _kept(path: Path) -> Speed | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Speed(**json.loads(path.read_text()))
    return None


@contextlib.contextmanager
def _alone(folder: Path, wanted: Callable[[], bool]) -> Iterator[None]:
    """No other process that shares this home measures meanwhile, where the disk lets us tell it."""
    lock = FileLock(folder / ".lock")
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            while not lock.is_locked:
                if not wanted():
                    raise Unwanted
                with contextlib.suppress(Timeout):
                    stack.enter_context(lock.acquire(timeout=_LOOK_SECONDS))
        yield


def _in_process(told: str, wanted: Callable[[], bool]) -> Speed:
    from core.training.lifecycle.launch import KEPT_MEMORY

    environment = KEPT_MEMORY | os.environ | {"PYTHONPATH": str(paths.PROJECT)}
    with Quiet() as quiet:
        started = time.monotonic()
        try:
            with subprocess.Popen(
                [sys.executable, "-m", "core.training.cost.probe", str(os.getpid())], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=paths.PROJECT, env=environment,
            ) as process:  # fmt: skip
                own = json.loads(_said(process, told, wanted).splitlines()[-1])
        except (OSError, ValueError, IndexError, subprocess.SubprocessError):
            raise UserError("How long it takes can't be measured: a short trial of this training failed.") from None
        whole = time.monotonic() - started
    return Speed(**own | {"start": whole - own.pop("trial"), "quiet": quiet.was})


def _said(process: subprocess.Popen[str], told: str, wanted: Callable[[], bool]) -> str:
    """What the trial prints; it is killed when nobody wants it any more, or it takes too long."""
    ends = time.monotonic() + _SECONDS
    given: str | None = told
    try:
        # A page that is used meanwhile comes first.
        psutil.Process(process.pid).nice(_NICE)
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(given, timeout=_LOOK_SECONDS)[0]
            given = None
            if not wanted():
                raise Unwanted
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired(process.args, _SECONDS)
    except psutil.Error as error:
        raise OSError(str(error)) from None
    finally:
        process.kill()


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
    import torch

    from core.networks.build import build
    from core.training.cost.noise import NoisePhotos
    from core.training.loop import Training

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


def _saved(training: Training) -> None:
    import torch

    with tempfile.TemporaryDirectory(dir=paths.home() if paths.home().is_dir() else None) as folder:
        torch.save(training.state(), Path(folder) / "trial.ckpt")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _end_with(asker: int) -> None:
    # Its number alone would be enough if nobody left ended processes standing.
    parent = os.getppid()
    while os.getppid() == parent and psutil.pid_exists(asker):
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def main() -> None:
    """Entry of the trial's process; it ends with the server that asked, which may have gone by now."""
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    values = json.loads(sys.stdin.read())
    classes = 2 if NETWORKS[values["backbone"]].one_logit else 3
    config = TrainConfig.model_validate(values | {"dataset": "-", "weights": NO_WEIGHTS, "wrong_mask": classes > 2})
    print(json.dumps(_trial(config, classes)))


if __name__ == "__main__":
    main()
