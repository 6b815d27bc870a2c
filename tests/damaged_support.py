"""What the tests of damaged files share: a real run's folder to spoil."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from core.evaluation import stress_suite
from core.evaluation.stress_suite import CLEAN, Cell, Suite
from core.jobs import Job
from core.labels import THREE_CLASSES
from core.runs import Run
from core.standing import State
from tests.processes import Finished
from tests.report_fixtures import copied


@contextmanager
def run_to_spoil(finished_run: Finished, folder: Path) -> Iterator[Run]:
    """A copy of a real run in a home of its own, with a stress suite and the job that made it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(folder / "home"))
        own = copied(finished_run, folder / "home", folder / "photos")
        files = tuple(row["file"] for row in own.predictions())
        names = np.array([str(THREE_CLASSES[number % 3]) for number in range(len(files))])
        cell = Cell(CLEAN, 0, "3" * len(files))
        stress_suite.save(
            Suite("m", own.id, "photos", THREE_CLASSES, files, names, names, (cell,), 0, 1.0), own.stress_file
        )
        job = Job(own.stress_file.with_suffix(""))
        job.folder.mkdir()
        job.write(State("finished", "40 photos in 3 s", done=1, total=1))
        yield own
