"""Versions on the Data page, on a run's page, in Compare and in the inbox."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.data.collect import new_dataset
from core.data.collect.inbox import crops
from core.data.collect.inbox.table import Note
from core.data.dataset import label_decisions
from core.data.dataset import split as splits
from core.evaluation.versions import known
from core.evaluation.wording import version_words
from core.schema.labels import TWO_CLASSES, Label
from core.store import runs
from core.ui.data.inbox import view as inbox
from tests.app.conftest import button, words
from tests.fixtures.compare_fixtures import files_tested, finished_run, right
from tests.fixtures.support import picture


@pytest.fixture
def dataset(crowd: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = own_home / "datasets" / "crowd"
    shutil.copytree(crowd, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return folder


def _open_versions(page):
    app = page("1_Data.py")
    app.segmented_control[0].set_value("Versions").run()
    assert not app.exception
    return app


def _tables(app, column):
    return [frame.value for frame in app.dataframe if column in frame.value.columns]


def test_without_runs_it_says_what_will_be_there(dataset, page):
    app = _open_versions(page)
    assert "each training from now on records that" in words(app)


def test_what_changed_since_a_run_is_told_with_examples(dataset, page):
    run = finished_run(dataset, right)
    picture(70, 96, 96).save(dataset / "mask" / "added.png")
    label_decisions.decide(dataset, "no_mask/no_mask-001.png", "relabel", Label.MASK)
    app = _open_versions(page)
    (table,) = _tables(app, "given to")
    assert list(table.version)[1] == known.read(run).id[:8] and list(table.photos) == [121, 120]
    assert "1 added, 1 relabelled; 119 the same." in words(app)
    assert {"Added (1)", "Relabelled (1)"} <= {fold.label for fold in app.expander}
    assert any("no_mask/no_mask-001.png" not in one.file.tolist() for one in _tables(app, "file"))
    (relabelled,) = _tables(app, "before")
    assert relabelled.iloc[0].tolist() == ["no_mask/no_mask-001.png", "mask", "no_mask", "mask"]
    app.selectbox(key="versions_to").select(known.read(run).id).run()
    assert version_words.SAME in words(app)


def test_a_damaged_version_takes_nothing_else_with_it(dataset, page):
    run = finished_run(dataset, right)
    run.version_file.write_bytes(run.version_file.read_bytes()[:-20])
    picture(70, 96, 96).save(dataset / "mask" / "added.png")
    app = _open_versions(page)
    assert "put a copy of it back" in words(app) and _tables(app, "given to")


def test_a_run_says_its_version_and_asks_about_what_is_gone_before_it_is_trained_again(dataset, page):
    run = finished_run(dataset, right)
    gone = dataset / files_tested(run)[0]
    app = page("2_Runs.py", run=run.id)
    assert version_words.named(known.read(run).head) in words(app)
    button(app, "Train again on these photos").click().run()
    assert "All of its photos are there." in words(app)
    gone.unlink()
    app = page("2_Runs.py", run=run.id)
    button(app, "Train again on these photos").click().run()
    assert "1 photo is gone or changed" in words(app)
    assert files_tested(run)[0] in _tables(app, "why")[0].file.tolist()
    # AppTest does not run a dialog again: its button is pressed in the browser test.
    assert button(app, "Train without these 1") and runs.every() == [run]


def test_a_run_without_a_version_says_so_and_is_not_offered(dataset, page):
    run = finished_run(dataset, right)
    run.version_file.unlink()
    run.write_report(run.report().model_copy(update={"version": None}))
    app = page("2_Runs.py", run=run.id)
    assert version_words.UNKNOWN in words(app)
    assert "Train again on these photos" not in [one.label for one in app.button]


def test_compare_tells_versions_apart_and_asks_about_new_photos(dataset, page):
    older = finished_run(dataset, right)
    for turn in range(60):
        picture(1000 + turn, 96, 96).save(dataset / list(Label)[turn % 3] / f"new-{turn}.png")
    newer = finished_run(dataset, right)
    app = page("3_Compare.py", runs=f"{older.id},{newer.id}")
    assert "See how they do on the photos added since" in words(app)
    app = page("3_Compare.py", runs=f"{older.id},{newer.id}", view="added")
    assert "of the 60 photos added since" in words(app).lower()
    app = page("3_Compare.py", runs=older.id, view="added")
    assert "On the photos added since" not in [fold.label for fold in app.expander]


def test_a_face_that_is_nearly_a_test_photo_is_said_before_it_is_labelled(dataset, page, monkeypatch):
    run = finished_run(dataset, right)
    tested, learnt = files_tested(run)[0], next(
        row.file for row in splits.read(run.split_file) if row.part == "train"
    )  # fmt: skip
    for place, file in enumerate((tested, learnt)):
        with Image.open(dataset / file) as image:
            image.save(dataset.parent / "face.jpg", quality=95)
        crops.keep(dataset, (dataset.parent / "face.jpg").read_bytes(), f"live-{place}", "live", Note())
    tests = inbox._tests(dataset)
    warnings = {crop.group: inbox._warning(tests, crop) for crop in crops.read(dataset)}
    assert warnings["live-1"] == ""
    assert warnings["live-0"].startswith(f"Nearly a test photo of {run.name}: {tested}.")
    app = page("1_Data.py")
    app.segmented_control[0].set_value("Inbox (2)").run()
    assert not app.exception


def test_a_dataset_with_nothing_but_an_inbox_can_forget_a_person(own_home, page, tmp_path, monkeypatch):
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    folder = new_dataset.make("class", TWO_CLASSES)
    picture(1).save(tmp_path / "face.jpg")
    crops.keep(folder, (tmp_path / "face.jpg").read_bytes(), "live-7", "live", Note())
    app = page("1_Data.py")
    app.segmented_control[0].set_value("Photos").run()
    button(app, "Forget a person").click().run()
    assert app.selectbox(key="forget_who").options == ["live-7"]
