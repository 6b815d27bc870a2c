"""What every kind of disturbance declares, be it a corruption of the picture or a thing before the face."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from core.data.faces.landmarks import Marks

SEVERITIES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Disturbance(ABC):
    """A kind of disturbance with five severities, mildest first.

    `name` is that of its file and tells it in files of results, `rank` is its place among the kinds of its folder, and
    `unit` says what a severity means, with {} for its size. `scene` kinds are drawn beside those of scene and face, the
    others beside those of the picture.
    """

    name: str
    rank: int
    title: str
    unit: str
    scene: bool = False

    @property
    @abstractmethod
    def trained(self) -> bool:
        """Whether robust training may show it."""

    @property
    @abstractmethod
    def needs_face(self) -> bool:
        """Whether it can be shown only where a face was found."""

    @property
    @abstractmethod
    def covers_mouth(self) -> bool:
        """Whether it hides what makes a face bare."""

    @abstractmethod
    def step(self, severity: int) -> str:
        """What a severity (1..5) means, in words."""

    @abstractmethod
    def apply(
        self, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks | None, training: bool
    ) -> np.ndarray:
        """A disturbed copy of an RGB square, uint8 (S, S, 3): see `core.data.disturb.apply`."""
