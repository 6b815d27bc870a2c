"""`versions`: the versions of a dataset that its runs were given, and what changed from one to another."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.cli.terminal.console import LiveLine, check_writable
from core.data.dataset.scan import scan
from core.data.dataset.versions import difference, manifest
from core.data.dataset.versions.difference import KINDS, Difference
from core.data.dataset.versions.manifest import SHORT, Version
from core.evaluation.versions import known
from core.evaluation.versions.known import Known
from core.evaluation.wording import version_words
from core.schema.errors import UserError
from core.schema.labels import Label
from core.text.markup import one_line
from core.text.tables import columns

NOW = "now"
# So many photos of a kind are named; --json has them all.
_NAMED = 20


def run(args: Namespace) -> None:
    """Print, and write --json. Raises UserError for what the user must put right."""
    check_writable(args.json)
    if len(args.versions) > 2:
        raise UserError("Two versions are compared: type no more than two.")
    line = LiveLine()
    now = manifest.of_scan(scan(args.dataset, lambda *count: line.count("Reading photos", *count)))
    line.clear()
    listed = known.of_dataset(args.dataset)
    if not args.versions:
        print("\n".join(_list(now, listed)), flush=True)
        _write(args.json, {"now": vars(now.head), "versions": [_told(one) for one in listed]})
        return
    older, newer = (_version(name, now) for name in [*args.versions, NOW][:2])
    found = difference.between(older, newer)
    print("\n".join(_compared(older, newer, found)), flush=True)
    _write(args.json, {"older": vars(older.head), "newer": vars(newer.head)} | found.as_dict())


def _version(name: str, now: Version) -> Version:
    return now if name == NOW else known.find(Path(name).name)


def _list(now: Version, listed: Sequence[Known]) -> Iterator[str]:
    head = ("version", "photos", "since", "given to")
    rows = [(one.head.id[:SHORT], f"{one.head.photos:,}", version_words.day(one.head.when), _runs(one))
            for one in listed]  # fmt: skip
    present = (now.id[:SHORT], f"{now.head.photos:,}", NOW, "")
    if rows:
        # The runs' names stand last, and are of any length.
        yield columns([head, present, *rows], left=len(head))
    else:
        yield f"Now: {version_words.named(now.head)}. No run of this dataset tells which version it was given."


def _runs(one: Known) -> str:
    forgotten = f" ({one.head.forgotten:,} forgotten since)" if one.head.forgotten else ""
    return one_line(", ".join(run.id for run in one.runs)) + forgotten


def _compared(older: Version, newer: Version, found: Difference) -> Iterator[str]:
    yield f"From {version_words.named(older.head)} to {version_words.named(newer.head)}:"
    yield version_words.changed(found)
    if found.changes:
        yield columns([("", *map(str, Label)), *_counts(found)])
    for kind, own in found.changes.items():
        yield f"{KINDS[kind].capitalize()}:"
        for change in own[:_NAMED]:
            of = f" ({change.before or '-'} -> {change.now or '-'})" if change.before or change.now else ""
            yield one_line(f"  {change.file}{of}")
        if len(own) > _NAMED:
            yield f"  and {len(own) - _NAMED:,} more"


def _counts(found: Difference) -> list[tuple[str, ...]]:
    return [(KINDS[kind], *(str(own[label]) for label in Label)) for kind, own in found.counts().items()]


def _told(one: Known) -> dict[str, Any]:
    return vars(one.head) | {"runs": [run.id for run in one.runs]}


def _write(path: Path | None, content: dict[str, Any]) -> None:
    if path:
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
