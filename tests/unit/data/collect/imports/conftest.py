"""An empty dataset, and an import into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.data.collect import new_dataset
from core.data.collect.imports.bring_in import Wanted, bring_in
from core.data.collect.imports.tally import Tally
from core.schema.labels import THREE_CLASSES
from tests.fixtures.import_support import unpacked

Bring = Callable[..., Tally]


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", THREE_CLASSES)


@pytest.fixture
def bring(root: Path) -> Bring:
    """Import files (path -> content) as a ZIP."""

    def run(files: Mapping[str, bytes | str], **wanted: str) -> Tally:
        tally = Tally()
        bring_in(root, [unpacked(files)], Wanted(**wanted), tally, lambda done, total: None)
        return tally

    return run


@pytest.fixture
def inside(root: Path) -> Callable[[], list[str]]:
    """The photos in the dataset."""
    return lambda: sorted(path.relative_to(root).as_posix() for path in root.rglob("*.[jp][pn]g"))
