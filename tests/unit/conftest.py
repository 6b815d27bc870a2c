"""The undisturbed training that several files of tests look at."""

from __future__ import annotations

from tests.fixtures.processes import finished_run  # noqa: F401
