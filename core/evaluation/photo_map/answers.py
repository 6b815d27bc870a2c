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
    root, alone, folds = root.resolve(), [], defaultdict(list)
    for run in runs.every():
        try:
            config = run.config
            if config.folder.resolve() != root or run.state.status != "finished":
                continue
        except UserError:
            # A damaged one: its own page says so.
            continue
        if config.folds:
            # The place of the newest of them.
            same = config.model_dump_json(exclude={"fold"})
            if same not in folds:
                alone.append(same)
            folds[same].append(run)
        else:
            alone.append(run)
    return [_of_one(item) if isinstance(item, Run) else _of_folds(folds[item]) for item in alone]


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


def _of_one(run: Run) -> Asked:
    return Asked(run.name, (run,))


def _of_folds(own: Sequence[Run]) -> Asked:
    return Asked(f"{own[0].name} and its other folds" if len(own) > 1 else own[0].name, tuple(own))
