"""Work of others during a measurement is noticed, and this program's own work is not taken for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.machine.contention import Counters, Quiet, counters

_BURNS = "import time, sys\nwhile time.process_time() < 0.5: pass\nprint('burnt', flush=True)\nsys.stdin.read()"
_SPINS = "print('on', flush=True)\nwhile True: pass"


@contextmanager
def child(code: str, *, apart: bool) -> Iterator[subprocess.Popen]:
    """A process that runs the code, has said its first word, and is ended with the block."""
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=apart, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip
    try:
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def measured(*readings: Counters) -> bool:
    with Quiet(iter(readings).__next__) as quiet:
        assert not quiet.was
    return quiet.was


@pytest.mark.parametrize(
    ("seconds", "own", "others", "quiet"),
    [
        (1.0, 1.9, 0.0, True),
        (1.0, 1.9, 0.14, True),
        (1.0, 0.0, 0.2, False),
        (1.0, 1.0, 1.0, False),
        # A step of the counters more or less in a short measurement says nothing; four steps do.
        (0.1, 0.1, 0.02, True),
        (0.1, 0.1, -0.02, True),
        (0.1, 0.1, 0.04, False),
        # Counters that stand still.
        (1.0, 1.0, -1.0, False),
    ],
)
def test_it_was_quiet_when_others_hardly_worked(seconds, own, others, quiet):
    assert measured(Counters(5.0, 70.0, 3.0), Counters(5.0 + seconds, 70.0 + own + others, 3.0 + own)) is quiet


def test_a_busy_process_of_another_session_is_noticed():
    with child(_SPINS, apart=True), Quiet() as quiet:
        pass
    assert not quiet.was


def test_a_measurement_of_no_time_is_waited_out_until_the_counters_say_something():
    began = counters().at
    with Quiet():
        pass
    assert counters().at - began >= 0.1


def test_what_was_started_in_this_session_is_own_work_while_it_lives_and_afterwards():
    before = counters().own
    with child(_BURNS, apart=False):
        assert counters().own - before >= 0.4
    assert counters().own - before >= 0.4


def test_what_was_started_in_another_session_is_not():
    # Starting a process waits for those of earlier tests that have ended, whose work then counts.
    subprocess.run([sys.executable, "-c", ""], check=True)
    before = counters()
    with child(_BURNS, apart=True):
        after = counters()
        assert after.busy - before.busy >= 0.4
        assert after.own - before.own < 0.4
