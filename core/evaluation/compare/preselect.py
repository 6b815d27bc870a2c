"""Which entries a comparison begins with: those that were tested on the same photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import LEAST_PHOTOS

# More are hard to tell apart in a chart.
_MOST = 6


def together(entries: Sequence[Entry]) -> list[Entry]:
    """Of entries, the newest first, the largest set whose runs split the same folder alike and so share test photos,
    LEAST_PHOTOS of them if any do; of equally large ones the newest, at most the _MOST newest of it; the newest entry
    where no two share any. Quick for many runs: it takes their settings' word for it."""
    sets: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    folders: dict[str, Path] = {}
    for entry in entries:
        for run in entry.runs:
            config = run.config
            folder = folders.setdefault(config.dataset, config.folder.resolve())
            own = sets[folder, config.split, config.folds, config.fold, config.held_out_source, config.seed]
            if entry not in own and len(own) < _MOST:
                own.append(entry)
    # Of equals, max takes the first, which has the newest entry.
    return max(sets.values(), key=lambda own: (len(own) > 1 and _enough(own), len(own)), default=[])


def _enough(entries: Sequence[Entry]) -> bool:
    return all((found := run.summary()) and found.tested >= LEAST_PHOTOS for entry in entries for run in entry.runs)
