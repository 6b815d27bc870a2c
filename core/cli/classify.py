"""`classify`: one line a face on stdout, with the decision at the network's operating point; of a picture, a folder, a
video, a camera or a stream."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from core.cli.console import LiveLine, check_writable, clock
from core.data.photos import SUFFIXES
from core.live.draw import verdict
from core.live.predictor import Predictor
from core.live.video import classify


def run(args: Namespace) -> None:
    """Print a line a face and write --json and --out. Ctrl-C is the way to end a camera or stream, not a failure.

    Raises UserError for what the user must put right.
    """
    line = LiveLine()
    check_writable(args.json, args.model, args.source)
    predictor = Predictor(args.model)
    records = classify(args.source, predictor, args.out, lambda file, reason: line.say(f"Refused {file}: {reason}"))
    try:
        _write(records, args, line)
    except KeyboardInterrupt:
        if not _is_live(args.source):
            raise
    finally:
        line.clear()


def _write(records: Iterator[dict[str, Any]], args: Namespace, line: LiveLine) -> None:
    still = _is_still(Path(args.source))
    # Only now, because the file may lie in the folder that is classified.
    opened = args.json.open("w", encoding="utf-8") if args.json else nullcontext()
    with closing(records), opened as file:
        for record in records:
            line.clear()
            print(_words(record, still), flush=True)
            if file:
                print(json.dumps(record), file=file, flush=True)
            if not still:
                line.show(f"{clock(record['time'])} done")


def _words(record: dict[str, Any], still: bool) -> str:
    where = record["source"] if still else f"{record['time']:.2f} s"
    box = "box " + ",".join(map(str, record["box"])) if record["box"] else ""
    parts = [where, record["label"], f"{100 * record['confidence']:.1f} %", verdict(record["passes"]), box,
             record["note"]]  # fmt: skip
    return "  ".join(part for part in parts if part)


def _is_still(source: Path) -> bool:
    return source.is_dir() or source.suffix.lower() in SUFFIXES


def _is_live(source: str) -> bool:
    return source.isdecimal() or not Path(source).expanduser().exists()
