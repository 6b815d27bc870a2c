"""Measure the ways to run a network on this machine, and take the fastest that agrees with torch."""

from __future__ import annotations

import hashlib
import logging
import math
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from core.data.record import Record
from core.live.runtimes import agree, int8, kinds, real
from core.live.runtimes.kinds import Runtime
from core.networks import ov
from core.networks.files import Trained
from core.quiet import Quiet

_LOG = logging.getLogger(__name__)
TORCH = "torch"
# Raised when what is measured, or how, changes.
_RECORD = 3
_ROUNDS, _LEAST_ROUNDS, _SECONDS = 12, 3, 0.5
_PACKAGES = ("torch", "onnxruntime", "openvino", "onnx")
Builder = Callable[[], Runtime]


@dataclass(frozen=True)
class Choice:
    """What runs the network here. `milliseconds` of every runtime that agrees with torch are for one face, the best of
    a few; `left_out` has the others with the reason. `apart` is how far each one's probabilities are from torch's at
    most, on so many drawn `pictures`; where that is not next to nothing, `turned` of the decisions about so many real
    `photos` are others."""

    name: str
    milliseconds: dict[str, float]
    left_out: dict[str, str]
    apart: dict[str, float]
    pictures: int
    photos: int = 0
    turned: int = 0

    @property
    def speedup(self) -> float:
        """How many times as fast as torch on its own."""
        return self.milliseconds[TORCH] / self.milliseconds[self.name]

    def __str__(self) -> str:
        took = f"{self.milliseconds[self.name]:.1f} ms a face"
        if self.name == TORCH:
            return f"Run by torch ({took}): nothing here that agrees with it is faster."
        photos = f"; on {self.photos} real photos {self.turned} of them turned ({agree.TURNED:.1%} are tolerated)"
        return (
            f"Run by {self.name}: {took}, {self.speedup:.1f} times as fast as torch. On {self.pictures} drawn pictures "
            f"its probabilities are at most {_rounded_up(self.apart[self.name])} from torch's ({agree.LARGEST} is "
            f"tolerated) and all decisions, pass or stop, the same{photos if self.photos else ''}."
        )


def choose(trained: Trained, quiet: Quiet | None = None) -> tuple[Runtime, Choice]:
    """The runtime and what is known of it. What was measured while nobody else used the processors is kept under cache/
    and taken again on the same machine while the model file and the packages are the same. Whatever fails but torch is
    left out."""
    from core.networks import graph  # noqa: PLC0415

    reference = kinds.Torch(graph.plain(trained), TORCH)
    waiting = dict(builders(trained))
    probes = agree.probes(trained.preprocessing.image_size)
    says = agree.softmax(reference.logits(probes), trained.temperature)

    def built(name: str) -> tuple[Runtime, float]:
        """The runtime and how far its probabilities are from torch's at most. Raises whatever the packages raise, and
        ValueError for a runtime that disagrees."""
        runtime = waiting[name]()
        # Several faces at once and one alone may take different ways through a runtime.
        alone = np.concatenate([runtime.logits(probes[n : n + 1]) for n in range(len(probes))])
        logits = np.concatenate([runtime.logits(probes), alone])
        twice = np.concatenate([says, says])
        found = agree.difference(twice, agree.softmax(logits, trained.temperature), trained.operating_point)
        if not found.agrees:
            raise ValueError(str(found))
        return runtime, found.largest

    def turned(runtime: Runtime) -> tuple[int, int]:
        return real.turned(trained, reference, runtime)

    record = Record(f"runtimes/{_here(trained.path)}", _RECORD, trained.path.parent.resolve())
    known: dict[str, Runtime] = {TORCH: reference}
    quiet = quiet or Quiet()
    choice = Choice(**record.of(
        trained.path.name, lambda _: asdict(_measured(waiting, built, turned, known, probes, quiet))
    ))  # fmt: skip
    if quiet.was:
        record.write()
    try:
        runtime = known.get(choice.name) or built(choice.name)[0]
    except Exception as error:
        _LOG.warning("%s: %s was the fastest but fails now (%s); torch runs it.", trained.path.name, choice.name, error)
        left_out = {choice.name: _sentence(error)}
        return reference, Choice(TORCH, {TORCH: choice.milliseconds[TORCH]}, left_out, {TORCH: 0.0}, len(probes))
    return runtime, choice


