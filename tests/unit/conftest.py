"""The undisturbed training that several files of tests look at."""

from __future__ import annotations

from tests.processes import finished_run  # noqa: F401
