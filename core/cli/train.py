"""`train`: start or resume a run, follow it to its end, and print the seeds' table row and where things are."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import paths, runs
from core.cli.console import LiveLine, interval, percent
from core.cli.follow import Follower
from core.cli.parser import PROGRAM
from core.errors import UserError
from core.runs import Run, State
from core.training import launch


def run(args: Namespace) -> None:
    """Train and print; the last two lines of stdout are `model PATH` and `run PATH`.

    Raises UserError for what the user must put right, and when the run fails or is stopped.
    """
    line = LiveLine()
    started = _resumed(args.resume) if args.resume else launch.start(args.config, _reading(line))
    line.say(f"Run {started.id}")
    state = _follow(started, line)
    if state.status != "finished":
        raise UserError(_unfinished(started, state))
    _print_result(started)


def _reading(line: LiveLine):
    return lambda done, total: line.count("Reading photos", done, total)


def _resumed(name: str) -> Run:
    found = runs.get(_run_id(name))
    launch.resume(found)
    return found


def _run_id(name: str) -> str:
    """The id in a typed id or folder; a folder must be in this home's runs/, where the network will be published."""
    folder = Path(name).expanduser()
    if "/" not in name.rstrip("/") and not folder.is_dir():
        return name
    if folder.resolve().parent != paths.runs_dir():
        raise UserError(f"{name} is not a run in {paths.runs_dir()}: check the path, or set MASKLAB_HOME.")
    return folder.resolve().name


def _follow(started: Run, line: LiveLine) -> State:
    try:
        return Follower(started, after=len(started.metrics())).wait()
    except KeyboardInterrupt:
        line.say("Stopping the run")
        # A UserError: it came to its end by itself while the key was pressed.
        with suppress(UserError):
            launch.stop(started)
        return started.state


def _unfinished(ended: Run, state: State) -> str:
    again = f"go on with: python {PROGRAM} train --resume {ended.id}"
    if state.status == "stopped":
        return f"The run was stopped after {state.epoch} of {ended.config.epochs} epochs; {again}"
    return f"The run failed: {state.message.rstrip('.')} (log: {ended.log_file}); when that is mended, {again}"


def _print_result(finished: Run) -> None:
    report = finished.report()
    if report is None:
        raise UserError(f"The run {finished.id} has finished, but its report is missing or damaged.")
    model = paths.models_dir() / report["model"]
    print(_table(model.stem, report))
    print(_test_line(report))
    print(f"model {model}")
    print(f"run {finished.folder}")


def _table(name: str, report: dict[str, Any]) -> str:
    accuracies = report["train_accuracy"], report["val"]["accuracy"], report["test"]["accuracy"]
    row = " | ".join([name, *(percent(share) for share in accuracies)])
    return f"| model | training acc. | validation acc. | test acc. |\n|---|---|---|---|\n| {row} |"


def _test_line(report: dict[str, Any]) -> str:
    test = report["test"]
    return (
        f"Test: {test['n']} photos, accuracy {percent(test['accuracy'])} "
        f"(95 % interval {interval(test['accuracy_interval'])}), "
        f"balanced accuracy {percent(test['balanced_accuracy'])}"
    )
