"""`classify`: a line per face of a picture or folder; of a video, camera or stream a line when something changes for a
person, a live line that ends on ESC, and a summary."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Generator
from contextlib import closing, nullcontext
from typing import Any, TextIO

from core.cli.terminal.console import LiveLine, check_writable
from core.cli.terminal.keys import escape_key
from core.cli.terminal.tally import Tally
from core.inference.predictor import Predictor
from core.live.draw import verdict
from core.live.media.sources import Frame, open_source
from core.live.media.video import classify
from core.live.tracked_person import State
from core.text.numbers import confidence

Records = Generator[tuple[Frame, list[dict[str, Any]]]]


def run(args: Namespace) -> None:
    """Print what is seen and write --json and --out. ESC ends a video, camera or stream; Ctrl-C does too where there is
    no other end. Raises UserError for what the user must put right.
    """
    line = LiveLine()
    check_writable(args.json, args.model, args.source)
    predictor = Predictor(args.model)
    source = open_source(args.source, lambda file, reason: line.say(f"Skipped {file}: {reason}"))
    records = classify(source, predictor, args.out)
    # Only now, because the file may lie in the folder that is classified.
    opened = args.json.open("w", encoding="utf-8") if args.json else nullcontext()
    with closing(records), opened as file:
        try:
            if source.still:
                _stills(records, file)
            else:
                _video(records, file, line, endless=not source.files)
        finally:
            line.clear()


def _stills(records: Records, file: TextIO | None) -> None:
    for _, faces in records:
        for face in faces:
            print(_words(face), flush=True)
            _keep(face, file)


def _video(records: Records, file: TextIO | None, line: LiveLine, endless: bool) -> None:
    tally = Tally()
    try:
        with escape_key() as pressed:
            for frame, faces in records:
                for face in faces:
                    _keep(face, file)
                for text in tally.add(frame.time, faces):
                    line.clear()
                    print(text, flush=True)
                line.show(tally.now(faces, "  (ESC ends)" if pressed else ""))
                if pressed and pressed():
                    break
    except KeyboardInterrupt:
        if not endless:
            raise
    line.clear()
    print("\n".join(tally.summary()), flush=True)


def _keep(face: dict[str, Any], file: TextIO | None) -> None:
    if file:
        print(json.dumps(face), file=file, flush=True)


def _words(face: dict[str, Any]) -> str:
    """A line on one face of a picture; of a whole picture without a face, what it would be as one."""
    said = f"{face['label']}  {confidence(face['confidence'])}"
    if not face["box"]:
        return f"{face['source']}  {face['note']}: {said}{', unsure' * face['unsure']}"
    judged = f"{said}  {verdict(face['passes'])}" if face["state"] == State.LABELLED else face["state"]
    return f"{face['source']}  face {face['number']}  {judged}  box {','.join(map(str, face['box']))}"
