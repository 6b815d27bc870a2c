"""TrainConfig: every hyperparameter once, with what it affects, bounds, default and a sentence of help, for the form,
`-h`, the validation message, a run's config.json, the model file, the keys of caches, the estimates and the grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.networks.registry import DEFAULT, NETWORKS
from core.networks.spec import NetworkSpec
from core.schema.effects import Effect, affects, declarations
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    Backbone = str
else:
    # Pydantic, the form and -h read the names from the type.
    Backbone = Literal[tuple(NETWORKS)]
Mode = Literal["not_retrain", "retrain"]
Precision = Literal["auto", "float32", "bfloat16"]
Fraction = Annotated[float, Field(gt=0, lt=1)]

IMAGENET, NO_WEIGHTS = "imagenet", "none"
# The network that ships with the project; its backbone is that of models/recipe.py.
STARTER, STARTER_BACKBONE = "starter.pth", "MobileNet"
LEAST_FOLDS, MOST_FOLDS = 3, 20
# The modes as people read them; the command line and the files have the values.
MODES = {"not_retrain": "Last layer only (fast)", "retrain": "Later layers too (better)"}
# Training photos that are evaluated without augmentation after each epoch. So many show 90 % to four points either way,
# and cost a fifth more time at most where there are 700 training photos, a twentieth where there are 2,700.
MEASURED_AGAIN = 256


def _those(holds: Callable[[NetworkSpec], bool]) -> str:
    return " and ".join(name for name, spec in NETWORKS.items() if holds(spec))


class TrainConfig(BaseModel):
    """Everything that decides what one training does; frozen, and safe to write as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, protected_namespaces=())

    dataset: Annotated[str, affects(Effect.SPLIT, Effect.LENGTH, apart=True)] = Field(
        min_length=1,
        title="Photos",
        description="Folder with one sub-folder per label: mask, no_mask and, if you have it, wrong_mask.",
    )
    version: Annotated[str, affects(Effect.SPLIT, Effect.LENGTH, apart=True)] = Field(
        "", max_length=200, title="Version of the photos",
        description="Train on the photos as another run was given them: that run, or the version's id.",
    )  # fmt: skip
    wrong_mask: Annotated[bool, affects(Effect.SPLIT, Effect.LENGTH)] = Field(
        True, title="Train on wrong_mask too",
        description="Off: photos in wrong_mask are left out and a two-class model is trained.",
    )  # fmt: skip
    backbone: Annotated[Backbone, affects(Effect.START, Effect.FROZEN, Effect.STEP)] = Field(
        DEFAULT,
        title="Network",
        description="; ".join(f"{name} ({spec.title}) {spec.help}" for name, spec in NETWORKS.items()) + ".",
    )
    mode: Annotated[Mode, affects(Effect.FROZEN, Effect.STEP)] = Field(
        "not_retrain",
        title="Layers to train",
        description="The last layer only (not_retrain) is fast; the later layers too (retrain) is slower and usually "
        f"better, and of {_those(lambda spec: spec.retrains_whole)} the whole network. "
        f"Always trained whole: {_those(lambda spec: spec.retrain_from is None)}.",
    )
    weights: Annotated[str, affects(Effect.START, Effect.FROZEN, Effect.LENGTH)] = Field(
        IMAGENET,
        min_length=1,
        title="Starting weights",
        description=f"imagenet, none, {STARTER} (a {STARTER_BACKBONE} that knows masks and ships with Mask Lab: better "
        "than imagenet with some 30 photos per label), or the name of a trained network in models/ to continue from.",
    )
    image_size: Annotated[int, affects(Effect.FROZEN, Effect.STEP)] = Field(
        160,
        ge=32,
        le=512,
        title="Image size (pixels)",
        description="Photos are resized to a square of this side. Half the side is about four times as fast.",
        json_schema_extra={"step": 32},
    )
    batch_size: Annotated[int, affects(Effect.LEARNING, Effect.STEP)] = Field(
        32, ge=2, le=512, title="Batch size (photos)", description="Photos per training step."
    )
    epochs: Annotated[int, affects(Effect.LEARNING, Effect.LENGTH)] = Field(
        10, ge=1, le=500, title="Epochs", description="Passes over all training photos."
    )
    learning_rate: Annotated[float, affects(Effect.LEARNING)] = Field(
        1e-3,
        ge=1e-7,
        le=1.0,
        title="Learning rate",
        description="Step size of the optimizer. Where later layers are trained too, smaller for "
        f"{_those(lambda spec: spec.retrain_rate is not None)}: 0.0001.",
        json_schema_extra={"format": "%.7f", "step": 1e-4},
    )
    optimizer: Annotated[Literal["adam", "sgd"], affects(Effect.LEARNING, Effect.STEP)] = Field(
        "adam", title="Optimizer", description="adam, or sgd (stochastic gradient descent)."
    )
    momentum: Annotated[float, affects(Effect.LEARNING, Effect.LENGTH)] = Field(
        0.9,
        ge=0.0,
        le=0.99,
        title="Momentum",
        description="How much of its last step sgd keeps in the next one; 0 is plain sgd. adam does without.",
        json_schema_extra={"format": "%.2f", "step": 0.1},
    )
    schedule: Annotated[Literal["cosine", "constant"], affects(Effect.LEARNING)] = Field(
        "cosine",
        title="Schedule",
        description="cosine lowers the learning rate to zero over the epochs; constant keeps it, as both reports do.",
    )
    augment: Annotated[bool, affects(Effect.VIEWS, Effect.STEP)] = Field(
        True,
        title="Augmentation",
        description="Rotate, zoom, stretch and flip each training photo at random; never validation and test photos.",
    )
    robust: Annotated[bool, affects(Effect.VIEWS, Effect.STEP)] = Field(
        False,
        title="Robust training",
        description="Draw things that are no mask, such as a hand, before bare and masked faces (the label stays), "
        "blur, wrong colours and low resolution into training photos. Finds every face first; epochs take longer.",
    )
    drawn_masks: Annotated[bool, affects(Effect.VIEWS, Effect.STEP)] = Field(
        False, title="Drawn masks",
        description="Draw a mask onto some bare training faces, worn well or wrongly: that becomes their label. "
        "No gain was shown with it: docs/starter.md.",
    )  # fmt: skip
    split: Annotated[tuple[Fraction, Fraction, Fraction], affects(Effect.SPLIT, Effect.LENGTH)] = Field(
        (0.70, 0.20, 0.10),
        title="Split",
        description="Shares of training, validation and test photos; they add up to 1. A group stays together. With "
        "folds, the test share follows from the fold.",
    )
    folds: Annotated[int, affects(Effect.SPLIT, Effect.LENGTH, apart=True)] = Field(
        0,
        ge=0,
        le=MOST_FOLDS,
        title="Grouped folds",
        description="Split the groups into this many folds; one is the test part. 0 splits by the shares alone.",
    )
    fold: Annotated[int, affects(Effect.SPLIT, repeats=True, apart=True)] = Field(
        0,
        ge=0,
        le=MOST_FOLDS - 1,
        title="Test fold",
        description="Which fold is the test part, counted from 0; the others are split into training and validation.",
    )
    held_out_source: Annotated[str, affects(Effect.SPLIT, Effect.LENGTH, apart=True)] = Field(
        "", max_length=200, title="Held-out source",
        description="Train without photos of this source and test on all of them; those without one are 'unknown'.",
    )  # fmt: skip
    seed: Annotated[int, affects(Effect.SPLIT, Effect.VIEWS, repeats=True)] = Field(
        0, ge=0, le=2**31 - 1, title="Seed", description="Same seed, same split, same order, same result on a CPU."
    )
    class_weighting: Annotated[bool, affects(Effect.LEARNING)] = Field(
        False, title="Class weighting", description="Let a rare label count as much in the loss as a common one."
    )
    label_smoothing: Annotated[float, affects(Effect.LEARNING)] = Field(
        0.0,
        ge=0,
        le=0.4,
        title="Label smoothing",
        description="Share of each photo's target that is spread over all labels, so that the network is less sure of "
        "labels that may be wrong. 0 is usual; 0.1 is much.",
        json_schema_extra={"format": "%.2f", "step": 0.05},
    )
    average_weights: Annotated[bool, affects(Effect.LEARNING)] = Field(
        False,
        title="Weight averaging",
        description="Measure and keep a running average of the weights over about an epoch, instead of the last "
        "step's: often better on photos of another kind.",
    )
    views: Annotated[int, affects(Effect.VIEWS, Effect.LENGTH)] = Field(
        0,
        ge=0,
        le=64,
        title="Cached augmented features (views per photo)",
        description="Where only the last layer is trained: compute the frozen backbone's features of this many "
        "augmented views of each photo once, and train on these, in a fraction of the time. 0, or no fewer than the "
        "epochs: new views each epoch.",
    )
    precision: Annotated[Precision, affects(Effect.FROZEN, Effect.STEP)] = Field(
        "auto",
        title="Precision",
        description="bfloat16 is a lower precision, on some processors much faster; auto measures both and takes the "
        "faster one.",
    )
    patience: Annotated[int, affects(Effect.LEARNING, Effect.LENGTH)] = Field(
        0,
        ge=0,
        le=500,
        title="Early stopping (epochs)",
        description="Stop after this many epochs without a better one on validation photos; 0 trains all epochs.",
    )

    @model_validator(mode="after")
    def _parts_fit(self) -> TrainConfig:
        if abs(sum(self.split) - 1) > 1e-6:
            raise ValueError(f"split: the three shares add up to {sum(self.split):g}, not to 1.")
        if 0 < self.folds < LEAST_FOLDS:
            raise ValueError(f"folds: {self.folds} are too few; choose {LEAST_FOLDS} to {MOST_FOLDS}, or 0 for none.")
        if self.fold >= max(self.folds, 1):
            known = f"0 to {self.folds - 1}" if self.folds else "0 where there are no folds"
            raise ValueError(f"fold: there is no fold {self.fold}; choose {known}.")
        if self.folds and self.held_out_source:
            raise ValueError("held_out_source: the test part is one fold or one source, not both.")
        spec = self.spec
        if spec.one_logit and self.wrong_mask:
            raise ValueError(f"backbone: {spec.name} has one output and knows two classes only; leave wrong_mask out.")
        if spec.imagenet is None and self.weights == IMAGENET:
            raise ValueError(f"weights: {spec.name} has no ImageNet weights; choose none or a network in models/.")
        return self

    @property
    def spec(self) -> NetworkSpec:
        """What is known about its network."""
        return NETWORKS[self.backbone]

    @property
    def folder(self) -> Path:
        """The dataset's folder."""
        return Path(self.dataset).expanduser()

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels that it trains on, as far as the folder has them."""
        return THREE_CLASSES if self.wrong_mask else TWO_CLASSES

    @property
    def kept_views(self) -> int:
        """Views per photo whose features are cached for all epochs. 0: new ones each epoch, because more than the last
        layer is trained, or because that costs no more."""
        count = self.views if self.augment or self.robust else min(self.views, 1)
        # A drawn mask changes a photo's label, which kept views do not.
        kept = self.spec.trains_head(self.mode) and not self.drawn_masks
        return count if kept and count < self.epochs else 0


_DECLARED = declarations(TrainConfig)
# Fields in which the repeats of one training differ, and those that are chosen beside the other settings.
REPEATED = tuple(name for name, own in _DECLARED.items() if own.repeats)
APART = tuple(name for name, own in _DECLARED.items() if own.apart)


def affecting(effect: Effect) -> tuple[str, ...]:
    """Fields of which another value changes any of this, in the order in which they are declared."""
    return tuple(name for name, own in _DECLARED.items() if own.effect & effect)


def sparing(effect: Effect) -> tuple[str, ...]:
    """The other fields: whatever their values, all of this stays the same."""
    return tuple(name for name, own in _DECLARED.items() if not own.effect & effect)


def values_affecting(config: TrainConfig, effect: Effect) -> tuple[Any, ...]:
    """The config's values of the fields that affect any of this: a key for what depends on nothing else."""
    return tuple(getattr(config, name) for name in affecting(effect))


