"""The map on the Data page: when there is none, what its colours mean, what is left out, and hostile messages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data.dataset.scan import scan
from core.evaluation.photo_map import kept, worker
from core.schema.train_config import STARTER
from core.store.jobs import Job
from core.ui.data.grid import chosen
from core.ui.data.photo_map import colours, component, view
from tests.app.conftest import button, words
from tests.fixtures.compare_fixtures import finished_run, wrong_on
from tests.fixtures.support import wait_for


@pytest.fixture
def dataset(faces: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = own_home / "datasets" / "drawn"
    shutil.copytree(faces, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return folder


@pytest.fixture
def drawn(dataset: Path) -> Path:
    """With a map of it, and a file that can't be read."""
    (dataset / "mask" / "broken.jpg").write_bytes(b"no photo")
    worker.draw(dataset, STARTER, lambda what, done, total: None)
    return dataset


def opened(page: Callable[..., AppTest], folder: Path) -> AppTest:
    app = page("1_Data.py")
    return app.segmented_control(key=f"data_view:{folder}:0").set_value("Map").run()


def test_of_a_few_photos_there_is_no_map(dataset, page):
    for path in sorted(dataset.rglob("*.jpg"))[5:]:
        path.unlink()
    app = opened(page, dataset)
    assert "A map takes 10 different photos at least, and here there is 5" in words(app)
    assert "map_draw" not in [one.key for one in app.button]


def test_a_map_is_begun_and_stopped(dataset, page):
    app = opened(page, dataset)
    assert "Takes about" in words(app)
    button(app, "Draw the map").click().run()
    button(app, "Stop").click().run()
    job: Job = worker.job_of(dataset, STARTER)
    wait_for(lambda: not job.state.active)
    assert job.state.status == "stopped" and "Drawing the map was stopped" in words(app.run())
    assert button(app, "Draw the map")


def test_what_colours_mean_and_what_is_left_out(drawn, page):
    run = finished_run(drawn, wrong_on("3.jpg"))
    app = opened(page, drawn)
    assert "Neighbours mean something" in words(app) and "1 unreadable file is left out" in words(app)
    assert "map_draw" not in [one.key for one in app.button]
    ways = app.selectbox(key="map_colour")
    assert ways.options == ["label", "split", "right or wrong"]
    ways.set_value("right or wrong").run()
    assert not app.exception and f"what {run.name} said" in words(app).replace("\\", "")
    app.selectbox(key="map_colour").set_value("split").run()
    assert not app.exception and "Split: as the form on Home would make it now." in words(app)


def test_groups_have_shapes_and_the_rest_is_in_the_background(drawn):
    photos = scan(drawn).photos
    by_label = colours.by_label(photos)
    assert len({group.shape for group in by_label.groups}) == len({group.colour for group in by_label.groups}) == 3
    names = [f"p{number % 11}" for number in range(55)] + ["p0"] * 3 + [""] * 5
    by_name = colours.by_name(names)
    assert [group.name for group in by_name.groups[:1]] == ["p0"] and len(by_name.groups) == 9
    assert by_name.groups[-1].name == "unknown, 3 others" and not by_name.groups[-1].colour
    assert len({(group.colour, group.shape) for group in by_name.groups}) == 9
    assert {by_name.of[place] for place, name in enumerate(names) if name == "p0"} == {0}
    assert colours.by_error(photos, {}).groups == (colours.Group("not tested", "", "dot"),)


@pytest.fixture
def session() -> Iterator[None]:
    yield
    st.session_state.clear()


@pytest.mark.parametrize(
    ("sent", "files"),
    [
        ({"kind": "grid", "value": "now", "places": [2, 0, 2]}, {0, 2}),
        ({"kind": "grid", "value": "now", "places": [-1, 10**9, "0", None, 1]}, {1}),
        ({"kind": "grid", "value": "before", "places": [0]}, None),
        ({"kind": "grid", "value": "now", "places": "0"}, None), ({"kind": "bin", "value": "now", "places": [0]}, None),
        ({"kind": "grid", "value": "now", "places": []}, None),
    ],
)  # fmt: skip
def test_only_photos_of_this_map_get_into_the_grid(dataset, session, sent: dict[str, Any], files):
    photos = scan(dataset).photos
    st.session_state[component.KEY] = {"actions": {"client": "one", "actions": [{"number": 1} | sent]}}
    view._acted(dataset, "now", photos)
    assert chosen.files(dataset) == (None if files is None else {photos[place].file for place in files})


@pytest.mark.parametrize("asked", [None, [], {"view": "now"}, {"view": "now", "place": -1}, {"view": "now", "place": 5},
                                   {"view": "now", "place": "0"}, {"view": "other", "place": 0}])  # fmt: skip
def test_a_picture_is_given_of_photos_of_this_map_alone(session, asked):
    class Sent:
        pass

    Sent.asked = asked
    st.session_state["map_picture"] = Sent
    assert component.pointed("now", 5) is None
    Sent.asked = {"view": "now", "place": 4}
    assert component.pointed("now", 5) == ("now", 4)


def test_new_photos_are_said_to_be_missing(drawn, page):
    photo = max((drawn / "mask").glob("*.jpg"))
    (drawn / "mask" / "again.jpg").write_bytes(photo.read_bytes() + b"other")
    app = opened(page, drawn)
    assert "1 photo is not on the map yet: draw it again." in words(app)
    assert len(kept.places(drawn, STARTER)) == 60
