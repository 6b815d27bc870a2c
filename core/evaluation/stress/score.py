"""One number for a stress suite, and whether two networks differ in it on the same photos.

The stress score is the mean over all kinds and severities of the balanced accuracy (the mean recall of the labels that
occur). It is said three times: over everything, over what robust training never shows, and over kinds that it never
shows; the things held before a face are other designs than training's in all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.data.augment import robust
from core.data.disturb import KINDS, SEVERITIES
from core.evaluation.compare.paired import Difference
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.stress.mean import Mean
from core.evaluation.stress.suite import Cell, Suite
from core.schema.errors import UserError

SCOPES = {
    "all": "all kinds and severities",
    "untrained": "kinds and severities that robust training never shows",
    "new_kinds": "kinds that robust training never shows",
}


@dataclass(frozen=True)
class Summary:
    """A suite in a few numbers, each 0..1 with its 95 % interval over groups: `score` by scope (see SCOPES), `kinds` by
    kind (mean over its severities), `passing` the share of bare faces that pass with something before their mouth.
    `worst_kind` has the lowest mean, (`worst_kind`, `worst_severity`) is the weakest cell of it."""

    clean: Estimate
    score: dict[str, Estimate]
    kinds: dict[str, Estimate]
    passing: Estimate
    worst_kind: str
    worst_severity: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """Network b against a on the photos and cells that both suites have; numbers as in Summary."""

    photos: int
    groups: int
    clean: Difference
    score: dict[str, Difference]
    kinds: dict[str, Difference]
    passing: Difference

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def summarise(suite: Suite) -> Summary:
    """The suite's numbers. Raises UserError when nothing was shown but clean photos."""
    if not suite.stressed:
        raise UserError("No kind of disturbance could be shown on these photos.")

    def mean(cells: Sequence[Cell], passing: bool = False) -> Estimate:
        answers, asked = [_answers(cell, passing) for cell in cells], [cell.asked for cell in cells]
        own = Mean(answers, asked, suite.true, suite.groups)
        return Estimate(own.value, *own.share_limits)

    kinds = {kind: mean([cell for cell in suite.stressed if cell.kind == kind]) for kind in suite.kinds}
    worst = min(kinds, key=lambda kind: kinds[kind].value)
    cells = [suite.cell(worst, severity) for severity in SEVERITIES]
    return Summary(
        clean=mean([suite.clean]),
        score={scope: mean(_within(suite.stressed, scope)) for scope in SCOPES},
        kinds=kinds,
        passing=mean(_covered(suite.stressed), passing=True),
        worst_kind=worst,
        worst_severity=min(cells, key=lambda cell: suite.measure(cell).balanced_accuracy).severity,
    )


def score(suite: Suite, scope: str = "all", kinds: Sequence[str] | None = None) -> float:
    """The stress score alone (0..1), of some kinds or all that were shown, without an interval: quick."""
    cells = [cell for cell in _within(suite.stressed, scope) if kinds is None or cell.kind in kinds]
    return float(np.mean([suite.measure(cell).balanced_accuracy for cell in cells]))


def shared_kinds(suites: Sequence[Suite]) -> list[str]:
    """The kinds that each of these suites shows, in order: one may be older than a kind."""
    return [kind for kind in suites[0].kinds if all(kind in suite.kinds for suite in suites)] if suites else []


def compare(a: Suite, b: Suite) -> Comparison:
    """b against a, paired photo by photo: whole groups are resampled together for both.

    Raises UserError when the suites share no photo, or were drawn with different seeds and so show different pictures.
    """
    if a.dataset != b.dataset or a.seed != b.seed:
        raise UserError("These stress suites are of different photos: run both on the same dataset with the same seed.")
    place_a, place_b = ({file: place for place, file in enumerate(own.files)} for own in (a, b))
    shared = [file for file in a.files if file in place_b]
    in_a, in_b = (np.array([place[file] for file in shared], dtype=int) for place in (place_a, place_b))
    pairs = [(cell, other) for cell in a.stressed if (other := _same(cell, b))]
    if not shared or not pairs:
        raise UserError("These stress suites share no photo: only runs with the same test photos can be compared.")

    def difference(chosen: Sequence[tuple[Cell, Cell]], passing: bool = False) -> Difference:
        asked = [first.asked[in_a] & second.asked[in_b] for first, second in chosen]
        first = [_answers(cell, passing)[in_a] for cell, _ in chosen]
        second = [_answers(cell, passing)[in_b] for _, cell in chosen]
        change = [two.astype(int) - one for one, two in zip(first, second, strict=True)]
        one, two, moved = (Mean(values, asked, a.true[in_a], a.groups[in_a]) for values in (first, second, change))
        return Difference(one.value, two.value, moved.value, *moved.change_limits)

    kept = {first: (first, second) for first, second in pairs}
    return Comparison(
        photos=len(shared),
        groups=len(np.unique(a.groups[in_a])),
        clean=difference([(a.clean, b.clean)]),
        score={scope: difference([kept[cell] for cell in _within(list(kept), scope)]) for scope in SCOPES},
        kinds={kind: difference([pair for pair in pairs if pair[0].kind == kind]) for kind in shared_kinds([a, b])},
        passing=difference([kept[cell] for cell in _covered(list(kept))], passing=True),
    )


def covers(kind: str) -> bool:
    """Whether the kind hides what makes a face bare.

    >>> covers("sheet"), covers("blur")
    (True, False)
    """
    return kind in KINDS and KINDS[kind].covers_mouth


def _within(cells: Sequence[Cell], scope: str) -> list[Cell]:
    if scope == "untrained":
        return [cell for cell in cells if not robust.was_trained(cell.kind, cell.severity)]
    if scope == "new_kinds":
        return [cell for cell in cells if cell.kind not in robust.TRAINED_KINDS]
    return list(cells)


def _covered(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if covers(cell.kind)]


def _answers(cell: Cell, passing: bool) -> np.ndarray:
    return cell.passed if passing else cell.right


def _same(cell: Cell, suite: Suite) -> Cell | None:
    found = [other for other in suite.stressed if (other.kind, other.severity) == (cell.kind, cell.severity)]
    return found[0] if found else None
