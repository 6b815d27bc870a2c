"""Measure the backends for a network on this machine, and take the fastest that agrees with torch, torch itself only
where it is much faster: it takes seconds to import."""

from __future__ import annotations

import hashlib
import logging
import math
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset.scan_cache import Record
from core.inference.runtimes import agreement, int8, kinds, network_cache
from core.inference.runtimes.kinds import Runtime
from core.inference.runtimes.network_cache import Ready
from core.inference.runtimes.torch_reference import Judge
from core.machine import openvino_core
from core.machine.contention import Quiet
from core.networks.checkpoint import ModelInfo, Trained

_LOG = logging.getLogger(__name__)
TORCH = "torch"
_FOLDED = f"{TORCH}, BatchNorm folded"
_TORCHES = (TORCH, _FOLDED)
_BF16 = "OpenVINO bf16"
_LOWER = (_BF16, int8.NAME)
# How much faster torch has to be than all others to be worth the seconds in which it is imported.
_WORTH_IMPORTING = 1.5
# Raised when what is measured, or how, changes.
_RECORD = 4
# How long a measurement beside other work stands: it may rank the runtimes otherwise, and each of them agrees.
_STALE_SECONDS = 24 * 3600
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

    @property
    def exact(self) -> Choice:
        """The fastest in float32, for numbers that are published: they must not depend on what this machine computes
        faster in a lower precision."""
        name = _fastest({name: own for name, own in self.milliseconds.items() if name not in _LOWER})
        return self if name == self.name else replace(self, name=name, photos=0, turned=0)

    def __str__(self) -> str:
        took = f"{self.milliseconds[self.name]:.1f} ms per face"
        if self.name == TORCH:
            return f"Run by torch ({took}): no backend that agrees with it is nearly as fast."
        photos = f"; on {self.photos} real photos {self.turned} of them changed ({agreement.TURNED:.1%} are tolerated)"
        return (
            f"Run by {self.name}: {took}, {self.speedup:.1f} times as fast as torch. On {self.pictures} drawn pictures "
            f"its probabilities are at most {_rounded_up(self.apart[self.name])} from torch's ({agreement.LARGEST} is "
            f"tolerated) and all decisions, pass or stop, the same{photos if self.photos else ''}."
        )


def choose(trained: Trained, quiet: Quiet | None = None, exact: bool = False) -> tuple[Runtime, Choice]:
    """The runtime and what is known of it; `exact`: of those alone that compute in float32. What was measured is kept
    under cache/ and taken again on the same machine while the model file and the packages are the same: for a day where
    others used the processors meanwhile. Whatever fails but torch is left out."""
    judge, exported = Judge(trained, TORCH), _export(trained)
    waiting = dict(_builders(trained, exported))

    def built(name: str) -> tuple[Runtime, float]:
        """The runtime and how far it is from torch. Raises whatever the packages raise, and ValueError."""
        runtime = waiting[name]()
        return runtime, judge.apart(runtime)

    known: dict[str, Runtime] = {TORCH: judge.torch}
    choice = _known(trained.path)
    if choice is None:
        quiet = quiet or Quiet()
        choice = _measured(waiting, built, judge, known, quiet)
        _keep(trained.path, choice, quiet.was)
    choice = choice.exact if exact else choice
    try:
        runtime = known.get(choice.name) or built(choice.name)[0]
    except Exception as error:
        _LOG.warning("%s: %s was the fastest but fails now (%s); torch runs it.", trained.path.name, choice.name, error)
        left_out = {choice.name: _sentence(error)}
        return judge.torch, Choice(TORCH, {TORCH: choice.milliseconds[TORCH]}, left_out, {TORCH: 0.0}, choice.pictures)
    if choice.name not in _TORCHES:
        # Where the disk is full, torch is needed the next time too.
        with suppress(OSError):
            network_cache.write(trained.path, Ready(trained.info, exported(), judge.probes, judge.logits))
    return runtime, choice


def again(model: Path, exact: bool = False) -> tuple[ModelInfo, Runtime, Choice] | None:
    """What `choose` has found for a model file, without torch; None where that is not kept, is torch, or has changed
    its answers."""
    choice = _known(model)
    choice = choice.exact if choice and exact else choice
    found = network_cache.read(model) if choice and choice.name not in _TORCHES else None
    if not choice or not found:
        return None
    try:
        runtime = dict(_of_onnx(model, lambda: found.onnx))[choice.name]()
        agrees = found.agrees(runtime.logits(found.probes))
    except Exception as error:
        _LOG.warning("%s: %s fails now (%s); backends are timed again.", model.name, choice.name, error)
        return None
    return (found.info, runtime, choice) if agrees else None


def builders(trained: Trained) -> Iterator[tuple[str, Builder]]:
    """The backends beside torch as it is, by name. A builder raises whatever its package raises."""
    return _builders(trained, _export(trained))


def _export(trained: Trained) -> Callable[[], bytes]:
    """Its graph as ONNX, made when it is first asked for."""
    from core.networks import onnx_graph

    return cache(lambda: onnx_graph.to_onnx(onnx_graph.folded(trained), trained.preprocessing.image_size, "logits"))


def _builders(trained: Trained, onnx: Callable[[], bytes]) -> Iterator[tuple[str, Builder]]:
    from core.networks import onnx_graph

    yield _FOLDED, lambda: kinds.Torch(onnx_graph.folded(trained), _FOLDED)
    yield from _of_onnx(trained.path, onnx)


def _of_onnx(path: Path, onnx: Callable[[], bytes]) -> Iterator[tuple[str, Builder]]:
    """Those that need no torch once the graph is there."""

    @cache
    def model() -> Any:
        return openvino_core.read_openvino(onnx())

    yield kinds.OnnxRuntime.name, lambda: kinds.OnnxRuntime(onnx())
    yield "OpenVINO fp32", lambda: kinds.OpenVino(model(), "OpenVINO fp32", "f32")
    if openvino_core.calculates_bf16():
        yield _BF16, lambda: kinds.OpenVino(model(), _BF16, "bf16")
    if int8.path_of(path).exists():
        yield int8.NAME, lambda: int8.load(path)


def _record(model: Path) -> Record:
    return Record(f"runtimes/{_here(model)}", _RECORD, model.parent.resolve())


def _known(model: Path) -> Choice | None:
    found = _record(model).get(model.name)
    try:
        fresh = found["quiet"] or time.time() - found["at"] < _STALE_SECONDS
        return Choice(**found["choice"]) if fresh else None
    except (TypeError, KeyError):
        return None


def _keep(model: Path, choice: Choice, quiet: bool) -> None:
    record = _record(model)
    record.put(model.name, {"choice": asdict(choice), "quiet": quiet, "at": time.time()})
    record.write()


def _measured(
    names: Iterable[str],
    built: Callable[[str], tuple[Runtime, float]],
    judge: Judge,
    known: dict[str, Runtime],
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
        timings = _timed(known, judge.probes[:1])
    while True:
        name = _fastest(timings)
        photos, others = judge.turned(known[name]) if apart[name] > agreement.EXACT else (0, 0)
        if others <= agreement.TURNED * photos:
            return Choice(name, timings, left_out, apart, len(judge.probes), photos, others)
        del timings[name]
        left_out[name] = f"pass or stop differs for {others} of {photos} real photos"
        _LOG.warning("%s is left out: %s.", name, left_out[name])


def _fastest(timings: dict[str, float]) -> str:
    return min(timings, key=lambda name: timings[name] * (_WORTH_IMPORTING if name in _TORCHES else 1))


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
