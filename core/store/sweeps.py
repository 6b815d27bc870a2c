"""The sweep's folder, runs/.sweeps/<time>_<kind>/: the only code that knows its files. Its rows are ordinary runs.

sweep.json names the rows and never changes; started.json says which run each row has become; the driver is a job.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.train_config import TrainConfig
from core.store import locks, paths, runs
from core.store.files.atomic import write_whole
from core.store.files.checked_json import seal, unseal
from core.store.job_state import State, Status
from core.store.jobs import Job
from core.store.runs import Run

Kind = Literal["repeats", "folds", "ablation", "report_a", "grid", "sources"]
RowStatus = Status | Literal["not started", "deleted"]
REPORT_A_TABLE = "Report A's table"
# What resuming does not touch.
DONE: tuple[RowStatus, ...] = ("finished", "deleted")

_FOLDER, _SWEEP, _STARTED, _LOCK = ".sweeps", "sweep.json", "started.json", ".lock"
_DRIVER = "core.training.sweeps.sweeper"
_NAME = re.compile(r"\d{8}-\d{6}_[a-z_]+(-\d+)?")


@dataclass(frozen=True)
class Row:
    """One training: `name` tells it from the others, `group` is what the repeats or folds of one setting share;
    `seconds` is what it was estimated to take when the sweep was made, 0 where that could not be known."""

    name: str
    group: str
    config: TrainConfig
    classes: int
    seconds: float


@dataclass(frozen=True)
class Standing:
    """How a row stands now. `run` is None before it was started, or where that failed or its folder was deleted;
    `left` are the seconds it still needs."""

    row: Row
    status: RowStatus
    run: Run | None = None
    message: str = ""
    left: float = 0.0

    @property
    def trained(self) -> Run:
        """The run of a row that has finished."""
        assert self.run is not None
        return self.run


@dataclass(frozen=True)
class Sweep:
    """One sweep's folder; reads what is on disk now."""

    folder: Path

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def created(self) -> datetime:
        """When the folder's name says it was made."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S")

    @property
    def name(self) -> str:
        """What the user sees it called."""
        return self._content["name"]

    @property
    def kind(self) -> Kind:
        """What its rows are made of."""
        return self._content["kind"]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The trainings in their order. Raises UserError when sweep.json is damaged."""
        try:
            return tuple(Row(**row | {"config": configs.make(row["config"])}) for row in self._content["rows"])
        except (TypeError, KeyError, AttributeError) as error:
            raise self._unreadable(error) from None

    @property
    def custom_photos(self) -> Path | None:
        """The folder of photos from elsewhere on which an ablation's networks are measured, if one was given."""
        folder = self._content.get("custom_photos")
        return Path(folder) if folder else None

    @property
    def job(self) -> Job:
        """The driver, which starts one row after another."""
        return Job(self.folder)

    @property
    def state(self) -> State:
        """How the driver stands; its `done` rows have had their turn."""
        return self.job.state or State("stopped")

    def standings(self) -> list[Standing]:
        """How each row stands, by its run's own state."""
        started = self._started()
        return [_standing(row, started.get(str(number))) for number, row in enumerate(self.rows)]

    def standing(self, number: int) -> Standing:
        """How one row stands."""
        return _standing(self.rows[number], self._started().get(str(number)))

    def run_ids(self) -> list[str]:
        """The runs that its rows have become, deleted ones too. Raises UserError when started.json is damaged."""
        return [said["run"] for said in self._started().values() if "run" in said]

    def note_started(self, number: int, run: Run) -> None:
        """Remember which run a row has become, before that run begins: no row is ever started twice."""
        self._note(number, {"run": run.id})

    def note_failure(self, number: int, reason: str) -> None:
        """Remember why a row has no run."""
        self._note(number, {"error": reason})

    def begin(self) -> None:
        """Start the driver. Raises UserError while it is at work, and when no row is left to train."""
        if all(standing.status in DONE for standing in self.standings()):
            raise UserError(f"The sweep {self.id} has nothing left to train.")
        # Two that press Resume at once must not get a driver each.
        try:
            with locks.held(self.folder, _SWEEP):
                self.job.start(_DRIVER, self.id)
        except OSError as error:
            raise UserError(f"The sweep can't be started ({error.strerror}): free some space first.") from None

    @cached_property
    def _content(self) -> dict[str, Any]:
        try:
            content = unseal((self.folder / _SWEEP).read_text(encoding="utf-8"))
            if not {"name", "kind", "rows"} <= content.keys():
                raise ValueError("it is not a sweep's")
            if content["kind"] == "seeds":  # So the last release called it.
                content |= {"kind": "report_a", "name": REPORT_A_TABLE}
            return content
        except (OSError, ValueError, AttributeError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> UserError:
        return UserError(f"The sweep {self.id} has no readable sweep.json ({error}): delete the sweep, its runs stay.")

    def _started(self) -> dict[str, dict[str, str]]:
        try:
            return unseal((self.folder / _STARTED).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise UserError(f"{self.id} has a damaged started.json: delete the sweep, its runs stay.") from None

    def _note(self, number: int, said: Mapping[str, str]) -> None:
        write_whole(self.folder / _STARTED, seal(self._started() | {str(number): said}))


def create(name: str, kind: Kind, rows: Sequence[Row], custom_photos: Path | None = None) -> Sweep:
    """Write a sweep whose rows are not started. Raises UserError when runs/ can't be written."""
    content = {
        "name": name, "kind": kind, "custom_photos": str(custom_photos) if custom_photos else "",
        "rows": [vars(row) | {"config": row.config.model_dump(mode="json")} for row in rows],
    }  # fmt: skip
    draft = None
    try:
        _root().mkdir(exist_ok=True)
        # A folder without sweep.json is no sweep: readers never meet half of one.
        draft = paths.new_folder(_root(), f"{datetime.now():%Y%m%d-%H%M%S}_{kind}")
        write_whole(draft / _SWEEP, seal(content))
    except OSError as error:
        if draft:
            shutil.rmtree(draft, ignore_errors=True)
        raise UserError(f"runs/ can't be written ({error.strerror}): free some space or set MASKLAB_HOME.") from None
    return Sweep(draft)


def get(sweep_id: str) -> Sweep:
    """The sweep of that id, which may come from anywhere. Raises UserError when there is none."""
    if not _NAME.fullmatch(sweep_id) or not (_root() / sweep_id / _SWEEP).is_file():
        raise UserError(f"There is no sweep {sweep_id[:120]!r}.")
    return Sweep(_root() / sweep_id)


def every() -> list[Sweep]:
    """All sweeps, newest first."""
    if not _root().is_dir():
        return []
    found = (item for item in _root().iterdir() if _NAME.fullmatch(item.name) and (item / _SWEEP).is_file())
    return [Sweep(folder) for folder in sorted(found, key=_age, reverse=True)]


def delete(sweep: Sweep) -> None:
    """Remove a sweep's list; its runs stay. Raises UserError while it is active."""
    with locks.held(sweep.folder, _SWEEP):
        if sweep.state.active:
            raise UserError(f"The sweep {sweep.id} is running: stop it first.")
        doomed = sweep.folder.rename(sweep.folder.with_name(f".deleted-{sweep.id}"))
        shutil.rmtree(doomed, ignore_errors=True)


def lock_file() -> Path:
    """The file whose lock says that a sweep has its turn."""
    return _root() / _LOCK


def _standing(row: Row, said: Mapping[str, str] | None) -> Standing:
    if said is None:
        return Standing(row, "not started", left=row.seconds)
    if "error" in said:
        return Standing(row, "failed", message=said["error"], left=row.seconds)
    with suppress(UserError):
        run = runs.get(said["run"])
        state = run.state
        return Standing(row, state.status, run, state.message, _left(row, state))
    return Standing(row, "deleted", message="Its run was deleted.")


def _left(row: Row, state: State) -> float:
    if state.status == "finished":
        return 0.0
    return state.seconds_left or row.seconds * (1 - state.progress)


def _root() -> Path:
    return paths.runs_dir() / _FOLDER


def _age(folder: Path) -> tuple[str, int]:
    # sweep.json is written once: its time orders the sweeps of one second.
    return folder.name[:15], (folder / _SWEEP).stat().st_mtime_ns
