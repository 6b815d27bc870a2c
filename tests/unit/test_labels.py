"""Folder names, colours, and who is compliant."""

from __future__ import annotations

import pytest

from core.labels import COLOURS, MEANINGS, SYMBOLS, THREE_CLASSES, TWO_CLASSES, Label, from_folder, is_compliant


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("mask", Label.MASK), ("with_mask", Label.MASK), ("With Mask", Label.MASK), ("WITH-MASK", Label.MASK),
        ("no_mask", Label.NO_MASK), ("without_mask", Label.NO_MASK), ("Without  Mask", Label.NO_MASK),
        ("wrong_mask", Label.WRONG_MASK), ("incorrect-mask", Label.WRONG_MASK),
        ("mask_weared_incorrect", Label.WRONG_MASK), (" Incorrect Mask ", Label.WRONG_MASK),
        ("cats", None), ("", None), ("mask2", None), ("masks/no_mask", None),
    ],
)  # fmt: skip
def test_folder_names(folder: str, label: Label | None):
    assert from_folder(folder) is label


def test_the_order_is_that_of_model_outputs():
    assert TWO_CLASSES == ("mask", "no_mask")
    assert THREE_CLASSES == ("mask", "no_mask", "wrong_mask") == tuple(Label)


def test_only_a_mask_over_nose_and_mouth_may_pass():
    assert [is_compliant(label) for label in Label] == [True, False, False]
    assert is_compliant("mask")
    assert not is_compliant("wrong_mask")
    with pytest.raises(ValueError, match="masked"):
        is_compliant("masked")


def test_every_label_has_its_own_colour_symbol_and_meaning():
    assert COLOURS == {"mask": "#009E73", "no_mask": "#D55E00", "wrong_mask": "#E69F00"}
    for table in (SYMBOLS, MEANINGS):
        assert set(table) == set(Label)
        assert len(set(table.values())) == 3
