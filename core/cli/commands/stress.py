"""`stress`: classify photos under every kind of disturbance, and say where the network is weak."""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from core.cli import run_names
from core.cli.terminal.console import LiveLine, check_writable, plain
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.data.dataset.split import Row
from core.data.disturb import SEVERITIES
from core.evaluation.stress import score, worker
from core.evaluation.stress.measure_suite import run_suite
from core.evaluation.stress.score import Summary
from core.evaluation.stress.suite import Suite
from core.evaluation.wording import stress_words
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.store import paths
from core.store.runs import Run, finished_report
from core.text.tables import markdown


def run(args: Namespace) -> None:
    """Print sentences and a table, and write --json; a run's suite on its own test photos is kept in its folder.

    Raises UserError for what the user must put right.
    """
    line = LiveLine()
    check_writable(args.json, args.model)
    if args.photos < 1:
        raise UserError(f"--photos takes a number of photos above 0, not {args.photos}.")
    suite = _suite(args, line)
    line.clear()
    summary = score.summarise(suite)
    said = [plain(stress_words.result(suite, summary)), plain(stress_words.unseen(summary))]
    print("\n\n".join([*said, _table(suite, summary)]))
    print(f"\n{len(suite.files)} photos, {suite.seconds:.0f} s", flush=True)
    if args.json:
        try:
            args.json.write_text(json.dumps(suite.as_dict() | {"summary": summary.as_dict()}) + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{args.json} can't be written ({error.strerror}): choose another path.") from None


def _suite(args: Namespace, line: LiveLine) -> Suite:
    if args.dataset is None:
        return worker.compute(_run(args.model), args.photos, line.count)
    predictor = Predictor(Path(args.model), exact=True) if _is_model(args.model) else worker.network(_run(args.model))
    rows = _strange(predictor, args.dataset, line)
    return run_suite(predictor, args.dataset, rows, args.photos, progress=line.count)


def _run(name: str) -> Run:
    """The named run, or the one that trained the named model. Raises UserError when it is not here."""
    if not _is_model(name):
        return run_names.finished(name)
    own = Predictor(Path(name)).info.run
    with suppress(UserError):
        run = run_names.finished(own)
        # A file elsewhere may be of another home's run of that name.
        if (paths.models_dir() / finished_report(run).model).resolve() == Path(name).resolve():
            return run
    raise UserError(f"The run that trained {name} is not in {paths.runs_dir()}: name a folder of photos, too.")


def _is_model(name: str) -> bool:
    return Path(name).suffix == ".pth"


def _strange(predictor: Predictor, dataset: Path, line: LiveLine) -> list[Row]:
    """The dataset's photos of groups of which the network has seen nothing. Raises UserError for none."""
    found = scan(dataset, lambda done, total: line.count("Reading photos", done, total))
    rows = splits.new_to(found, predictor.info.seen)
    if known := len(found.photos) - len(rows):
        line.say(f"Left out: {known} photos that the model was trained on or selected by, or others of their group.")
    if not rows:
        raise UserError(
            f"The model was trained on or selected by photos of every person or occasion in {dataset}: name other "
            "photos."
        )
    return rows


def _table(suite: Suite, summary: Summary) -> str:
    header = ["kind", "mean", "95 % interval", *map(str, SEVERITIES), "photos", "counts"]
    rows: list[list[str]] = [
        [
            row["kind"], f"{row['mean']:.1f} %", f"{row['low']:.1f}–{row['high']:.1f} %",
            *(f"{row[str(severity)]:.0f} %" for severity in SEVERITIES), str(row["photos"]), row["counts"],
        ]
        for row in stress_words.table(suite, summary)
    ]  # fmt: skip
    return markdown(header, rows)
