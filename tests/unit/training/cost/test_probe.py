"""Trials of how fast this machine trains: one at a time, only while somebody waits, and never beside a training."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from filelock import FileLock

from core.store import paths
from core.store.paths import PROJECT
from core.training.cost import probe
from core.training.cost.probe import Unwanted
from core.training.lifecycle import launch
from core.ui.training_form import estimates
from tests.fixtures.support import tiny_config, wait_for


def trials(parent: int | None = None) -> list[psutil.Process]:
    """The trials that a process has started, this one unless told otherwise."""
    found = []
    for child in psutil.Process(parent).children():
        with suppress(psutil.Error):
            if "core.training.cost.probe" in child.cmdline():
                found.append(child)
    return found


def test_a_trial_ends_as_soon_as_nobody_wants_it(faces):
    seen: list[psutil.Process] = []

    def wanted() -> bool:
        seen.extend(trials())
        return not seen

    with pytest.raises(Unwanted):
        probe.measure(tiny_config(faces), wanted)
    assert seen and not any(child.is_running() for child in seen)


def test_a_trial_waits_for_another_s_end(faces):
    folder = paths.home() / "cache" / "speed"
    folder.mkdir(parents=True)
    asked = []

    def wanted() -> bool:
        asked.append(trials())
        return len(asked) < 4

    with FileLock(folder / ".lock"), pytest.raises(Unwanted):
        probe.measure(tiny_config(faces), wanted)
    assert asked == [[]] * 4, "none was started"


def test_a_trial_ends_with_the_server_that_asked(faces):
    code = f"""
from core.schema.train_config import TrainConfig
from core.training.cost import probe
probe.measure(TrainConfig.model_validate({json.loads(tiny_config(faces, backbone="MobileNet").model_dump_json())!r}))
"""
    server = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    [child] = wait_for(lambda: trials(server.pid))
    # Its guard stands once Python has begun.
    wait_for(lambda: child.num_threads() > 1)
    server.kill()
    server.wait()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_trial_whose_server_is_gone_before_it_begins_is_none():
    """It went on to its end: half a minute of both processors for nobody."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    command = [sys.executable, "-m", "core.training.cost.probe", str(gone.pid)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as trial:
        # It is told nothing yet: nothing but the server's end ends it.
        assert trial.wait(60) == 1
        assert trial.stdout.read() == b""


def test_none_is_made_while_a_training_has_the_machine(faces):
    run = launch.start(tiny_config(faces, epochs=500))
    try:
        own = estimates._Trials()
        config = tiny_config(faces, backbone="MobileNet")
        for _ in range(3):
            with pytest.raises(estimates.Waiting):
                own.ask(config, 100, 3)
        assert not trials()
    finally:
        launch.stop(run)
        wait_for(lambda: not run.state.active)
