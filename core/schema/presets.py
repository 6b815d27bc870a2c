"""Starting points for a training: named sets of values that override TrainConfig's defaults, and which one suits few
photos."""

from __future__ import annotations

from typing import Any

from core.networks.registry import DEFAULT
from core.schema.train_config import NO_WEIGHTS, STARTER, STARTER_BACKBONE

# The networks of the reports, in their presets and published tables: what report A retrained, what it trained from
# scratch, and report B's.
REPORT_A_BACKBONE, REPORT_A_SCRATCH, REPORT_B_BACKBONE = "ResNet", "BasicCNN", "ResNetLogit"
REPORT_A = {
    "image_size": 224, "batch_size": 64, "epochs": 60, "split": (0.70, 0.20, 0.10), "schedule": "constant",
}  # fmt: skip
# What the form offers at once, from the quickest on.
CHOICES: dict[str, dict[str, Any]] = {
    "Quick": {
        "backbone": DEFAULT, "mode": "not_retrain", "image_size": 128, "batch_size": 32, "epochs": 5,
        "learning_rate": 2e-3,
    },
    "Balanced": {
        "backbone": DEFAULT, "mode": "retrain", "image_size": 160, "batch_size": 32, "epochs": 12,
        "learning_rate": 1e-3,
    },
    # On sources that training never saw: docs/results.md.
    "Best": {
        "backbone": DEFAULT, "mode": "retrain", "image_size": 160, "batch_size": 32, "epochs": 20,
        "learning_rate": 1e-3, "robust": True, "average_weights": True, "class_weighting": True,
    },
}  # fmt: skip
FIRST_CHOICE = "Balanced"
# So few photos of a label are few; measured with 30 (docs/starter.md).
FEW_PHOTOS = 60
FEW_PHOTOS_ADVICE = (
    f"Few photos: with about 30 per label, Quick from {STARTER} (Starting weights, under Advanced) was better than "
    "Balanced in each measurement; the starter network as it is came close."
)
# The recipes as the reports had them.
PUBLISHED: dict[str, dict[str, Any]] = {
    "Report A: ResNet frozen": REPORT_A | {"backbone": REPORT_A_BACKBONE, "mode": "not_retrain", "learning_rate": 1e-3},
    "Report A: ResNet retrained": REPORT_A | {"backbone": REPORT_A_BACKBONE, "mode": "retrain", "learning_rate": 1e-4},
    "Report A: BasicCNN": REPORT_A | {
        "backbone": REPORT_A_SCRATCH, "weights": NO_WEIGHTS, "image_size": 256, "learning_rate": 1e-3,
    },
    "Report B: ResNet with one logit": {
        # It names no momentum; torch's SGD has none unless asked.
        "backbone": REPORT_B_BACKBONE, "mode": "retrain", "wrong_mask": False, "image_size": 224, "batch_size": 64,
        "epochs": 50, "learning_rate": 5e-3, "optimizer": "sgd", "momentum": 0.0, "schedule": "constant",
    },
}
# Names as the form and the command line show them.
PRESETS = CHOICES | PUBLISHED


def few_photos_advice(fewest: int, backbone: str, weights: str, mode: str) -> str:
    """What to choose where the rarest label has so few photos; empty where it is chosen, or where they are enough.

    >>> few_photos_advice(30, "MobileNet", "imagenet", "retrain") == FEW_PHOTOS_ADVICE
    True
    >>> few_photos_advice(30, "MobileNet", "starter.pth", "not_retrain"), few_photos_advice(500, "MobileNet", "", "")
    ('', '')
    """
    followed = weights == STARTER and mode == "not_retrain"
    return FEW_PHOTOS_ADVICE if fewest <= FEW_PHOTOS and backbone == STARTER_BACKBONE and not followed else ""
