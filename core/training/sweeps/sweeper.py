"""Start, stop and resume a sweep; and its driver, `python -m core.training.sweeps.sweeper SWEEP`, which gives the
machine to one row after another. A failed row does not stop the rest."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from core.data.dataset.label_folders import count_files
from core.data.dataset.scan import Progress
from core.evaluation.compare import ablation
from core.schema.errors import UserError
from core.store import jobs, locks, runs, sweeps
from core.store.jobs import Stopped
from core.store.runs import Run
from core.store.sweeps import DONE, Kind, Row, Standing, Sweep
from core.training.lifecycle import launch
from core.training.sweeps.study import Planned

_LOOK_EVERY_SECONDS = 0.3
# A trainer has 20 seconds to stop before it is ended; then the driver ends too.
_STOP_SECONDS = 40


def start(
    name: str, kind: Kind, planned: Sequence[Planned], seconds: Sequence[float], progress: Progress | None = None,
    custom_photos: Path | None = None,
) -> Sweep:  # fmt: skip
    """Check every row, then start the sweep in the background; `seconds` is each row's estimate. An ablation's networks
    are measured on `custom_photos` at the end: a folder of labelled photos from elsewhere.

    Returns at once. Raises UserError, before anything is written, that names the rows that can't work.
    """
    if custom_photos:
        custom_photos = custom_photos.expanduser().resolve()
        count_files(custom_photos)
    classes = _check(planned, progress)
    rows = [
        Row(one.name, one.group, launch.resolved(one.config), count, own)
        for one, count, own in zip(planned, classes, seconds, strict=True)
    ]
    sweep = sweeps.create(name, kind, rows, custom_photos)
    try:
        sweep.begin()
    except UserError:
        sweeps.delete(sweep)
        raise
    return sweep


def resume(sweep: Sweep) -> None:
    """Go on with the rows that have not finished, each from its last finished epoch. Raises UserError while the sweep
    is at work and when nothing is left."""
    sweep.begin()


def ask_to_stop(sweep: Sweep) -> None:
    """Ask the driver to stop, with the row at work, without waiting for it. Raises UserError when it is not active."""
    sweep.job.stop()


def stop(sweep: Sweep) -> None:
    """Stop the driver and the row at work, and wait for both. Raises UserError when the sweep is not active."""
    ask_to_stop(sweep)
    sweep.job.wait(_STOP_SECONDS)


def seconds_left(sweep: Sweep, standings: Sequence[Standing]) -> float:
    """What an active sweep still takes: rows that have had their turn in vain are not tried again in it."""
    past = sweep.state.done
    return sum(one.left for number, one in enumerate(standings) if number >= past and one.status not in DONE)


def main() -> None:
    """Entry of the driver."""
    sweep = sweeps.get(sys.argv[1])
    jobs.work(sweep.job, lambda tell: _drive(sweep, tell))


def _drive(sweep: Sweep, tell: jobs.Progress) -> str:
    total = len(sweep.rows)

    def say(message: str, done: int) -> None:
        # On a full disk the rows go on as long as they can.
        with suppress(OSError):
            tell(message, done, total)

    # Rows of two sweeps would delay each other.
    with locks.in_turn(sweeps.lock_file(), partial(say, "Waiting for another sweep", 0), lambda: True):
        for number, row in enumerate(sweep.rows):
            _row(sweep, number, partial(say, row.name, number))
        if sweep.custom_photos:
            _measure(sweep, lambda done, photos: say(f"Custom photos: {done} of {photos}", total))
    finished = sum(standing.status == "finished" for standing in sweep.standings())
    return f"{finished} of {total} trainings finished"


def _measure(sweep: Sweep, tell: Progress) -> None:
    """Measure an ablation on its photos from elsewhere. Raises UserError where that can't be done."""
    tell(0, 0)
    try:
        ablation.measure_sweep(sweep, tell)
    except (UserError, OSError) as error:
        raise UserError(f"The custom photos were not measured: {error}") from None


def _row(sweep: Sweep, number: int, tell: Callable[[], None]) -> None:
    """One row's turn, whatever comes of it; raises only Stopped."""
    tell()
    try:
        run = _begun(sweep, number)
        if run:
            _wait(run, tell)
    except (UserError, OSError) as error:
        reason = str(error) if isinstance(error, UserError) else f"It can't be started ({error.strerror})."
        print(f"{sweep.rows[number].name}: {reason}", flush=True)
        with suppress(OSError):
            if sweep.standing(number).run is None:
                sweep.note_failure(number, reason)


def _begun(sweep: Sweep, number: int) -> Run | None:
    """The row's run, at work or waiting; None when the row is done."""
    row, standing = sweep.rows[number], sweep.standing(number)
    if standing.status in DONE:
        return None
    if standing.run is None:
        run = runs.create(row.config, row.classes)
        sweep.note_started(number, run)
        launch.begin(run)
        return run
    # Where it is at work, a driver that was killed has left it so, or someone has just resumed it by hand.
    try:
        if not standing.run.state.active:
            launch.resume(standing.run)
    except UserError:
        if not standing.run.state.active:
            raise
    return standing.run


def _wait(run: Run, tell: Callable[[], None]) -> None:
    try:
        while run.state.active:
            tell()
            time.sleep(_LOOK_EVERY_SECONDS)
    except Stopped:
        # A UserError: it came to its end by itself meanwhile.
        with suppress(UserError):
            launch.stop(run)
        raise


def _check(planned: Sequence[Planned], progress: Progress | None) -> list[int]:
    """Labels of each row. Raises UserError with the rows that can't work, by what is wrong with them."""
    check = launch.Check(progress)
    wrong: dict[str, list[str]] = defaultdict(list)
    # In the order in which a user would want to hear of it: first what is seen at once in any of them.
    for look in (check.start, check.photos):
        classes: list[int] = []
        for one in planned:
            try:
                found = look(one.config)
                if found is not None:
                    classes.append(found)
            except UserError as error:
                wrong[str(error)].append(one.name)
        if wrong:
            break
    if not wrong:
        return classes
    alike = len(wrong) == 1 and len(next(iter(wrong.values()))) == len(planned)
    raise UserError(" ".join(error if alike else f"{_some(names)}: {error}" for error, names in wrong.items()))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


if __name__ == "__main__":
    main()
