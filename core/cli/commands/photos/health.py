"""`health`: what in a dataset may mislead a training, and what to do about each."""

from __future__ import annotations

from argparse import Namespace

from core.cli.terminal.console import LiveLine
from core.data.dataset.scan import scan
from core.data.dataset.split import find_groups
from core.data.health import checks
from core.text.markup import one_line


def run(args: Namespace) -> None:
    """Look and print. Raises UserError for a folder that is no dataset."""
    line = LiveLine()
    photos = scan(args.dataset, lambda done, total: line.count("Reading photos", done, total))
    line.clear()
    found = checks.check(photos, find_groups(photos))
    for one in found:
        print(one_line(f"{one.title}: {one.found} {one.remedy}"))
    if not found:
        print(checks.NOTHING)
