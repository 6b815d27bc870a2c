"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "core.data.augment", "core.data.split", "core.evaluation.bootstrap", "core.evaluation.calibration",
    "core.evaluation.metrics", "core.evaluation.paired", "core.evaluation.stress_score", "core.text.numbers",
    "core.text.tables",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str):
    found = doctest.testmod(import_module(name))
    assert found.attempted and not found.failed
