"""What a run is called where its owner gave it no name: by what tells it from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.schema.train_config import IMAGENET, NO_WEIGHTS, TrainConfig, fill_in

_MOST = 3
_LAYERS = {"not_retrain": "last layer", "retrain": "later layers"}


def _weights(config: TrainConfig) -> str:
    words = {NO_WEIGHTS: "no starting weights", IMAGENET: "from ImageNet"}
    return words.get(config.weights, f"from {config.weights}")


# Field -> its words where it is not at its default; what tells most comes first.
_WORDS: dict[str, Callable[[TrainConfig], str]] = {
    "version": lambda config: f"on version {config.version[:8]}",
    "fold": lambda config: f"fold {config.fold + 1} of {config.folds}",
    "held_out_source": lambda config: f"without {config.held_out_source}",
    "seed": lambda config: f"seed {config.seed}",
    "image_size": lambda config: f"{config.image_size} px",
    "augment": lambda config: "no augmentation",
    "robust": lambda config: "robust training",
    "drawn_masks": lambda config: "drawn masks",
    "weights": _weights,
    "epochs": lambda config: f"{config.epochs} epochs",
    "learning_rate": lambda config: f"learning rate {config.learning_rate:g}",
    "class_weighting": lambda config: "class weighting",
    "label_smoothing": lambda config: f"label smoothing {config.label_smoothing:g}",
    "average_weights": lambda config: "averaged weights",
    "optimizer": lambda config: config.optimizer,
    "batch_size": lambda config: f"batches of {config.batch_size}",
    "schedule": lambda config: f"{config.schedule} learning rate",
    "views": lambda config: f"{config.views} cached views",
    "split": lambda config: "split " + "/".join(f"{100 * share:.0f}" for share in config.split),
    "precision": lambda config: config.precision,
    "patience": lambda config: f"patience {config.patience}",
}


def default(config: TrainConfig, classes: int) -> str:
    """Network, layers, labels, and at most three settings that differ from the network's own and the fields' defaults.

    >>> network, told = default(TrainConfig(dataset="/photos", image_size=128, seed=3), 2).split(", ", 1)
    >>> told
    'last layer, 2 labels, 128 px, seed 3'
    """
    layers = [_LAYERS[config.mode]] if config.spec.retrain_from else []
    return ", ".join([config.backbone, *layers, f"{classes} labels", *_differing(config)[:_MOST]])


def _differing(config: TrainConfig) -> list[str]:
    usual = fill_in({"backbone": config.backbone, "mode": config.mode})

    def differs(name: str) -> bool:
        default: Any = usual.get(name, TrainConfig.model_fields[name].default)
        # Of five folds the first is one too.
        return config.folds > 0 if name == "fold" else getattr(config, name) != default

    return [words(config) for name, words in _WORDS.items() if differs(name)]
