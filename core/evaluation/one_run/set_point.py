"""Another operating point for a finished run, set by hand on validation photos, and back to the automatic one, or one
that left-out sources ask for: in the model file and in the run's report, so that all who use either follow.

`python -m core.evaluation.one_run.set_point RUN [THRESHOLD]` is the process that pages start, which must not import
torch themselves; without a threshold it goes back.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from datetime import date

from core.evaluation.one_run.measure import operating_result, unsure_result
from core.evaluation.one_run.predictions import Predictions, of_run
from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT
from core.schema.result import ChosenPoint
from core.schema.run_report import RunReport
from core.store import paths, runs
from core.store.runs import Run, finished_report

_SECONDS = 300
_REFUSED = 2


def by_hand(val: Predictions, threshold: float) -> OperatingPoint:
    """The point of that threshold (0..1), set today, with the share of compliant validation photos that it stops."""
    stopped = val.mask_probability[val.true == str(COMPLIANT)] < threshold
    return OperatingPoint(threshold, float(stopped.mean()), "hand", date.today().isoformat())


def automatic(report: RunReport) -> ChosenPoint:
    """What the training chose."""
    return report.automatic_point or report.operating_point


def write(run: Run, threshold: float | None) -> None:
    """Keep the threshold (0..1), or the automatic one again for None, in the run's model file and report; both stay as
    they were where one can't be written. Raises UserError where that is so, and where the file is gone or another's."""
    with run.lock():
        report = finished_report(run)
        first = automatic(report)
        if threshold is None:
            _keep(run, report, replace(_model(report, run), operating_point=OperatingPoint(**first.model_dump())), None)
        else:
            point = by_hand(of_run(run, "val"), threshold)
            _keep(run, report, replace(_model(report, run), operating_point=point), first)


def write_automatic(run: Run, point: OperatingPoint, unsure_above: float | None) -> None:
    """Keep these as the run's automatic point and the uncertainty above which it is unsure. Raises UserError as `write`
    does."""
    with run.lock():
        report = finished_report(run)
        trained = replace(_model(report, run), operating_point=point, unsure_above=unsure_above)
        _keep(run, report, trained, None)


def _model(report: RunReport, run: Run) -> checkpoint.Trained:
    trained = checkpoint.load(paths.models_dir() / report.model)
    if trained.run != run.id:
        raise UserError(f"models/{report.model} was made by another run: set its operating point from there.")
    return trained


def _keep(run: Run, report: RunReport, trained: checkpoint.Trained, first: ChosenPoint | None) -> None:
    """`first` is the automatic point where the network's was set by hand."""
    point, above = trained.operating_point, trained.unsure_above
    parts = {}
    for name in ("val", "test"):
        own = of_run(run, name)
        found = {
            "operating": operating_result(own, point),
            "unsure": None if above is None else unsure_result(own, above),
        }
        parts[name] = getattr(report, name).model_copy(update=found)
    points = {"operating_point": ChosenPoint(**asdict(point)), "automatic_point": first}
    changed = report.model_copy(update=parts | points)
    try:
        run.write_report(changed)
        try:
            checkpoint.save(trained.path, replace(trained, report=changed))
        except BaseException:
            run.write_report(report)
            raise
    # RuntimeError is torch's for a full disk.
    except (OSError, RuntimeError) as error:
        raise UserError(f"models/{report.model} can't be written ({error}): free some space.") from None


def start(run: Run, threshold: float | None) -> None:
    """`write` in a process of its own, waited for. Raises UserError as it does."""
    words = [] if threshold is None else [repr(threshold)]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.evaluation.one_run.set_point", run.id, *words],
            cwd=paths.PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UserError("The operating point was not saved within five minutes: try again in a moment.") from None
    if done.returncode == _REFUSED:
        raise UserError(done.stderr.strip())
    if done.returncode:
        raise UserError(f"The operating point was not saved ({done.stderr.strip()[-300:]}): try again.")


def main(words: list[str]) -> int:
    """Entry of the process."""
    run_id, *threshold = words
    try:
        write(runs.get(run_id), float(threshold[0]) if threshold else None)
    except UserError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
