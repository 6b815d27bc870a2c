"""The registry of disturbances finds a kind by its file alone, and refuses a file without one."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.data import disturb
from core.data.augment import robust
from core.data.disturb import CORRUPTIONS, KINDS, OCCLUDERS, SEVERITIES

DOCS = Path(__file__).resolve().parents[4] / "docs"
NEGATIVE = '''"""A picture as its negative."""

from core.data.disturb.corruption import Corruption

KIND = Corruption(
    name="{name}", rank={rank}, title="Negative", unit="{{}} of it", levels=(0.2, 0.4, 0.6, 0.8, 1),
    change=lambda square, share, rng, marks: ((1 - share) * square + share * (255 - square)).astype("uint8"),
)
'''
NUMBERS = {6: "six", 7: "seven"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package of kinds that can be imported."""
    package = tmp_path / "kinds_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text('"""Kinds."""\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def package_of(folder: Path) -> ModuleType:
    return import_module(folder.name)


def test_a_new_file_is_a_new_kind_in_the_place_that_it_names(folder: Path):
    (folder / "a_negative.py").write_text(NEGATIVE.format(name="a_negative", rank=2))
    (folder / "other.py").write_text(NEGATIVE.format(name="other", rank=1))
    found = disturb._found(package_of(folder))
    assert list(found) == ["other", "a_negative"]
    square = np.full((8, 8, 3), 200, np.uint8)
    assert found["other"].apply(square, 5, np.random.default_rng(0), None, False)[0, 0].tolist() == [55, 55, 55]
    assert found["other"].step(2) == "0.4 of it"


@pytest.mark.parametrize("text", ['"""Nothing."""\n', NEGATIVE.format(name="another", rank=1)])
def test_a_file_without_its_kind_is_refused(folder: Path, text: str):
    (folder / "negative.py").write_text(text)
    with pytest.raises(TypeError, match="negative declares no KIND of that name"):
        disturb._found(package_of(folder))


def test_each_kind_is_declared_whole():
    for folder in (CORRUPTIONS, OCCLUDERS):
        assert len({kind.rank for kind in folder.values()}) == len(folder)
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS) == len(CORRUPTIONS) + len(OCCLUDERS)
    for kind in KINDS.values():
        assert len({kind.step(severity) for severity in SEVERITIES}) in (1, len(SEVERITIES))
    assert all(
        len(own) == len(SEVERITIES) for kind in OCCLUDERS.values() for own in (kind.sizes, kind.drops, kind.opacity)
    )


def test_what_a_seed_of_robust_training_draws_follows_from_this_order():
    assert robust.TRAINED_CHANGES == (
        "gaussian_blur", "motion_blur", "low_resolution", "low_light", "over_exposure", "colour_cast",
    )  # fmt: skip
    assert robust.TRAINED_OCCLUDERS == ("sheet", "hand", "scarf", "book", "phone", "microphone", "food")


def test_the_documentation_counts_what_training_may_show():
    words = " ".join((DOCS / "evaluation.md").read_text(encoding="utf-8").split())
    changes, occluders = (NUMBERS[len(own)] for own in (robust.TRAINED_CHANGES, robust.TRAINED_OCCLUDERS))
    low, high = robust.CAMERA_SEVERITIES
    small, large = robust.THING_SEVERITIES
    assert (
        f"draws {changes} of the kinds at severities {low} and {high} and {occluders} of the occluders at {small} and "
        f"{large}" in words
    )
