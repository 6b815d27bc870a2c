"""Every package that is asked for is explained and locked, and none is explained that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import package_sizes
from core.store.paths import PROJECT

EXPLAINED = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*", re.MULTILINE)


def asked(file: Path) -> list[str]:
    """The packages that a requirements file names."""
    return _NAME.findall(file.read_text(encoding="utf-8"))


def explained(text: str) -> set[str]:
    """The names in the first column of the tables before "What has gone", and bold ones."""
    kept = text.split("## What has gone", maxsplit=1)[0]
    cells = re.findall(r"^\| ([^|]+) \|", kept, re.MULTILINE)
    names = {name for cell in cells for name in cell.split(", ")} - {"package"}
    return names | set(re.findall(r"\*\*([\w.-]+)\*\*", kept))


def requirements() -> list[Path]:
    return sorted([*PROJECT.glob("requirements*.txt"), *(PROJECT / "benchmarks").glob("requirements*.txt")])


def test_there_are_files_to_check():
    names = {path.name for path in requirements()}
    assert names >= {"requirements.txt", "requirements-extras.txt", "requirements-test.txt", "requirements-fastai.txt"}
    assert all(asked(path) for path in requirements())


@pytest.mark.parametrize("file", requirements(), ids=lambda path: path.name)
def test_every_package_is_explained(file: Path):
    assert [name for name in asked(file) if name not in explained(EXPLAINED)] == []


def test_nothing_is_explained_that_is_not_asked_for():
    every = {name for path in requirements() for name in asked(path)}
    assert explained(EXPLAINED) - every == set()


@pytest.mark.parametrize("name", ["requirements", "requirements-extras", "requirements-test"])
def test_every_package_is_locked(name: str):
    locked = asked(PROJECT / f"{name}.lock")
    assert [package for package in asked(PROJECT / f"{name}.txt") if package not in locked] == []


def test_what_is_locked_for_the_extras_and_the_tests_is_locked_alike_for_all():
    pins = [
        set(re.findall(r"^[\w.-]+==.*$", (PROJECT / f"{name}.lock").read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements", "requirements-extras", "requirements-test")
    ]
    assert pins[0] < pins[1] < pins[2]


def test_sizes_are_those_of_what_is_installed():
    assert package_sizes.packages(PROJECT / "requirements.lock") >= {"torch", "opencv-python-headless"}
    assert 0.05 < package_sizes.megabytes("torchinfo") < 5
    assert package_sizes.megabytes("no-such-package") is None
