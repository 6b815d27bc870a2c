"""A test result as training writes it, of random answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.evaluation.measure import measure
from core.evaluation.predictions import Predictions
from core.labels import THREE_CLASSES, Label
from core.networks.operating import OperatingPoint


def measured(classes: tuple[Label, ...] = THREE_CLASSES, n: int = 60) -> dict[str, Any]:
    """The "test" of n photos, two per group, spread evenly over these classes."""
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
