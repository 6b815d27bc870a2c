"""Runs side by side: the seeds' table, the difference of configs, and what the third class buys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import paths
from core.config import TrainConfig
from core.data.scan import scan
from core.data.split import Row
from core.errors import UserError
from core.evaluation.metrics import wilson
from core.evaluation.predict import decide, predict
from core.labels import Label, is_compliant
from core.networks import files
from core.runs import Run


def table_row(run: Run) -> dict[str, Any]:
    """The seeds' table row of a finished run: accuracies in percent, the test interval, photos tested.

    Raises UserError when the run has no report.
    """
    report = _report(run)
    low, high = report["test"]["accuracy_interval"]
    return {
        "model": report["model"],
        "training": 100 * report["train_accuracy"],
        "validation": 100 * report["val"]["accuracy"],
        "test": 100 * report["test"]["accuracy"],
        "test_low": 100 * low,
        "test_high": 100 * high,
        "balanced": 100 * report["test"]["balanced_accuracy"],
        "tested": report["test"]["n"],
        "run": run.id,
    }


def config_differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Settings in which the runs differ: field -> value a run, in the runs' order."""
    shown = {name: [str(getattr(run.config, name)) for run in runs] for name in TrainConfig.model_fields}
    return {name: values for name, values in shown.items() if len(set(values)) > 1}


@dataclass(frozen=True)
class Verdicts:
    """What one model calls a set of photos; `calls` is label -> photos."""

    model: str
    calls: dict[Label, int]

    @property
    def count(self) -> int:
        return sum(self.calls.values())

    @property
    def passed(self) -> int:
        """Photos called compliant."""
        return sum(count for label, count in self.calls.items() if is_compliant(label))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the share that is passed."""
        return wilson(self.passed, self.count)


@dataclass(frozen=True)
class Answer:
    """What a model without wrong_mask and one with it do with the same wrong_mask photos, none of which either model
    was trained on or selected by. `let_through` are files that the two-class model calls mask."""

    two: Verdicts
    three: Verdicts
    let_through: tuple[str, ...]
    dataset: str
    left_aside: int

    @property
    def sentence(self) -> str:
        """The answer in words."""
        words = [
            f"Of {self.two.count} test photos of a wrongly worn mask, the two-class model passes {self.two.passed} as "
            f"mask ({_share(self.two)}); the three-class model passes {self.three.passed} ({_share(self.three)})."
        ]
        if self.two.interval[0] > self.three.interval[1]:
            words.append("Training on wrong_mask keeps people out whom the two-class model would let in.")
        elif self.three.interval[0] > self.two.interval[1]:
            words.append("On these photos the two-class model is the stricter one.")
        else:
            words.append("The intervals overlap: these photos alone do not show a difference.")
        return " ".join(words)


def wrong_mask_question(two: Run, three: Run) -> Answer:
    """Show the wrong_mask test photos of the three-class run to both models.

    Raises UserError when the runs do not fit, the two-class model file is gone, or no photo is left to ask about.
    """
    if _labels(two) != 2 or _labels(three) != 3:
        raise UserError("Choose one finished run with two classes and one with three.")
    called = {row["file"]: _call(row) for row in three.predictions() if row["part"] == "test"}
    photos = {photo.file: photo for photo in scan(three.config.folder).photos if photo.label is Label.WRONG_MASK}
    trained = files.load(paths.models_dir() / _report(two)["model"])
    asked = [file for file in called if file in photos]
    fresh = [file for file in asked if photos[file].digest not in trained.seen]
    rows = [Row(file, Label.WRONG_MASK, file, "test") for file in fresh]
    used, probability, _ = predict(trained, three.config.folder, rows)
    if not used:
        raise UserError("The three-class run has no wrong_mask test photo that the two-class model has not seen.")
    guesses = decide(probability, trained.labels)
    let_through = tuple(row.file for row, guess in zip(used, guesses, strict=True) if is_compliant(guess))
    return Answer(
        two=Verdicts(_report(two)["model"], Counter(guesses)),
        three=Verdicts(_report(three)["model"], Counter(called[row.file] for row in used)),
        let_through=let_through,
        dataset=three.config.dataset,
        left_aside=len(asked) - len(used),
    )


def _call(row: dict[str, str]) -> Label:
    shares = {Label(key[2:]): float(value) for key, value in row.items() if key.startswith("p_")}
    return max(shares, key=lambda label: shares[label])


def _report(run: Run) -> dict[str, Any]:
    report = run.report()
    if report is None:
        raise UserError(f"{run.id} has no results yet: it is {run.state.status}.")
    return report


def _labels(run: Run) -> int:
    return len(_report(run)["labels"])


def _share(verdicts: Verdicts) -> str:
    low, high = verdicts.interval
    return f"{verdicts.passed / verdicts.count:.0%}, 95 % interval {low:.0%} to {high:.0%}"
