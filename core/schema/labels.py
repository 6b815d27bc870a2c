"""The labels: one row each, with all that is known of it. Everything else reads the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of a label.

    `title` is how people say it, `meaning` what it stands for, `folders` the names of folders that stand for it beside
    its own (in small letters, with underscores). `colour` is of Okabe and Ito's colour-blind-safe palette, the same in
    light and dark; `symbol` is a second channel beside it, for print and for colour-blind eyes, and `shape` the same
    where it is drawn, by plotly's name.

    `compliant`: somebody with this label may pass. `worn`: there is a mask on the face, well worn or not. `optional`: a
    dataset may do without it, and so may a network.
    """

    title: str
    meaning: str
    folders: tuple[str, ...]
    colour: str
    symbol: str
    shape: Literal["circle", "x", "triangle-up"]
    compliant: bool = False
    worn: bool = True
    optional: bool = False


class Label(StrEnum):
    """A way of wearing a mask; the order is the order of every model's outputs. Each has its row."""

    row: Row

    # A member is declared with its row; who asks for one, by its name alone, never comes here.
    def __new__(cls, name: str, *row: Row) -> Label:
        member = str.__new__(cls, name)
        member._value_ = name
        [member.row] = row
        return member

    MASK = "mask", Row(
        title="mask", meaning="mask over nose and mouth", colour="#009E73", symbol="●", shape="circle", compliant=True,
        folders=("with_mask", "withmask", "masked", "mask_on", "mask_weared_correct", "correct_mask"),
    )  # fmt: skip
    NO_MASK = "no_mask", Row(
        title="no mask", meaning="no mask", colour="#D55E00", symbol="✕", shape="x", worn=False,
        folders=("nomask", "without_mask", "withoutmask", "unmasked", "mask_off"),
    )  # fmt: skip
    WRONG_MASK = "wrong_mask", Row(
        title="wrong mask", meaning="mask under the nose or on the chin", colour="#E69F00", symbol="▲",
        shape="triangle-up", optional=True,
        folders=(
            "wrongmask", "incorrect_mask", "incorrectmask", "mask_weared_incorrect", "mask_worn_incorrect",
            "mask_worn_incorrectly", "improper_mask",
        ),
    )  # fmt: skip


# Without these there is nothing to train: every dataset has them, and every network knows them.
TWO_CLASSES = tuple(label for label in Label if not label.row.optional)
THREE_CLASSES = tuple(Label)
# The one label that may pass: its probability is what the operating point is a threshold of.
[COMPLIANT] = [label for label in Label if label.row.compliant]
# The one label of a face without anything on it: what is held before its mouth does not change it.
[BARE] = [label for label in Label if not label.row.worn]

COLOURS = {label: label.row.colour for label in Label}
SYMBOLS = {label: label.row.symbol for label in Label}
MEANINGS = {label: label.row.meaning for label in Label}

_BY_FOLDER = {name: label for label in Label for name in (label.value, *label.row.folders)}


def from_folder(name: str) -> Label | None:
    """The label a folder's name stands for (any case; spaces and hyphens as underscores), or None."""
    return _BY_FOLDER.get(re.sub(r"[\s\-_]+", "_", name.strip().lower()))


def is_compliant(label: Label | str) -> bool:
    """Whether a person with this label may pass. Raises ValueError for what is no label."""
    return Label(label).row.compliant


def are_outputs(labels: tuple[Label, ...]) -> bool:
    """Whether a network may have these outputs: in order, all that are not optional, and any others."""
    return labels == tuple(label for label in Label if label in labels or not label.row.optional)
