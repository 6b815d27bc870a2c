"""The background process of a run's stress suite: `python -m core.evaluation.stress.worker RUN_ID`."""

from __future__ import annotations

import sys

from core.data.dataset.split import Row
from core.evaluation.one_run import predictions
from core.evaluation.stress import score
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.measure_suite import PHOTOS, Progress, run_suite
from core.evaluation.stress.suite import Suite
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.store import jobs, paths, runs
from core.store.jobs import Job
from core.store.runs import Run


def job_of(run: Run) -> Job:
    """The job that computes the run's suite."""
    return Job(run.stress_file.with_suffix(""))


def start(run: Run) -> None:
    """Compute the run's suite in the background. Raises UserError when it is at work already or the run is gone."""
    with run.lock():
        job_of(run).start("core.evaluation.stress.worker", run.id)


def test_photos(run: Run) -> list[Row]:
    """The test photos that the run was measured with."""
    return [row for row in predictions.split_of(run) if row.part == "test"]


def network(run: Run) -> Predictor:
    """The run's network. Raises UserError when it has none, or its file is gone."""
    report = run.report()
    if report is None:
        raise UserError(f"{run.id} has no network yet: it is {run.state.status}.")
    return Predictor(paths.models_dir() / report.model, exact=True)


def compute(run: Run, photos: int = PHOTOS, progress: Progress | None = None) -> Suite:
    """Run the suite on the run's own test photos and keep it as its stress file. Raises UserError as run_suite does."""
    suite = run_suite(network(run), run.config.folder, test_photos(run), photos, progress=progress)
    stress_suite.save(suite, run.stress_file, summary=score.summarise(suite).as_dict())
    return suite


def main() -> None:
    """Entry of the background process."""
    run = runs.get(sys.argv[1])

    def task(progress: Progress) -> str:
        suite = compute(run, progress=progress)
        return f"{len(suite.files)} photos in {suite.seconds:.0f} s"

    jobs.work(job_of(run), task)


if __name__ == "__main__":
    main()
