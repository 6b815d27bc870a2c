"""What a stress suite found: a cell for every kind and severity with each photo's outcome, saved and loaded as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.schema.errors import UserError
from core.schema.labels import Label, is_compliant
from core.store.files.atomic import write_whole
from core.store.files.checked_json import seal, unseal

CLEAN = "clean"
_FORMAT = "mask-lab stress 1"
_NOT_ASKED = "-"


def encode(right: bool, passed: bool) -> str:
    """A photo's outcome in one character: 0 wrong and stopped, 1 right and stopped, 2 wrong and passed, 3 right and
    passed."""
    return str(int(right) + 2 * int(passed))


@dataclass(frozen=True)
class Cell:
    """One kind at one severity (1..5; 0 for the clean photos). `outcome` has a character for each of the suite's
    photos: see `encode`, or "-" for a photo that this kind is not shown on."""

    kind: str
    severity: int
    outcome: str

    @cached_property
    def asked(self) -> np.ndarray:
        """(n,) whether the photo was shown."""
        return self._characters != _NOT_ASKED

    @cached_property
    def right(self) -> np.ndarray:
        """(n,) whether the label was right."""
        return np.isin(self._characters, ("1", "3"))

    @cached_property
    def passed(self) -> np.ndarray:
        """(n,) whether the photo passed at the operating point."""
        return np.isin(self._characters, ("2", "3"))

    @cached_property
    def _characters(self) -> np.ndarray:
        return np.array(list(self.outcome))


@dataclass(frozen=True)
class Measures:
    """A cell's numbers; shares in 0..1. `balanced_accuracy` is the mean recall of the labels that occur; `misses` of
    `violators` pass, `false_alarms` of `compliant` are stopped."""

    n: int
    right: int
    accuracy: float
    balanced_accuracy: float
    misses: int
    violators: int
    false_alarms: int
    compliant: int


@dataclass(frozen=True)
class Suite:
    """A network under every kind of disturbance. `files`, `true` (n,) and `groups` (n,) are the photos'; `dataset` the
    folder that the files lie in, `seconds` what it took, `threshold` the operating point's (None in an older file)."""

    model: str
    run: str
    dataset: str
    labels: tuple[Label, ...]
    files: tuple[str, ...]
    true: np.ndarray
    groups: np.ndarray
    cells: tuple[Cell, ...]
    seed: int
    seconds: float
    threshold: float | None = None

    @property
    def clean(self) -> Cell:
        return self.cell(CLEAN, 0)

    @property
    def stressed(self) -> tuple[Cell, ...]:
        """All cells but the clean one that were shown on at least one photo."""
        return tuple(cell for cell in self.cells if cell.kind != CLEAN and cell.asked.any())

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that were shown, in order."""
        return tuple(dict.fromkeys(cell.kind for cell in self.stressed))

    def cell(self, kind: str, severity: int) -> Cell:
        """The cell of that kind and severity. Raises KeyError when there is none."""
        return self._by_name[kind, severity]

    def clean_for(self, kind: str) -> Cell:
        """The clean photos that the kind is shown on, as a cell of severity 0: what its severities start from."""
        shown = np.any([cell.asked for cell in self.cells if cell.kind == kind], axis=0)
        own = "".join(mark if used else _NOT_ASKED for mark, used in zip(self.clean.outcome, shown, strict=True))
        return Cell(CLEAN, 0, own)

    def measure(self, cell: Cell) -> Measures:
        """A cell's numbers."""
        right, asked = cell.right[cell.asked], self.true[cell.asked]
        compliant = np.array([is_compliant(label) for label in self.true], bool) & cell.asked
        violating = cell.asked & ~compliant
        recalls = [right[asked == label].mean() for label in np.unique(asked)]
        return Measures(
            n=len(right),
            right=int(right.sum()),
            accuracy=float(right.mean()) if len(right) else 0.0,
            balanced_accuracy=float(np.mean(recalls)) if recalls else 0.0,
            misses=int((violating & cell.passed).sum()),
            violators=int(violating.sum()),
            false_alarms=int((compliant & ~cell.passed).sum()),
            compliant=int(compliant.sum()),
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, with every cell's numbers beside its outcomes."""
        return {
            "format": _FORMAT,
            "model": self.model,
            "run": self.run,
            "dataset": self.dataset,
            "labels": [str(label) for label in self.labels],
            "seed": self.seed,
            "seconds": self.seconds,
            "threshold": self.threshold,
            "files": list(self.files),
            "true": self.true.tolist(),
            "groups": self.groups.tolist(),
            "cells": [
                {"kind": cell.kind, "severity": cell.severity, **asdict(self.measure(cell)), "outcome": cell.outcome}
                for cell in self.cells
            ],
        }

    @cached_property
    def _by_name(self) -> dict[tuple[str, int], Cell]:
        return {(cell.kind, cell.severity): cell for cell in self.cells}


def save(suite: Suite, path: Path, **more: Any) -> None:
    """Write the suite, with more keys beside its own, whole or not at all."""
    write_whole(path, seal(suite.as_dict() | more))


def load(path: Path) -> Suite | None:
    """The suite in that file, None where there is none. Raises UserError for a damaged or foreign one."""
    try:
        content = unseal(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise UserError(f"{path} is damaged: run the stress suite again.") from None
    try:
        return _read(content)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{path} is no stress suite of this Mask Lab: run the stress suite again.") from None


def _read(content: dict[str, Any]) -> Suite:
    if content["format"] != _FORMAT:
        raise ValueError(content["format"])
    files = tuple(content["files"])
    cells = tuple(Cell(own["kind"], own["severity"], own["outcome"]) for own in content["cells"])
    if {len(cell.outcome) for cell in cells} != {len(files)}:
        raise ValueError("outcomes and files differ in number")
    return Suite(
        model=content["model"],
        run=content["run"],
        dataset=content["dataset"],
        labels=tuple(Label(name) for name in content["labels"]),
        files=files,
        true=_strings(content["true"]),
        groups=_strings(content["groups"]),
        cells=cells,
        seed=content["seed"],
        seconds=content["seconds"],
        threshold=None if (threshold := content.get("threshold")) is None else float(threshold),
    )


def _strings(values: Sequence[str]) -> np.ndarray:
    return np.array([str(value) for value in values])
