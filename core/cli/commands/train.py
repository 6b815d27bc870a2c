"""`train`: start or resume a run or a study, follow it to its end, and print report A's table and where things are."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from core.cli.commands import sweep
from core.cli.parser import PROGRAM
from core.cli.terminal import finished
from core.cli.terminal.console import LiveLine
from core.cli.terminal.follow_run import Follower
from core.data.dataset.scan import Progress
from core.schema.errors import UserError
from core.store import paths, runs
from core.store.job_state import State
from core.store.runs import Run
from core.text.markup import one_line
from core.training.lifecycle import launch
from core.training.sweeps import study
from core.training.sweeps.study import Planned


def run(args: Namespace) -> None:
    """Train and print; stdout ends with a line `model PATH` and a line `run PATH` for each training that finished.

    Raises UserError for what the user must put right, and when a run fails or is stopped.
    """
    line = LiveLine()
    if args.study:
        sweep.train(args.study[0], _planned(args), line, args.custom_photos)
        return
    started = _resumed(args.resume) if args.resume else _started(args, line)
    line.say(f"Run {started.id}")
    state = _follow(started, line)
    if state.status != "finished":
        raise UserError(_unfinished(started, state))
    print(f"{finished.HEAD}\n{finished.row(started)}")
    print(finished.test_line(started))
    finished.print_paths(started)


def _started(args: Namespace, line: LiveLine) -> Run:
    try:
        return launch.start(args.config, _reading(line), args.yes)
    except launch.MissingError as error:
        line.clear()
        for file, reason in error.files.items():
            print(one_line(f"{file}: {reason}"), flush=True)
        many = len(error.files)
        raise UserError(
            f"Nothing was trained: {many:,} photo{'s' * (many > 1)} of that version {'are' if many > 1 else 'is'} gone "
            "or changed. Put them back, or add --yes to train without."
        ) from None


def _planned(args: Namespace) -> list[Planned]:
    kind, count = args.study
    if kind == "ablation":
        return study.ablation(args.config, args.factor)
    return study.repeated(study.one(args.config), kind, count)


def _reading(line: LiveLine) -> Progress:
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
    again = f"resume with: python {PROGRAM} train --resume {ended.id}"
    if state.status == "stopped":
        return f"The run was stopped after {state.epoch} of {ended.config.epochs} epochs; {again}"
    return f"The run failed: {state.message.rstrip('.')} (log: {ended.job.log_file}); when that is mended, {again}"
