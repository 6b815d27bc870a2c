"""`sweep`: say how long a table of trainings will take, start or resume it, and print a row as each one finishes."""

from __future__ import annotations

import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.cli.parser import PROGRAM
from core.cli.terminal import ablation_table, finished
from core.cli.terminal.console import LiveLine
from core.cli.terminal.follow_run import Follower
from core.data.dataset import held_out
from core.data.dataset.label_folders import count_files
from core.data.dataset.scan import Progress, scan
from core.evaluation.compare import ablation
from core.evaluation.new_source import results
from core.evaluation.wording import source_words
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.store import sweeps
from core.store.sweeps import Kind, Standing, Sweep
from core.text.numbers import clock
from core.text.tables import markdown
from core.training.cost import sweep_forecast
from core.training.sweeps import grid, report_a_table, study, sweeper
from core.training.sweeps.study import Planned

_LOOK_EVERY_SECONDS = 0.2


def run(args: Namespace) -> None:
    """Do what was asked. Raises UserError for what the user must put right, and when rows are missing at the end."""
    line = LiveLine()
    if args.list:
        _list()
    elif args.table:
        _again(sweeps.get(args.table), args.custom_photos, line)
    elif args.resume:
        sweep = sweeps.get(args.resume)
        sweeper.resume(sweep)
        follow(sweep, line)
    else:
        kind, planned = _planned(args, line)
        if args.dry_run:
            print("\n".join(row.name for row in planned))
            print(_forecast(planned)[1])
        else:
            train(kind, planned, line, args.custom_photos)


def train(kind: Kind, planned: Sequence[Planned], line: LiveLine, custom_photos: Path | None = None) -> None:
    """Say how long these rows will take, train them, and print the table."""
    seconds, words = _forecast(planned)
    line.say(words)
    follow(sweeper.start(study.title(kind, planned), kind, planned, seconds, _reading(line), custom_photos), line)


def follow(sweep: Sweep, line: LiveLine) -> None:
    """Print a row for each training that finishes, and their means; Ctrl-C stops the sweep. Raises UserError, with how
    to go on, when rows are missing at the end."""
    line.say(f"Sweep {sweep.id}")
    print(finished.HEAD, flush=True)
    try:
        for number in range(len(sweep.rows)):
            _follow_row(sweep, number, line)
        while (state := sweep.state).active:
            line.show(state.message)
            time.sleep(_LOOK_EVERY_SECONDS)
    except KeyboardInterrupt:
        line.say("Stopping the sweep")
        # A UserError: it came to its end by itself while the key was pressed.
        with suppress(UserError):
            sweeper.stop(sweep)
    _close(sweep, line)


def _follow_row(sweep: Sweep, number: int, line: LiveLine) -> None:
    """Until the row has had its turn."""
    name, followed = sweep.rows[number].name, False
    while (state := sweep.state).active and state.done <= number:
        standing = sweep.standing(number)
        if standing.run and standing.run.state.active and not followed:
            line.say(f"{name}: run {standing.run.id}")
            Follower(standing.run, after=len(standing.run.metrics())).wait()
            followed = True
        elif not followed and standing.status == "not started":
            line.show(state.message)
        time.sleep(_LOOK_EVERY_SECONDS)
    standing = sweep.standing(number)
    if standing.status == "finished":
        print(finished.row(standing.trained, name), flush=True)
    elif standing.status == "failed":
        log = f" (log: {standing.run.job.log_file})" if standing.run else ""
        line.say(f"{name}: The run failed: {standing.message.rstrip('.')}{log}")


def _close(sweep: Sweep, line: LiveLine) -> None:
    standings = sweep.standings()
    done = [standing for standing in standings if standing.status == "finished"]
    _means(done)
    _ablations(sweep, line)
    _new_source(sweep)
    for standing in done:
        finished.print_paths(standing.trained)
    if missing := [f"{one.row.name} ({one.status})" for one in standings if one.status != "finished"]:
        raise UserError(
            f"{len(done)} of {len(standings)} trainings finished; resume the others by "
            f"python {PROGRAM} sweep --resume {sweep.id} (missing: {', '.join(missing)})."
        )
    if sweep.custom_photos and (state := sweep.state).status == "failed":
        raise UserError(state.message)


