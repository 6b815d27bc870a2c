"""A network is removed from models/, never the starter, and who would miss it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.schema.errors import UserError
from core.store import paths, runs
from core.store.job_state import State
from core.training.lifecycle import unpublish
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config


def test_a_network_and_its_int8_files_go(faces: Path):
    run = finished_run(faces, right)
    name = run.report().model
    for suffix in (".int8.xml", ".int8.bin"):
        (paths.models_dir() / name).with_suffix(suffix).touch()
    assert unpublish.made_by(name) == [run] and unpublish.without_run() == []
    unpublish.delete(name)
    assert list(paths.models_dir().iterdir()) == []
    with pytest.raises(UserError, match="There is no network"):
        unpublish.delete(name)


def test_a_network_whose_run_is_gone_is_listed(faces: Path):
    run = finished_run(faces, right)
    runs.delete(run)
    assert [path.name for path in unpublish.without_run()] == [run_model(paths.models_dir())]


def test_who_begins_with_it_is_known(faces: Path):
    waiting = runs.create(tiny_config(faces, weights="mine.pth"), 3)
    waiting.job.write(State("stopped"))
    assert unpublish.needed_by("mine.pth") == [waiting]
    assert unpublish.needed_by("other.pth") == []


@pytest.mark.parametrize("name", ["../secret.pth", "", "none.txt", "/etc/passwd"])
def test_a_name_from_anywhere_deletes_nothing(name: str, own_home: Path):
    own_home.mkdir()
    (own_home / "secret.pth").touch()
    with pytest.raises(UserError, match="There is no network"):
        unpublish.delete(name)
    assert (own_home / "secret.pth").exists()


def run_model(folder: Path) -> str:
    """The only network in the folder."""
    (only,) = folder.glob("*.pth")
    return only.name
