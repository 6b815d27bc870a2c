"""What trained networks said of a dataset's photos that they had not learnt from: test photos of a run, or all photos,
each by the fold that tested it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.one_run import predictions
from core.inference.predictor import decided
from core.networks.operating_point import OperatingPoint
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import runs
from core.store.runs import Run


@dataclass(frozen=True)
class Asked:
    """`name` tells which network, or folds of one, and the `runs` that tested photos."""

    name: str
    runs: tuple[Run, ...]

    @property
    def key(self) -> str:
        """Tells it from others."""
        return " ".join(run.id for run in self.runs)


@dataclass(frozen=True)
class Answer:
    """The label that the network `said`, at its operating point, with that label's calibrated `probability`; `margin`
    is how much likelier the likeliest label was than the next, 0..1: near 0 the network was unsure."""

    said: Label
    probability: float
    margin: float


def asked(root: Path) -> list[Asked]:
    """All that were trained on this dataset and have finished, the newest first; folds of one training together."""
    root = root.resolve()
    # Under each key the runs of one training, in the order of the newest of each.
    found: dict[str, list[Run]] = defaultdict(list)
    for run in runs.every():
        try:
            config = run.config
            if config.folder.resolve() != root or run.state.status != "finished":
                continue
        except UserError:
            # A damaged one: its own page says so.
            continue
        found[config.model_dump_json(exclude={"fold"}) if config.folds else run.id].append(run)
    return [_together(own) for own in found.values()]


def of(found: Asked) -> dict[str, Answer]:
    """File -> answer to a test photo. Raises UserError for damaged predictions."""
    answers: dict[str, Answer] = {}
    # The newest of two runs of one fold counts.
    for run in reversed(found.runs):
        report = runs.finished_report(run)
        point = OperatingPoint(report.operating_point.threshold)
        part = predictions.of_run(run)
        for file, row in zip(part.files, part.probability.tolist(), strict=True):
            likeliest, second, *_ = sorted(row, reverse=True)
            probability = dict(zip(part.classes, row, strict=True))
            said = decided(probability, point)
            answers[file] = Answer(said, probability[said], likeliest - second)
    return answers


def parts(found: Asked) -> dict[str, str]:
    """File -> train, val or test, as the run was split. Raises UserError for a damaged split."""
    return {row.file: row.part for row in predictions.split_of(found.runs[0])}


def _together(own: Sequence[Run]) -> Asked:
    return Asked(f"{own[0].name} and its other folds" if len(own) > 1 else own[0].name, tuple(own))
