"""`report`: write runs and all their numbers to an HTML file that needs nothing else, and a model card per network."""

from __future__ import annotations

from argparse import Namespace

from core.cli import run_names
from core.cli.terminal.console import LiveLine
from core.report import write


def run(args: Namespace) -> None:
    """Write the files and print a line `report PATH` and a line `card PATH` a run.

    Raises UserError for what the user must put right.
    """
    line = LiveLine()
    chosen = [run_names.finished(name) for name in args.runs]
    line.show("Writing the report")
    try:
        written = write.write(chosen, args.out, args.photos, line.count)
    finally:
        line.clear()
    print(f"report {written.page}")
    for card in written.cards:
        print(f"card {card}")