def builders(trained: Trained) -> Iterator[tuple[str, Builder]]:
    """The ways to run a network beside torch as it is, by name. A builder raises whatever its package raises."""
    from core.networks import graph  # noqa: PLC0415

    @cache
    def onnx() -> bytes:
        return graph.to_onnx(graph.folded(trained), trained.preprocessing.image_size, "logits")

    @cache
    def model() -> Any:
        return ov.read_openvino(onnx())

    folded = f"{TORCH}, BatchNorm folded"
    yield folded, lambda: kinds.Torch(graph.folded(trained), folded)
    yield kinds.OnnxRuntime.name, lambda: kinds.OnnxRuntime(onnx())
    yield "OpenVINO fp32", lambda: kinds.OpenVino(model(), "OpenVINO fp32", "f32")
    if ov.calculates_bf16():
        yield "OpenVINO bf16", lambda: kinds.OpenVino(model(), "OpenVINO bf16", "bf16")
    if int8.path_of(trained.path).exists():
        yield int8.NAME, lambda: int8.load(trained.path)


def _measured(
    names: Iterable[str],
    built: Callable[[str], tuple[Runtime, float]],
    turned: Callable[[Runtime], tuple[int, int]],
    known: dict[str, Runtime],
    probes: np.ndarray,
    quiet: Quiet,
) -> Choice:
    """Fills `known` with the runtimes that agree."""
    left_out, apart = {}, {TORCH: 0.0}
    for name in names:
        try:
            known[name], apart[name] = built(name)
        except Exception as error:
            left_out[name] = _sentence(error)
            _LOG.warning("%s is left out: %s.", name, left_out[name])
    with quiet:
        timings = _timed(known, probes[:1])
    while True:
        name = min(timings, key=timings.__getitem__)
        photos, others = turned(known[name]) if apart[name] > agree.EXACT else (0, 0)
        if others <= agree.TURNED * photos:
            return Choice(name, timings, left_out, apart, len(probes), photos, others)
        del timings[name]
        left_out[name] = f"pass or stop is another for {others} of {photos} real photos"
        _LOG.warning("%s is left out: %s.", name, left_out[name])


def _timed(known: dict[str, Runtime], square: np.ndarray) -> dict[str, float]:
    """Milliseconds, the best of some turns: what else the machine does can only add to them."""
    taken: dict[str, list[float]] = {name: [] for name in known}
    started = time.perf_counter()
    for turn in range(_ROUNDS):
        if turn >= _LEAST_ROUNDS and time.perf_counter() - started > _SECONDS:
            break
        for name, runtime in known.items():
            # The first call wakes this one's threads, and lets those of the one before go to sleep.
            runtime.logits(square)
            before = time.perf_counter()
            runtime.logits(square)
            taken[name].append(1000 * (time.perf_counter() - before))
    return {name: min(own) for name, own in taken.items()}


def _here(path: Path) -> str:
    """Names this machine, these packages and the model's int8 file: a change of one asks for measuring anew."""
    sidecar = int8.path_of(path)
    stamp = (sidecar.stat().st_size, sidecar.stat().st_mtime_ns) if sidecar.exists() else ()
    versions = [found.version for name in _PACKAGES for found in metadata.distributions(name=name)]
    said = repr((tuple(platform.uname()), kinds.threads(), versions, stamp))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def _rounded_up(apart: float) -> str:
    return f"{math.ceil(apart * 10_000) / 10_000:.4f}"


def _sentence(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