def make(values: dict[str, Any]) -> TrainConfig:
    """A TrainConfig from untrusted values. Raises UserError with one sentence that names each wrong field."""
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        raise UserError(" ".join(_sentence(item) for item in error.errors())) from None


def fill_in(values: dict[str, Any]) -> dict[str, Any]:
    """The values plus what follows from the network where it is not said: its own rate to retrain it, no weights where
    none are available, two classes where it knows two only. A network that there isn't leaves them as they are."""
    filled = dict(values)
    if (spec := NETWORKS.get(filled.get("backbone", DEFAULT))) is None:
        return filled
    if spec.imagenet is None:
        filled.setdefault("weights", NO_WEIGHTS)
    if filled.get("mode") == "retrain" and spec.retrain_rate is not None:
        filled.setdefault("learning_rate", spec.retrain_rate)
    if spec.one_logit:
        filled.setdefault("wrong_mask", False)
    return filled


def _sentence(item: ErrorDetails) -> str:
    where = ".".join(str(part) for part in item["loc"])
    message = item["msg"].removeprefix("Value error, ")
    if not where:
        return message
    if item["type"] == "extra_forbidden":
        return f"{where}: there is no such setting."
    return f"{where}: {message[0].lower()}{message[1:]} (got {item.get('input')!r})."
