"""A test result, and the report of a run, as training writes them, of random answers."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel

from core.evaluation.measure import measure
from core.evaluation.predictions import Predictions
from core.labels import THREE_CLASSES, Label
from core.networks.operating import OperatingPoint
from core.schema.result import Evaluation, Result
from core.schema.run_report import ChosenPoint, Facts, PartCounts, RunReport

Model = TypeVar("Model", bound=BaseModel)
_FACTS = Facts(
    when="2026-11-30T12:00:00+00:00", python="3.11.7", packages={"numpy": "2.4.6"}, commit=None, os="Linux",
    cpu="an abacus", cores=2, threads=4, memory=8 * 2**30, gpus=(),
)  # fmt: skip


def measured(classes: tuple[Label, ...] = THREE_CLASSES, n: int = 60) -> Result:
    """The result on n photos, two a group, spread evenly over these classes."""
    random, places = np.random.default_rng(0), range(n)
    return measure(
        Predictions(
            files=tuple(f"{place}.jpg" for place in places),
            true=np.array([str(classes[place % len(classes)]) for place in places]),
            groups=np.array([str(place // 2) for place in places]),
            probability=random.dirichlet([1.0] * len(classes), n),
            classes=classes,
        ),
        OperatingPoint(0.4),
        1.3,
    )


def reported(labels: tuple[Label, ...] = THREE_CLASSES, **values: Any) -> RunReport:
    """The report of a run of one epoch; `values` are its fields that the test chooses."""
    own = {
        "run": "20260101-000000_a-run", "labels": labels, "photos": PartCounts(train=60, val=60, test=60), "refused": 0,
        "best_epoch": 1, "epochs": 1, "train_accuracy_training_mode": 0.5, "train_accuracy": 0.5, "train_loss": 0.7,
        "temperature": 1.3, "operating_point": ChosenPoint(threshold=0.4, target=0.02), "trainable_parameters": 1,
        "parameters": 2, "model": "m.pth", "seconds": 3.0, "facts": _FACTS,
    }  # fmt: skip
    parts = {part: measured(labels) for part in ("val", "test") if part not in values}
    return RunReport(**own | parts | values)


def evaluated(result: Result, **values: Any) -> Evaluation:
    """The result as `evaluate` gives it."""
    own = {"runtime": "torch", "refused": (), "left_out": {}, "seen_in_training": 0, "unseen": result}
    return Evaluation(**dict(result) | own | values)


def changed(model: Model, **values: Any) -> Model:
    """The model with other values, which are taken as they are."""
    return model.model_copy(update=values)
