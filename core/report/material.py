"""All that a report says of one run, read from its folder and, where they are still there, its photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.data.dataset import split as splits
from core.data.dataset.scan import EXCLUDED, scan
from core.data.dataset.split import PARTS, Row
from core.data.faces import attributes
from core.evaluation.by_source import measure, parts, told
from core.evaluation.by_source.parts import Spread
from core.evaluation.compare import under_stress
from core.evaluation.compare.shared_photos import operating_point
from core.evaluation.new_source import results
from core.evaluation.new_source.results import NewSource
from core.evaluation.one_run import predictions, slices
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.one_run.slices import Slice
from core.evaluation.stress import score
from core.evaluation.stress.score import Summary
from core.evaluation.stress.suite import Suite
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.result import SourceResult
from core.schema.run_report import RunReport
from core.schema.train_config import TrainConfig
from core.store.runs import Run

Progress = Callable[[str, int, int], object]
_ENDED = {"stopped": "was stopped", "failed": "has failed"}


@dataclass(frozen=True)
class Material:
    """A finished run. `report` is its report.json, `rows` its split less the files that are refused. `duplicates` of
    its photos are nearly the same as another one; that and `slices` are None where the photos are gone. `suite` is its
    stress suite and `stress` that in a few numbers, where there is one; `new_source` are runs with its settings that
    leave one source out, where there are some. `by_source` are test numbers, and `spread` the split, of each source,
    where photos are of several."""

    run: Run
    config: TrainConfig
    report: RunReport
    metrics: list[dict[str, float]]
    rows: tuple[Row, ...]
    refused: list[dict[str, str]]
    predictions: Predictions
    duplicates: int | None
    slices: tuple[Slice, ...] | None
    suite: Suite | None
    stress: Summary | None
    new_source: NewSource | None
    by_source: tuple[SourceResult, ...]
    spread: list[Spread]

    @property
    def model(self) -> str:
        """Its network's name, without the ending."""
        return self.report.model.removesuffix(".pth")

    @property
    def classes(self) -> tuple[Label, ...]:
        return self.report.labels

    @property
    def counts(self) -> dict[str, Counter[Label]]:
        """Photos per label in each part."""
        return splits.counts(self.rows)

    @property
    def groups(self) -> dict[str, int]:
        """Groups in each part."""
        return {part: len({row.group for row in self.rows if row.part == part}) for part in PARTS}

    @property
    def grouped(self) -> bool:
        """Whether any group holds more than one photo."""
        return sum(self.groups.values()) < len(self.rows)

    @property
    def excluded(self) -> int:
        """Photos that were excluded by hand."""
        return sum(row["reason"] == EXCLUDED for row in self.refused)

    @property
    def relabelled(self) -> dict[tuple[str, str], int]:
        """(label of the folder, label decided by hand) -> photos."""
        folder_labels = ((labels.from_folder(row.file.split("/")[0]), row.label) for row in self.rows)
        return dict(Counter((str(was), str(now)) for was, now in folder_labels if was != now))


def collect(run: Run, progress: Progress | None = None) -> Material:
    """Read a finished run; its photos are read where they are still there. Raises UserError for another run."""
    report = run.report()
    if report is None:
        raise UserError(_unfinished(run))
    refused, tested = run.refused(), predictions.of_run(run)
    rows = predictions.split_of(run)
    here, suite = run.config.folder.is_dir(), under_stress.suite(run)
    return Material(
        run=run,
        config=run.config,
        report=report,
        metrics=run.metrics(),
        rows=rows,
        refused=refused,
        predictions=tested,
        duplicates=_duplicates(run, rows, progress) if here else None,
        slices=_slices(run, tested, progress) if here else None,
        suite=suite,
        stress=score.summarise(suite) if suite and suite.stressed else None,
        new_source=results.like(run),
        by_source=measure.of_run(run),
        spread=parts.spread(rows, told.of_run(run)),
    )


def _unfinished(run: Run) -> str:
    state = run.state
    if state.active:
        return f"{run.id} has no results to report yet, it is {state.status}: wait for its end."
    if state.status == "finished":
        return f"The report.json of {run.id} is missing or damaged: train it again."
    return f"{run.id} has no results to report, it {_ENDED[state.status]}: resume it first."


def _duplicates(run: Run, rows: Collection[Row], progress: Progress | None) -> int | None:
    try:
        found = scan(run.config.folder, _counting(progress, "Reading photos"))
    except UserError:
        return None
    own = {row.file for row in rows}
    alike = (own.intersection(files) for files in splits.find_groups(found).duplicates)
    return sum(len(files) for files in alike if len(files) > 1)


def _slices(run: Run, tested: Predictions, progress: Progress | None) -> tuple[Slice, ...] | None:
    found = attributes.find(run.config.folder, tested.files, _counting(progress, "Analysing test photos"))
    return tuple(slices.slices(tested, found, operating_point(run))) if found else None


def _counting(progress: Progress | None, what: str) -> Callable[[int, int], object] | None:
    return (lambda done, total: progress(what, done, total)) if progress else None

