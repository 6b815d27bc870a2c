"""`train`: start or resume a run or a study, follow it to its end, and print the seeds' table and where things are."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from core import paths, runs
from core.cli.console import LiveLine, interval, percent
from core.cli.follow import Follower
from core.cli.parser import PROGRAM
from core.config import TrainConfig
from core.errors import UserError
from core.runs import Run, State
from core.training import launch, study

_HEAD = "| model | training acc. | validation acc. | test acc. |\n|---|---|---|---|"


def run(args: Namespace) -> None:
    """Train and print; stdout ends with a line `model PATH` and a line `run PATH` for each training that finished.

    Raises UserError for what the user must put right, and when a run fails or is stopped.
    """
    line = LiveLine()
    if args.study:
        _train_all(args.config, *args.study, line)
        return
    started = _resumed(args.resume) if args.resume else launch.start(args.config, _reading(line))
    line.say(f"Run {started.id}")
    state = _follow(started, line)
    if state.status != "finished":
        raise UserError(_unfinished(started, state))
    report = _report(started)
    print(f"{_HEAD}\n{_row(_model(report).stem, map(percent, _accuracies(report)))}")
    print(_test_line(report))
    _print_paths(started)


def _train_all(config: TrainConfig, kind: study.Kind, count: int, line: LiveLine) -> None:
    configs = study.configs(config, kind, count)
    started = launch.start_all(configs, _reading(line))
    print(_HEAD, flush=True)
    try:
        finished = _follow_all(started, study.names(kind, configs), line)
    except KeyboardInterrupt:
        line.say("Stopping the runs")
        launch.stop_all(started)
        finished = [one for one in started if one.state.status == "finished"]
    if kind != "ablation" and len(finished) > 1:
        columns = zip(*(_accuracies(_report(one)) for one in finished), strict=True)
        print(_row("mean ± standard deviation", [f"{100 * mean(own):.2f} ± {percent(stdev(own))}" for own in columns]))
    for one in finished:
        _print_paths(one)
    missing = [one.id for one in started if one not in finished]
    if missing:
        raise UserError(
            f"{len(finished)} of {len(started)} trainings finished; go on with each of the others by "
            f"python {PROGRAM} train --resume RUN: {', '.join(missing)}."
        )


def _follow_all(started: Sequence[Run], names: Sequence[str], line: LiveLine) -> list[Run]:
    """Follow one after another, print a row for each that finishes, and return those."""
    finished = []
    for one, name in zip(started, names, strict=True):
        line.say(f"{name}: run {one.id}")
        state = Follower(one).wait()
        if state.status == "finished":
            report = _report(one)
            print(_row(f"{name}: {_model(report).stem}", map(percent, _accuracies(report))), flush=True)
            finished.append(one)
        else:
            line.say(f"{name}: {_unfinished(one, state)}")
    return finished


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


def _report(finished: Run) -> dict[str, Any]:
    report = finished.report()
    if report is None:
        raise UserError(f"The run {finished.id} has finished, but its report is missing or damaged.")
    return report


def _model(report: dict[str, Any]) -> Path:
    return paths.models_dir() / report["model"]


def _print_paths(finished: Run) -> None:
    print(f"model {_model(_report(finished))}")
    print(f"run {finished.folder}")


def _accuracies(report: dict[str, Any]) -> tuple[float, float, float]:
    return report["train_accuracy"], report["val"]["accuracy"], report["test"]["accuracy"]


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join((name, *cells))} |"


def _test_line(report: dict[str, Any]) -> str:
    test = report["test"]
    return (
        f"Test: {test['n']} photos, accuracy {percent(test['accuracy'])} "
        f"(95 % interval {interval(test['accuracy_interval'])}), "
        f"balanced accuracy {percent(test['balanced_accuracy'])}"
    )
