"""`evaluate`: measure a trained network on a folder of labelled photos, and say which of them it already knew."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli.console import LiveLine, check_writable, interval, percent
from core.cli.follow import say_refused
from core.cli.table import measures
from core.data.scan import Scan, as_rows, scan
from core.data.split import Row
from core.errors import UserError
from core.evaluation.metrics import summarise
from core.evaluation.predict import decide, predict
from core.labels import Label
from core.networks import files
from core.networks.files import Trained


def run(args: Namespace) -> None:
    """Print the numbers and write them to --json. Raises UserError for what the user must put right."""
    line = LiveLine()
    check_writable(args.json, args.model)
    trained = files.load(args.model)
    _note_mode(trained, args.mode, line)
    found = scan(args.dataset, lambda done, total: line.count("Reading photos", done, total))
    report = evaluate(trained, found, line)
    _say_warnings(report, line, args.json)
    print(measures(report), flush=True)
    if args.json:
        _write(args.json, report)


def evaluate(trained: Trained, found: Scan, line: LiveLine) -> dict[str, Any]:
    """The numbers of a network on a dataset, with what it refused, left out and had seen before.

    Keys of `summarise`, "refused" (rows of file and reason), "left_out" ({label that the network does not know:
    {label it gives: n}}), "seen_in_training" (photos it was trained on or chosen by) and "unseen" (the summary of the
    others, None when there is no other). Raises UserError when no photo of its labels is usable.
    """
    rows = [Row(photo.file, photo.label, "", "") for photo in found.photos]
    used, probability, broken = predict(trained, found.root, rows, lambda *count: line.count("Classifying", *count))
    line.clear()
    pairs = list(zip(used, decide(probability, trained.labels), strict=True))
    known = [(row, guess) for row, guess in pairs if row.label in trained.labels]
    if not known:
        raise UserError(f"{found.root} has no usable photo of {' or '.join(trained.labels)}.")
    digests = {photo.file: photo.digest for photo in found.photos}
    unseen = [(row, guess) for row, guess in known if digests[row.file] not in trained.seen]
    return _summary(known, trained.labels) | {
        "refused": as_rows((*found.refused, *broken)),
        "left_out": _left_out(pairs, trained.labels),
        "seen_in_training": len(known) - len(unseen),
        "unseen": _summary(unseen, trained.labels) if unseen else None,
    }


def _write(path: Path, report: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}): choose another path.") from None


def _summary(pairs: Sequence[tuple[Row, Label]], labels: Sequence[Label]) -> dict[str, Any]:
    return summarise([row.label for row, _ in pairs], [guess for _, guess in pairs], labels)


def _left_out(pairs: Sequence[tuple[Row, Label]], labels: Sequence[Label]) -> dict[str, dict[str, int]]:
    others = [label for label in Label if label not in labels and any(row.label == label for row, _ in pairs)]
    called = Counter((row.label, guess) for row, guess in pairs)
    return {str(other): {str(label): called[other, label] for label in labels} for other in others}


def _note_mode(trained: Trained, typed: str | None, line: LiveLine) -> None:
    if typed and typed != trained.config.mode:
        line.say(f"Note: {trained.path.name} was trained with {trained.config.mode}, not {typed}; the file decides.")


def _say_warnings(report: dict[str, Any], line: LiveLine, json_file: Path | None) -> None:
    say_refused(line, report["refused"], f"all of them are in {json_file}" if json_file else "--json lists all of them")
    if not report["seen_in_training"]:
        return
    unseen = report["unseen"]
    rest = (
        f"on the {unseen['n']} others its accuracy is {percent(unseen['accuracy'])} "
        f"(95 % interval {interval(unseen['accuracy_interval'])})." if unseen else "there are no others."
    )  # fmt: skip
    line.say(
        f"Warning: the model was trained on or selected by {report['seen_in_training']} of these {report['n']} photos, "
        f"so the numbers flatter it; {rest}"
    )
