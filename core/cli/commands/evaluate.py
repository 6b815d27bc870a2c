"""`evaluate`: measure a trained network on a folder of labelled photos, and say which of them it already knew."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.cli.terminal.console import LiveLine, check_writable, interval, percent
from core.cli.terminal.evaluation_table import measures
from core.cli.terminal.follow_run import say_refused
from core.cli.terminal.source_table import by_source as source_table
from core.data.collect import sources
from core.data.dataset.scan import Scan, as_rows, scan
from core.data.dataset.split import Row, find_groups, new_to
from core.evaluation.by_source.measure import by_source
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.predictions import Predictions
from core.inference.labelled_photos import classify
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.result import Evaluation, RefusedFile, Result


def run(args: Namespace) -> None:
    """Print the numbers and write them to --json. Raises UserError for what the user must put right."""
    line = LiveLine()
    check_writable(args.json, args.model)
    predictor = Predictor(args.model, exact=True)
    _note_mode(predictor, args.mode, line)
    found = scan(args.dataset, lambda done, total: line.count("Reading photos", done, total))
    report = evaluate(predictor, found, line)
    _say_warnings(report, line, args.json)
    print(measures(report), flush=True)
    if report.by_source:
        print(source_table(report.by_source), flush=True)
    if args.json:
        _write(args.json, report)


def evaluate(predictor: Predictor, found: Scan, line: LiveLine) -> Evaluation:
    """The numbers of a network on a dataset, with what it refused, left out and had seen before.

    Raises UserError when no photo of its labels is usable.
    """
    groups = find_groups(found).of
    rows = [Row(photo.file, photo.label, groups[photo.file], "") for photo in found.photos]
    used, probability, broken = classify(predictor, found.root, rows, lambda *count: line.count("Classifying", *count))
    line.clear()
    if not any(row.label in predictor.labels for row in used):
        raise UserError(f"{found.root} has no usable photo of {' or '.join(predictor.labels)}.")
    every = _predictions(used, probability, predictor)
    known = np.isin(every.true, predictor.labels)
    new = {row.file for row in new_to(found, predictor.info.seen)}
    unseen = np.array([file in new for file in every.files])
    return Evaluation(
        **dict(_numbers(every, predictor)),
        by_source=by_source(every, sources.of_photos(found), predictor.operating_point, seen=set(every.files) - new),
        runtime=predictor.runtime.name,
        refused=tuple(RefusedFile(**row) for row in as_rows((*found.refused, *broken))),
        left_out=_left_out(every.only(~known)),
        seen_in_training=int((known & ~unseen).sum()),
        unseen=_numbers(every.only(unseen), predictor) if (known & unseen).any() else None,
    )


def _write(path: Path, report: Evaluation) -> None:
    try:
        path.write_text(json.dumps(report.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}): choose another path.") from None


def _predictions(rows: Sequence[Row], probability: np.ndarray, predictor: Predictor) -> Predictions:
    return Predictions(
        files=tuple(row.file for row in rows),
        true=np.array([str(row.label) for row in rows]),
        groups=np.array([row.group for row in rows]),
        probability=probability,
        classes=predictor.labels,
    )


def _numbers(predictions: Predictions, predictor: Predictor) -> Result:
    return measure(predictions, predictor.operating_point, predictor.info.temperature, predictor.unsure_above)


def _left_out(others: Predictions) -> dict[Label, dict[Label, int]]:
    called = Counter(zip(others.true.tolist(), others.guess.tolist(), strict=True))
    return {
        other: {label: called[other, label] for label in others.classes}
        for other in Label if other in others.true
    }  # fmt: skip


def _note_mode(predictor: Predictor, typed: str | None, line: LiveLine) -> None:
    mode = predictor.info.config.mode
    if typed and typed != mode:
        line.say(f"Note: {predictor.path.name} was trained with {mode}, not {typed}; the file decides.")


def _say_warnings(report: Evaluation, line: LiveLine, json_file: Path | None) -> None:
    where = f"all of them are in {json_file}" if json_file else "--json lists all of them"
    say_refused(line, [file.model_dump() for file in report.refused], where)
    if not report.seen_in_training:
        return
    unseen = report.unseen
    rest = (
        f"on the {unseen.n} others its accuracy is {percent(unseen.accuracy)} "
        f"(95 % interval {interval(unseen.accuracy_grouped_interval)})." if unseen else "there are no others."
    )  # fmt: skip
    line.say(
        f"Warning: the model was trained on or selected by {report.seen_in_training} of these {report.n} photos "
        f"(or by others of their group), so the numbers flatter it; {rest}"
    )
