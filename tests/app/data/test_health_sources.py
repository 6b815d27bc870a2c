"""Health's part on sources: shares that are always there, work in the background that is begun, stopped and kept, and
the split of each source."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.collect import sources
from core.data.dataset.scan import scan
from core.evaluation.by_source import worker
from core.evaluation.label_issues import imagenet_features
from core.evaluation.wording import source_signal_words
from core.schema.labels import Label
from core.ui.common import cached_reads
from tests.app.conftest import button, words
from tests.fixtures.doubts_support import random_network
from tests.fixtures.support import wait_for


@pytest.fixture
def dataset(crowd: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of each label 20 photos of the phone and 20 of the site."""
    folder = own_home / "datasets" / "crowd"
    shutil.copytree(crowd, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    files = [f"{label}/{label}-{number:03}.png" for label in Label for number in range(40)]
    sources.note(folder, {file: "phone" if int(file[-7:-4]) < 20 else "site" for file in files})
    return folder


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has them; what the process needs of them, tests put into its record."""
    monkeypatch.setattr(cached_reads, "weights_problem", lambda config: None)


def table(app: AppTest, *columns: str):
    (found,) = [frame.value for frame in app.dataframe if set(columns) <= set(frame.value.columns)]
    return found


def test_one_source_shows_nothing(dataset, page: Callable[..., AppTest]):
    (dataset / sources.FILE).unlink()
    app = page("1_Data.py")
    assert "Sources" not in [text.value for text in app.subheader]
    assert "By source" not in [one.label for one in app.expander]


def test_shares_and_the_split_are_always_there(dataset, page, monkeypatch):
    monkeypatch.setattr(cached_reads, "weights_problem", lambda config: "They are not there.")
    app = page("1_Data.py")
    assert list(table(app, "source", "wrong_mask").source) == ["phone", "site"]
    split = table(app, "validation")
    assert list(split.source) == ["phone"] * 3 + ["site"] * 3
    total = sum(int(value) for part in ("training", "validation", "test") for value in split[part])
    assert total == 120
    assert "health_sources" not in [one.key for one in app.button]
    assert "which are not on this machine: put" in words(app)


def test_it_is_begun_and_stopped(dataset, weights, page):
    app = page("1_Data.py")
    button(app, "Tell sources apart").click().run()
    app.button(key="health_sources_stop").click().run()
    job = worker.job_of(dataset)
    wait_for(lambda: not job.state.active)
    assert job.state.status == "stopped" and "Telling sources apart was stopped" in words(app.run())
    assert button(app, "Tell sources apart")


def test_it_is_found_in_the_background_and_offered_again_once_photos_change(dataset, weights, page, monkeypatch):
    monkeypatch.setattr(imagenet_features, "build", random_network)
    imagenet_features.find(dataset, [photo.file for photo in scan(dataset).photos])
    app = page("1_Data.py")
    button(app, "Tell sources apart").click().run()
    job = worker.job_of(dataset)
    wait_for(lambda: not job.state.active, 180)
    assert job.state.status == "finished", job.log_tail()
    app.run()
    assert list(table(app, "chance").label) == ["mask", "no_mask", "wrong_mask"]
    assert source_signal_words.NOTE in words(app)
    sources.note(dataset, {"mask/mask-000.png": "site"})
    cached_reads.forget_scan()
    again = page("1_Data.py")
    assert "sources have changed since this was found out" in words(again) and button(again, "Tell sources apart")
