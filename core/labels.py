"""The labels, the two class sets, the folder names understood for each, and one colour each."""

from __future__ import annotations

import re
from enum import StrEnum


class Label(StrEnum):
    """A way of wearing a mask; the order is the order of every model's outputs."""

    MASK = "mask"
    NO_MASK = "no_mask"
    WRONG_MASK = "wrong_mask"


TWO_CLASSES = (Label.MASK, Label.NO_MASK)
THREE_CLASSES = (Label.MASK, Label.NO_MASK, Label.WRONG_MASK)

# Okabe and Ito's colour-blind-safe palette, the same in light and dark.
COLOURS = {Label.MASK: "#009E73", Label.NO_MASK: "#D55E00", Label.WRONG_MASK: "#E69F00"}
# A second channel beside colour, for print and for colour-blind eyes.
SYMBOLS = {Label.MASK: "●", Label.NO_MASK: "✕", Label.WRONG_MASK: "▲"}
MEANINGS = {
    Label.MASK: "mask over nose and mouth",
    Label.NO_MASK: "no mask",
    Label.WRONG_MASK: "mask under the nose or on the chin",
}

_ALIASES = {
    Label.MASK: ("mask", "with_mask", "withmask", "masked", "mask_on", "mask_weared_correct", "correct_mask"),
    Label.NO_MASK: ("no_mask", "nomask", "without_mask", "withoutmask", "unmasked", "mask_off"),
    Label.WRONG_MASK: (
        "wrong_mask",
        "wrongmask",
        "incorrect_mask",
        "incorrectmask",
        "mask_weared_incorrect",
        "mask_worn_incorrect",
        "mask_worn_incorrectly",
        "improper_mask",
    ),
}
_BY_ALIAS = {alias: label for label, aliases in _ALIASES.items() for alias in aliases}


def from_folder(name: str) -> Label | None:
    """The label a folder's name stands for (any case; spaces and hyphens as underscores), or None."""
    return _BY_ALIAS.get(re.sub(r"[\s\-_]+", "_", name.strip().lower()))


def is_compliant(label: Label | str) -> bool:
    """Whether a person with this label is compliant: only a mask over nose and mouth counts."""
    return Label(label) is Label.MASK
