"""Write reports: a page of one run or several, and a model card per network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.report.card import card
from core.report.html import page
from core.report.material import Progress, collect
from core.schema.errors import UserError
from core.store import paths
from core.store.files.atomic import write_whole
from core.store.runs import Run

_PAGE, _CARD, _SEVERAL = "report.html", "card.md", "reports"
# File systems take 255 bytes.
_LONGEST = 200


@dataclass(frozen=True)
class Written:
    """Where a report lies: one page, and a card for each run in their order."""

    page: Path
    cards: tuple[Path, ...]


def write(
    runs: Sequence[Run], out: Path | None = None, photos: bool = False, progress: Progress | None = None
) -> Written:
    """Write the page and the cards of finished runs, each whole or not at all, over older ones.

    Without `out`, a run's go to its own folder, and a page of several to reports/ in the home; else both go to that
    folder, or to that .html file and beside it. `photos` puts some test photos into the page. Raises UserError for an
    unfinished run and where nothing can be written.
    """
    chosen = list(dict.fromkeys(runs))
    places = _places(chosen, out)
    for place in (places.page, *places.cards):
        _at(place, partial(place.parent.mkdir, parents=True, exist_ok=True))
    materials = [collect(run, progress) for run in chosen]
    texts = [page(materials, photos), *map(card, materials)]
    for place, text in zip((places.page, *places.cards), texts, strict=True):
        _at(place, partial(write_whole, place, text))
    return places


def _places(runs: Sequence[Run], out: Path | None) -> Written:
    if out is None:
        return _own_places(runs)
    if out.suffix.lower() == ".html":
        cards = [f"{out.stem}.md"] if len(runs) == 1 else [f"{out.stem}-{run.id}.md" for run in runs]
        return Written(out, tuple(out.with_name(name) for name in cards))
    if out.suffix and not out.is_dir():
        raise UserError(f"{out} is neither a folder nor an .html file: choose one of these.")
    cards = [_CARD] if len(runs) == 1 else [f"{Path(_CARD).stem}-{run.id}.md" for run in runs]
    return Written(out / _PAGE, tuple(out / name for name in cards))


def _own_places(runs: Sequence[Run]) -> Written:
    cards = tuple(run.folder / _CARD for run in runs)
    if len(runs) == 1:
        return Written(runs[0].folder / _PAGE, cards)
    name = "+".join(run.id for run in runs)
    if len(name) > _LONGEST:
        digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
        name = f"{runs[0].id}+{len(runs) - 1}-{digest}"
    return Written(paths.home() / _SEVERAL / f"{name}.html", cards)


def _at(place: Path, act: Callable[[], None]) -> None:
    try:
        act()
    except OSError as error:
        raise UserError(
            f"{place} can't be written ({error.strerror}): free some space, or choose another folder."
        ) from None
