"""What a run will cost on this machine: photos, trained parameters, minutes; from past runs or a short measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.schema.errors import UserError
from core.schema.run_report import RunReport
from core.schema.train_config import MEASURED_AGAIN, TrainConfig
from core.store import runs
from core.store.runs import Run
from core.training.cost import probe
from core.training.cost.probe import COSTLY

_LATEST = 50


@dataclass(frozen=True)
class Cost:
    """`photos` are training photos per epoch; `seconds` from the start of the process to its end, of which `views` go
    to cached augmented features where there are none yet; `basis` says where the speed comes from."""

    photos: int
    trainable: int
    parameters: int
    seconds: float
    basis: str
    views: float = 0.0


@dataclass(frozen=True)
class _Parts:
    """Photos of each part."""

    train: int
    val: int
    test: int

    @property
    def looked(self) -> int:
        """Photos that are evaluated after each epoch."""
        return self.val + min(self.train, MEASURED_AGAIN)


def estimate(
    config: TrainConfig, photos: int, classes: int, wanted: Callable[[], bool] = lambda: True
) -> Cost:
    """Cost of training on `photos` usable photos in all parts. Measures for some seconds what no run has shown.

    Raises UserError where that fails, and probe.Unwanted where it takes a measurement to which `wanted` says no.
    """
    parts = _parts(config, photos)
    trainable, every = config.spec.parameters(config.mode, config.image_size, classes)
    views = 0.0
    past = None if config.kept_views else _past(config)
    if past:
        seconds, basis = past.seconds(config.epochs, parts.train), "from an earlier run here"
    else:
        speed = probe.measure(config, wanted)
        views = config.kept_views * parts.train * speed.step
        seconds = views + _seconds(config, parts, speed)
        busy = " beside other work: it may take less"
        basis = "from a short measurement" + ("" if speed.quiet else busy)
    return Cost(parts.train, trainable, every, seconds, basis, views)


def _seconds(config: TrainConfig, parts: _Parts, speed: probe.Speed) -> float:
    # A step on cached augmented features is as quick as evaluating cached features.
    step = speed.look if config.kept_views else speed.step
    once = speed.start + parts.looked * speed.first_look
    epoch = parts.train * step + parts.looked * speed.look + speed.save
    # The best network's result on all photos, by torch alone.
    end = (parts.train + parts.val + parts.test) * speed.final
    return once + config.epochs * epoch + end


def _parts(config: TrainConfig, photos: int) -> _Parts:
    train, val, _ = config.split
    tested = photos / config.folds if config.folds else photos * (1 - train - val)
    share = train / (train + val)
    return _Parts(round((photos - tested) * share), round((photos - tested) * (1 - share)), round(tested))


@dataclass(frozen=True)
class _Past:
    """A finished run: seconds per training photo in an epoch, and outside the epochs."""

    photo: float
    outside: float

    def seconds(self, epochs: int, photos: int) -> float:
        return self.outside + epochs * photos * self.photo


def _past(config: TrainConfig) -> _Past | None:
    for run in runs.every()[:_LATEST]:
        # A damaged run tells nothing, and must not keep anyone from starting another.
        with suppress(UserError):
            if _same_sort(run, config) and (report := run.report()) and (found := _of_run(run.metrics(), report)):
                return found
    return None


def _of_run(rows: Sequence[dict[str, float]], report: RunReport) -> _Past | None:
    # The first epoch decodes each photo for the first time.
    later = rows[1:]
    if not later or not report.photos.train:
        return None
    epoch = sum(row["seconds"] for row in later) / len(later)
    return _Past(epoch / report.photos.train, max(0.0, report.seconds - len(rows) * epoch))


def _same_sort(run: Run, config: TrainConfig) -> bool:
    """Whether an epoch of the run cost as much per photo. Raises UserError for a damaged run."""
    told = run.config
    return not told.kept_views and all(getattr(told, name) == getattr(config, name) for name in COSTLY)
