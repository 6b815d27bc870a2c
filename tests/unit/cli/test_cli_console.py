"""What the command line says while it works: following a run, the live line, and Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.cli.commands import train as train_command
from core.cli.main import main
from core.cli.terminal.console import LiveLine, check_writable
from core.cli.terminal.follow_run import Follower
from core.schema.errors import UserError
from core.store import runs
from core.store.job_state import State, Status
from tests.fixtures.support import tiny_config


@pytest.mark.parametrize(
    ("status", "words"), [("failed", ["failed: The disk is full (log: ", "--resume"]), ("stopped", ["after 1 of 2"])]
)
def test_a_run_without_a_network_ends_in_one_sentence(
    status: Status, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:  # fmt: skip
    run = runs.create(tiny_config(tmp_path), classes=3)
    run.append_metrics(dict.fromkeys(runs.METRICS, 0.5) | {"epoch": 1.0})
    run.job.write(State(status, "The disk is full.", epoch=1))
    monkeypatch.setattr(train_command.launch, "start", lambda *config: run)
    assert main(["train", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and all(word in err.splitlines()[-1] for word in words)


class FakeRun:
    """A run that goes through the given states, one a look."""

    def __init__(self, *states: State) -> None:
        self._states = iter(states)
        self.refused_file = Path("refused.csv")
        self.config = tiny_config(Path("faces"))

    @property
    def state(self) -> State:
        return next(self._states)

    def metrics(self) -> list[dict[str, float]]:
        row = dict.fromkeys(runs.METRICS, 0.5)
        return [row | {"epoch": 1.0}, row | {"epoch": 2.0}]

    def refused(self) -> list[dict[str, str]]:
        return [{"file": f"mask/{number}.jpg", "reason": "empty"} for number in range(7)]


def test_following_says_what_it_waits_for_and_what_was_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("core.cli.terminal.follow_run._LOOK_EVERY_SECONDS", 0)
    waiting, end = State("queued", "Waiting for 2026_other"), State("finished", progress=1.0)
    running = State("running", "Epoch 2 of 2", progress=0.6, seconds_left=75)
    assert Follower(FakeRun(waiting, waiting, running, running, end), after=1).wait() is end
    lines = capsys.readouterr().err.splitlines()
    assert lines.count("Waiting for 2026_other") == 1
    assert "Unreadable files: 7" in lines and "  mask/4.jpg: empty" in lines and "  mask/5.jpg: empty" not in lines
    assert "  and 2 more; all of them are in refused.csv" in lines
    assert [line[:10] for line in lines if line.startswith("epoch")] == ["epoch 2/2:"]
    assert not any("60%" in line for line in lines)


def test_a_terminal_sees_the_percentage_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("core.cli.terminal.follow_run._LOOK_EVERY_SECONDS", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    running = State("running", "Epoch 2 of 2", progress=0.6, seconds_left=75)
    Follower(FakeRun(running, State("finished"))).wait()
    assert "Epoch 2 of 2: 60% of the training, 1:15 left" in capsys.readouterr().err
    LiveLine().show("x" * 5000)
    assert len(capsys.readouterr().err) < 5000


def test_checking_a_file_changes_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text("{}")
    check_writable(old)
    check_writable(tmp_path / "new.json")
    assert [path.name for path in tmp_path.glob("*.json")] == ["old.json"] and old.read_text() == "{}"
    with pytest.raises(UserError, match="Is a directory"):
        check_writable(tmp_path)
