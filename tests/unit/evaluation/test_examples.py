"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "core.data.augment.affine", "core.data.dataset.split", "core.evaluation.one_run.bootstrap",
    "core.evaluation.one_run.calibration", "core.evaluation.one_run.metrics", "core.evaluation.compare.paired",
    "core.evaluation.stress.score", "core.text.numbers", "core.text.tables",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str):
    found = doctest.testmod(import_module(name))
    assert found.attempted and not found.failed
