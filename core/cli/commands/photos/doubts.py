"""`doubts`: photos whose label out-of-fold predictions contradict, the likeliest mistakes first."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from core.cli.terminal.console import LiveLine, check_writable
from core.data.dataset.label_decisions import FILE
from core.data.dataset.scan import scan
from core.evaluation.label_issues import label_issues
from core.evaluation.label_issues.label_issues import Doubt, Doubts
from core.text.tables import columns

_HEAD = ("file", "label", "suggested", "quality")


def run(args: Namespace) -> None:
    """Print a line per label issue and write --json. Raises UserError for what the user must put right."""
    line = LiveLine()
    check_writable(args.json)
    found = label_issues.find(scan(args.dataset, lambda *count: line.count("Reading photos", *count)), line.count)
    line.clear()
    if found.items:
        print(_table(found), flush=True)
    if args.json:
        args.json.write_text(json.dumps(_report(args, found), indent=1), encoding="utf-8")
    line.say(
        f"{len(found.items)} of {found.photos} labels are contradicted by {found.source}. Check each photo before "
        f"you decide, on the Data page or in {FILE}."
    )


def _table(found: Doubts) -> str:
    return columns([_HEAD, *map(_row, found.items)], left=len(_HEAD))


def _row(doubt: Doubt) -> tuple[str, str, str, str]:
    return doubt.file, doubt.label, doubt.suggested, f"{doubt.quality:.4f}"


def _report(args: Namespace, found: Doubts) -> dict[str, Any]:
    items = [vars(doubt) for doubt in found.items]
    return {"dataset": str(args.dataset), "photos": found.photos, "source": found.source, "doubts": items}
