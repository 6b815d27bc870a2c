"""The files of a run's folder: where each lies, and what it says. Together with `core.store.jobs`, which has the state,
the process and the log, the only code that knows a file name under runs/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.schema import run_report
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.run_report import RunReport
from core.schema.train_config import TrainConfig
from core.store import run_notes, run_summary
from core.store.files.atomic import write_whole
from core.store.files.checked_csv import read_table, write_table
from core.store.files.checked_json import seal, unseal
from core.store.files.file_cache import Parsed
from core.store.run_notes import Notes
from core.store.run_summary import Summary

CONFIG = "config.json"
_METRICS, _SPLIT, _REFUSED, _AUGMENTED = "metrics.csv", "split.csv", "refused.csv", "augmented.png"
_PREDICTIONS, _REPORT, _CHECKPOINT, _STRESS = "predictions.csv", "report.json", "last.ckpt", "stress.json"
_SEEN, _CUSTOM, _NETWORK, _NOTES = "seen.csv", "custom.json", "network.json", "notes.json"
_VERSION = "version.csv.gz"
# What was read is kept until the file changes, of so many runs that a list of them all is quick.
_KEPT = 5000
_configs = Parsed(lambda text: configs.make(unseal(text)), _KEPT)
_summaries = Parsed(run_summary.summary, _KEPT)
_notes = Parsed(run_notes.of_text, _KEPT)


@dataclass(frozen=True)
class RunFiles:
    """One run's folder; reads what is on disk now. Writing raises OSError, as on a full disk."""

    folder: Path

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def config(self) -> TrainConfig:
        """Raises UserError when config.json is missing or damaged."""
        try:
            return _configs.of(self.folder / CONFIG)
        except (OSError, ValueError) as error:
            raise UserError(
                f"The run {self.id} has no readable config.json ({error}): put a copy of it back, or delete the run."
            ) from None

    @property
    def split_file(self) -> Path:
        return self.folder / _SPLIT

    @property
    def version_file(self) -> Path:
        """The manifest of the photos that it was given; a run of an older release has none."""
        return self.folder / _VERSION

    @property
    def augmented_file(self) -> Path:
        return self.folder / _AUGMENTED

    @property
    def metrics_file(self) -> Path:
        return self.folder / _METRICS

    @property
    def predictions_file(self) -> Path:
        return self.folder / _PREDICTIONS

    @property
    def checkpoint_file(self) -> Path:
        return self.folder / _CHECKPOINT

    @property
    def report_file(self) -> Path:
        return self.folder / _REPORT

    @property
    def stress_file(self) -> Path:
        return self.folder / _STRESS

    @property
    def refused_file(self) -> Path:
        return self.folder / _REFUSED

    def report(self) -> RunReport | None:
        """The final numbers, or None before the end. Raises UserError for a report.json that is damaged, foreign or
        of a newer Mask Lab."""
        try:
            return run_report.read(self.report_file, self.id)
        except FileNotFoundError:
            return None

    def summary(self) -> Summary | None:
        """What lists show of the final numbers, None before the end and for a report.json that can't be read; much
        quicker than the whole report."""
        try:
            return _summaries.of(self.report_file)
        except (OSError, ValueError):
            return None

    def notes(self) -> Notes:
        """What its owner wrote about it; empty before that, and for a damaged notes.json."""
        try:
            return _notes.of(self.folder / _NOTES)
        except (OSError, ValueError):
            return Notes()

    def predictions(self) -> list[dict[str, str]]:
        """Rows of predictions.csv (file, label, group, part, p_<label>...), empty before the end. Raises UserError for
        a damaged one, as `seen` and `refused` do."""
        return read_table(self.predictions_file)

    def seen(self) -> frozenset[str]:
        """Digests of the photos that the network was trained on or selected by, in this run or before it; none before
        the end."""
        return frozenset(row["digest"] for row in read_table(self.folder / _SEEN))

    def custom(self) -> dict[str, Any] | None:
        """What the network was found to make of photos from elsewhere, or None where that was not measured, as for a
        damaged custom.json: measuring it again gives the same."""
        return self._remade(_CUSTOM)

    def network(self) -> dict[str, Any] | None:
        """What the network is made of, or None where that has not been written, as for a damaged network.json: it can
        be worked out again."""
        return self._remade(_NETWORK)

    def refused(self) -> list[dict[str, str]]:
        """Rows of refused.csv (file, reason)."""
        return read_table(self.refused_file)

    def write_report(self, report: RunReport) -> None:
        run_report.write(report, self.report_file)

    def write_custom(self, found: dict[str, Any]) -> None:
        write_whole(self.folder / _CUSTOM, seal(found, indent=1))

    def write_network(self, found: dict[str, Any]) -> None:
        write_whole(self.folder / _NETWORK, seal(found))

    def write_notes(self, notes: Notes) -> None:
        write_whole(self.folder / _NOTES, run_notes.as_text(notes))

    def write_refused(self, rows: list[dict[str, str]]) -> None:
        write_table(self.refused_file, ("file", "reason"), rows)

    def write_seen(self, digests: frozenset[str]) -> None:
        write_table(self.folder / _SEEN, ("digest",), [{"digest": digest} for digest in sorted(digests)])

    def write_predictions(self, labels: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        columns = ("file", "label", "group", "part", *(f"p_{label}" for label in labels))
        write_table(self.predictions_file, columns, rows)

    def write_config(self, config: TrainConfig) -> None:
        write_whole(self.folder / CONFIG, seal(config.model_dump(mode="json"), indent=1))

    def _remade(self, name: str) -> dict[str, Any] | None:
        """A sealed file that can be made again; None where there is none, and for a damaged one."""
        try:
            return unseal((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _damaged(self, name: str, remedy: str) -> UserError:
        return UserError(f"{name} of {self.id} is damaged: {remedy}.")
