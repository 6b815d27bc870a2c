"""`health`: what in a dataset may mislead a training, and what to do about each."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from core.cli.terminal.console import LiveLine, plain
from core.data.collect import sources
from core.data.dataset.scan import Scan, scan
from core.data.dataset.split import find_groups
from core.data.health import checks, label_mix
from core.data.health.label_mix import Leaning
from core.evaluation.by_source import kept, worker
from core.evaluation.wording import source_signal_words as words
from core.schema.errors import UserError
from core.text.markup import one_line
from core.text.tables import columns


def run(args: Namespace) -> None:
    """Look and print. Raises UserError for a folder that is no dataset, and with --sources where its sources can't be
    told apart."""
    line = LiveLine()
    photos = scan(args.dataset, lambda done, total: line.count("Reading photos", done, total))
    line.clear()
    groups = find_groups(photos)
    found = checks.check(photos, groups)
    for one in found:
        print(one_line(f"{one.title}: {one.found} {one.remedy}"))
    if not found:
        print(checks.NOTHING)
    told = sources.of_photos(photos)
    if mix := label_mix.mix(photos, told):
        print(plain("\n".join(["", columns([words.mix_head(mix), *words.mix_rows(mix)])])), flush=True)
        _signal(args, photos, kept.key(photos, told, groups.of), label_mix.leaning(mix), line)
    elif args.sources:
        raise UserError(f"All photos of {photos.root} are of one source: there are none to tell apart.")


def _signal(args: Namespace, photos: Scan, key: str, leaning: Sequence[Leaning], line: LiveLine) -> None:
    """How well sources can be told apart: found out where that was asked for, or as it was found out before."""
    before = kept.read(photos.root)
    found = before[1] if before and before[0] == key else None
    if args.sources and found is None:
        found = worker.find(photos.root, line.count)
        line.clear()
    if found is None:
        print("\nHow well sources can be told apart by what a network sees: add --sources.")
        return
    table = columns([words.HEAD, *map(words.row, found.labels)])
    said = [*words.sentences(found, leaning), words.NOTE, words.left_out(found)]
    print(plain("\n".join(["", table, "", *filter(None, said)])))