def _again(sweep: Sweep, custom_photos: Path | None, line: LiveLine) -> None:
    """Print the table of what has finished; an ablation is measured on photos from elsewhere before that, if wanted."""
    if custom_photos:
        photos = scan(custom_photos, _reading(line))
        for own in ablation.of_sweep(sweep):
            ablation.measure(own, photos, lambda done, total: line.count("Custom photos", done, total))
        line.clear()
    done = [standing for standing in sweep.standings() if standing.status == "finished"]
    print(finished.HEAD)
    for standing in done:
        print(finished.row(standing.trained, standing.row.name))
    _means(done)
    _ablations(sweep, line)
    _new_source(sweep)


def _new_source(sweep: Sweep) -> None:
    if sweep.kind == "sources" and (found := results.of_sweep(sweep)):
        print(f"\n{markdown(source_words.HEAD, map(source_words.row, found.tested))}")
        print(f"\n{source_words.sentence(found)} {source_words.note(found)}\n", flush=True)


def _ablations(sweep: Sweep, line: LiveLine) -> None:
    if sweep.kind != "ablation":
        return
    line.clear()
    for own in ablation.of_sweep(sweep):
        print(f"\n{ablation_table.show(own)}\n", flush=True)


def _means(done: Sequence[Standing]) -> None:
    groups: dict[str, list[Standing]] = defaultdict(list)
    for standing in done:
        groups[standing.row.group].append(standing)
    for group, own in groups.items():
        if len(own) > 1:
            print(finished.mean_row([standing.trained for standing in own], group))


def _planned(args: Namespace, line: LiveLine) -> tuple[Kind, list[Planned]]:
    kind, variants = _variants(args, line)
    return kind, study.repeated(variants, *args.repetition)


def _variants(args: Namespace, line: LiveLine) -> tuple[Kind, list[Planned]]:
    if args.report_a_table:
        counts = count_files(Path(args.values["dataset"]).expanduser())
        if not report_a_table.has_third(counts):
            line.say("These photos have no wrong_mask: the six two-class rows alone.")
        return "report_a", report_a_table.variants(args.values, counts)
    if args.grid:
        return "grid", grid.variants(args.values, _axes(args.grid))
    config = configs.make(configs.fill_in(args.values))
    if args.leave_one_source_out:
        found = held_out.find(scan(config.folder, _reading(line)), config.labels)
        line.say(found.words)
        return "sources", study.without_each(config, found.tested)
    if args.ablation:
        return "ablation", study.ablation(config, args.factor)
    return args.repetition[0], study.one(config)


def _axes(words: Sequence[str]) -> dict[str, list[Any]]:
    axes: dict[str, list[Any]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        if not equals:
            raise UserError(f"--grid takes fields with their values, such as learning_rate=0.001,0.0003, not {word!r}.")
        axes[name.replace("-", "_")] = grid.read_values(name, values)
    return axes


def _forecast(planned: Sequence[Planned]) -> tuple[list[float], str]:
    """Seconds of each row, 0 where they can't be known, and what to say of them."""
    counts = count_files(planned[0].config.folder)
    try:
        costs = sweep_forecast.costs([row.config for row in planned], counts)
    except UserError as error:
        return [0.0] * len(planned), str(error)
    seconds = [cost.seconds for cost in costs]
    many = f"{len(planned)} trainings" if len(planned) > 1 else "One training"
    return seconds, f"{many}, about {clock(sum(seconds))} on this machine ({costs[0].basis})."


def _list() -> None:
    found = sweeps.every()
    if not found:
        print("There is no sweep yet.")
    for sweep in found:
        done = sum(standing.status == "finished" for standing in sweep.standings())
        print(f"{sweep.id}: {sweep.name}, {done} of {len(sweep.rows)} trainings finished, {sweep.state.status}")


def _reading(line: LiveLine) -> Progress:
    return lambda done, total: line.count("Reading photos", done, total)
