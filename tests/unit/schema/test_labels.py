"""Folder names, colours, and who is compliant."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from core.schema.labels import (
    BARE,
    COLOURS,
    COMPLIANT,
    MEANINGS,
    SYMBOLS,
    THREE_CLASSES,
    TWO_CLASSES,
    Label,
    are_outputs,
    from_folder,
    is_compliant,
)
from core.schema.train_config import make


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


def test_no_two_rows_share_what_tells_them_apart():
    for column in ("title", "meaning", "colour", "symbol", "shape"):
        assert len({getattr(label.row, column) for label in Label}) == len(Label)
    names = [name for label in Label for name in (label.value, *label.row.folders)]
    assert len(set(names)) == len(names)
    assert all(from_folder(name) is not None for name in names)
    assert [label.row.title for label in Label] == ["mask", "no mask", "wrong mask"]


def test_a_label_is_the_text_that_files_and_predictions_hold():
    assert json.loads(json.dumps({Label.MASK: [Label.WRONG_MASK]})) == {"mask": ["wrong_mask"]}
    assert (np.array(["mask", "no_mask"]) == Label.MASK).tolist() == [True, False]
    assert f"{Label.NO_MASK}" == str(Label.NO_MASK) == "no_mask"
    assert pickle.loads(pickle.dumps(Label.MASK)) is copy.deepcopy(Label.MASK) is Label("mask")


def test_roles_follow_from_the_rows():
    assert (COMPLIANT, BARE) == (Label.MASK, Label.NO_MASK)
    assert make({"dataset": "x"}).labels == THREE_CLASSES
    assert make({"dataset": "x", "wrong_mask": False}).labels == TWO_CLASSES


@pytest.mark.parametrize(
    ("labels", "fit"),
    [
        (TWO_CLASSES, True), (THREE_CLASSES, True), ((), False), ((Label.MASK,), False),
        ((Label.NO_MASK, Label.MASK), False), ((Label.MASK, Label.WRONG_MASK), False),
        ((Label.MASK, Label.NO_MASK, Label.NO_MASK), False), ((*THREE_CLASSES, Label.MASK), False),
    ],
)  # fmt: skip
def test_what_a_network_may_say(labels: tuple[Label, ...], fit: bool):
    assert are_outputs(labels) is fit
