"""What another value of a setting changes, declared beside the setting: the keys of what is kept and the estimates of
what a training costs are derived from it, so that a new setting cannot be forgotten in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from pydantic import BaseModel


class Effect(Flag):
    """Where another value shows. A setting has as many of these as apply."""

    STEP = auto()
    """Seconds that one photo takes in an epoch."""
    LENGTH = auto()
    """Seconds that the whole training takes, where those of a photo stay the same."""
    SPLIT = auto()
    """Which photos train, validate and test."""
    START = auto()
    """The network that training starts from, with the photos that it has already learnt from."""
    FROZEN = auto()
    """What the frozen backbone makes of a photo."""
    VIEWS = auto()
    """Which augmented views of a photo are drawn, and how many are kept."""
    LEARNING = auto()
    """What the trained layers learn from the features they are given."""

    TIME = STEP | LENGTH
    FEATURES = SPLIT | START | FROZEN | VIEWS
    """Everything before the trained layers: other cached augmented features are needed."""


@dataclass(frozen=True)
class Declared:
    """A setting's declaration. `repeats`: trainings that differ in it alone repeat each other. `apart`: it is chosen
    beside the other settings, and is no axis of a grid."""

    effect: Effect
    repeats: bool = False
    apart: bool = False


def affects(*effects: Effect, repeats: bool = False, apart: bool = False) -> Declared:
    """The declaration of a field, for its annotation: `Annotated[int, affects(Effect.STEP, Effect.LEARNING)]`."""
    whole = Effect(0)
    for effect in effects:
        whole |= effect
    return Declared(whole, repeats, apart)


def declarations(model: type[BaseModel]) -> dict[str, Declared]:
    """Field -> declaration, in the fields' order.

    Raises TypeError for a field without one, and for one that names only time: what a setting does to the features that
    the trained layers are given, or to how they learn, must be said.
    """
    found = {}
    for name, field in model.model_fields.items():
        own = next((item for item in field.metadata if isinstance(item, Declared)), None)
        if own is None or not own.effect & (Effect.FEATURES | Effect.LEARNING):
            raise TypeError(
                f"{model.__name__}.{name} does not declare what it affects: say affects(...) in its annotation, with "
                "LEARNING or one of SPLIT, START, FROZEN and VIEWS."
            )
        found[name] = own
    return found
