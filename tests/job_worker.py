"""A process for tests/unit/test_jobs.py: `python -m tests.job_worker FOLDER HOW`."""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path

from core.errors import UserError
from core.jobs import Job, Progress, work


def task(progress: Progress) -> str:
    """End in the way that the command line names."""
    how = sys.argv[2]
    if how == "refuse":
        raise UserError("Put the photos back.")
    if how == "crash":
        raise ZeroDivisionError("division by zero")
    print("counting aloud")
    for number in range(1, 401) if how == "count" else count(1):
        progress("Counting", number, 400 if how == "count" else number + 1)
        time.sleep(0.005)
    return "counted to 400"


if __name__ == "__main__":
    work(Job(Path(sys.argv[1])), task)
