"""What the training benchmark measures: its rows with their goals, and the config that each row trains with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.schema import train_config as configs
from core.schema.presets import REPORT_A
from core.schema.train_config import NO_WEIGHTS, Precision, TrainConfig

KEPT_EPOCHS = 60


@dataclass(frozen=True)
class Training:
    """One row: a network, what of it is trained, and how many times as fast as plain it should be. `kept` is the goal
    over 60 epochs with cached augmented features, `limit` the share of the measured limit; 0: no goal. `batches` of 64
    photos are what the peers are timed on."""

    backbone: str
    mode: str
    batches: int
    goal: float = 0
    kept: float = 0
    limit: float = 0

    @property
    def name(self) -> str:
        """As `--only` and `--network` take it."""
        return self.backbone if self.backbone == "BasicCNN" else f"{self.backbone}-{self.mode}"

    @property
    def frozen(self) -> bool:
        """Whether only the last layer is trained."""
        return self.backbone != "BasicCNN" and self.mode == "not_retrain"


TRAININGS = (
    Training("ResNet", "not_retrain", 4, goal=8, kept=40, limit=0.7),
    Training("ResNet", "retrain", 4, goal=4, limit=0.7),
    Training("BasicCNN", "not_retrain", 8, goal=4),
    Training("MobileNet", "not_retrain", 8),
    Training("MobileNet", "retrain", 8, goal=4),
)
NAMES = tuple(training.name for training in TRAININGS)


def named(name: str) -> Training:
    """The row of that name."""
    return TRAININGS[NAMES.index(name)]


def config(
    training: Training, photos: Path, *, epochs: int, views: int = 0, precision: Precision = "auto",
    weights: str = NO_WEIGHTS, seed: int = 0,
) -> TrainConfig:  # fmt: skip
    """Report A's settings (Adam at a constant rate, 64 photos per batch, 224 pixels, BasicCNN 256) for a row."""
    own = {
        "dataset": str(photos), "backbone": training.backbone, "mode": training.mode, "epochs": epochs,
        "image_size": 256 if training.backbone == "BasicCNN" else 224, "views": views, "precision": precision,
        "weights": NO_WEIGHTS if training.backbone == "BasicCNN" else weights, "seed": seed,
    }  # fmt: skip
    return configs.make(configs.fill_in(REPORT_A | own))
