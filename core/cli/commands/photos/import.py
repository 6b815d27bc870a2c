"""`import`: photos from a ZIP, a folder or a video into a dataset, one at a time, however many there are."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from core.cli.terminal.console import LiveLine
from core.data.collect import burst
from core.data.collect.imports import members
from core.data.collect.imports.bring_in import Progress, Wanted, bring_in
from core.data.collect.imports.tally import Tally
from core.data.collect.inbox.from_photos import Find
from core.schema.errors import UserError
from core.schema.labels import Label
from core.text.markup import one_line
from core.text.tables import columns


def run(args: Namespace) -> None:
    """Import, then print what was refused; say what came of it, also where it broke off. Raises UserError."""
    line, tally = LiveLine(), Tally()
    find = _finder(args.inbox) if args.inbox else None
    wanted = Wanted(Label(args.label) if args.label else None, args.person, args.source, find)
    try:
        _bring_in(args.photos, args.dataset, wanted, tally, lambda *count: line.count("Photo", *count))
    finally:
        line.clear()
        if table := tally.table():
            print(columns([[one_line(cell) for cell in row] for row in table], left=2), flush=True)
        line.say(f"{tally.words()}.")


def _finder(model: Path) -> Find:
    # torch takes seconds to import.
    from core.inference import unlabelled
    from core.inference.predictor import Predictor

    return unlabelled.finder(Predictor(model))


def _bring_in(photos: Path, dataset: Path, wanted: Wanted, tally: Tally, progress: Progress) -> None:
    if photos.is_dir():
        bring_in(dataset, [members.of_folder(photos)], wanted, tally, progress)
        return
    if photos.suffix.lower() in burst.SUFFIXES:
        bring_in(dataset, [[members.of_file(photos)]], wanted, tally, progress)
        return
    try:
        file = photos.open("rb")
    except OSError as error:
        raise UserError(f"{photos} can't be read ({error.strerror}): check its path.") from None
    with file:
        bring_in(dataset, [members.of_zip(file, str(photos))], wanted, tally, progress)
