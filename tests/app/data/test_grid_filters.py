"""The grid's filters and orders that need more than its list: refused and doubted photos, sharpness, sureness."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.collect import sharpness
from core.evaluation.label_issues.label_issues import Doubt, Doubts
from core.evaluation.photo_map import answers
from core.schema.labels import Label
from core.ui.data.grid import chosen
from tests.app.conftest import button, words
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import wait_for


@pytest.fixture
def dataset(faces: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve drawn faces and a file that is no photo."""
    folder = own_home / "datasets" / "drawn"
    for label in Label:
        (folder / label).mkdir(parents=True)
        for path in sorted((faces / label).glob("*.jpg"))[:4]:
            shutil.copy(path, folder / label)
    (folder / "mask" / "broken.jpg").write_bytes(b"no photo")
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return folder


def shown(app: AppTest) -> list[str]:
    return [item.file for item in app.session_state["grid_found"][3]]


def test_refused_files_are_shown_only_where_asked_for(dataset, page):
    app = page("1_Data.py")
    assert len(shown(app)) == 12
    app.selectbox(key="grid_show").set_value("refused").run()
    assert not app.exception and shown(app) == ["mask/broken.jpg"]


def test_doubted_labels_are_those_that_the_analysis_found(dataset, page):
    app = page("1_Data.py")
    app.selectbox(key="grid_show").set_value("doubted").run()
    assert shown(app) == [] and "open Label issues above first" in words(app)
    file = f"mask/{max((dataset / 'mask').glob('*.jpg')).name}"
    doubt = Doubt(file, Label.MASK, Label.NO_MASK, 0.1, {Label.MASK: 0.1, Label.NO_MASK: 0.9})
    app.session_state["doubts"] = (dataset, Doubts((doubt,), 12, "a test"))
    app.run()
    assert not app.exception and shown(app) == [file]


def test_the_least_sharp_come_first_once_they_are_measured(dataset, page):
    app = page("1_Data.py")
    app.selectbox(key="grid_sort").set_value("blurred").run()
    assert "12 photos have not been measured yet" in words(app)
    app.button(key="grid_measure").click().run()
    wait_for(lambda: not sharpness.job_of(dataset).state.active)
    app.run()
    known = sharpness.known(dataset, app.session_state["grid_list"].items)
    assert not app.exception and shown(app) == sorted(shown(app), key=known.__getitem__)
    assert "not been measured" not in words(app)


def test_the_least_sure_come_first_by_the_latest_network(crowd, own_home, monkeypatch, page):
    folder = shutil.copytree(crowd, own_home / "datasets" / "crowd")
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    app = page("1_Data.py")
    app.selectbox(key="grid_sort").set_value("unsure").run()
    assert "No network was trained on these photos yet" in words(app)
    run = finished_run(folder, right)
    app = page("1_Data.py")
    app.selectbox(key="grid_sort").set_value("unsure").run()
    tested = answers.of(answers.asked(folder)[0])
    assert f"By {run.name}" in words(app).replace("\\", "") and set(shown(app)[: len(tested)]) == set(tested)


def test_photos_of_the_map_alone_until_all_are_asked_for(dataset, page):
    app = page("1_Data.py")
    some = shown(app)[:3]
    app.session_state["grid_chosen"] = (dataset.resolve(), frozenset(some))
    app.run()
    assert sorted(shown(app)) == sorted(some) and "3 photos of the map" in words(app)
    button(app, "Show all photos").click().run()
    assert len(shown(app)) == 12


def test_photos_that_move_stay_chosen(dataset, page):
    import streamlit as st

    chosen.put(dataset, ["mask/1.jpg", "mask/2.jpg"])
    chosen.renamed(dataset, {"mask/1.jpg": "mask/anna/1.jpg", "mask/9.jpg": "mask/anna/9.jpg"})
    assert chosen.files(dataset) == {"mask/1.jpg", "mask/2.jpg", "mask/anna/1.jpg"}
    st.session_state.clear()
