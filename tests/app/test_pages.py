"""The pages with photos and finished runs: what they show, and what their buttons do."""

from __future__ import annotations

import io

from PIL import Image

from core.data.cache import network_outputs, resized_images
from core.data.synthetic.demo import make_dataset
from core.store import runs
from core.text.numbers import percent
from core.training.lifecycle import launch
from tests.app.conftest import cards, words
from tests.fixtures.support import tiny_config, wait_for


def _by_classes(count):
    return next(run for run in runs.every() if len(run.report().labels) == count)


def _button(app, label):
    return next(button for button in app.button if button.label == label)


def test_home_shows_the_three_steps_and_results(home, page):
    app = page()
    text = words(app)
    assert "**60 photos** in drawn: 20 mask, 20 no_mask, 20 wrong_mask" in text
    assert "**2 trained**" in text and "## 3 Check and use :primary-badge[next]" in text
    newest = runs.every()[0].summary()
    assert f"right on **{percent(newest.test, 0)}** of {newest.tested} test photos" in text
    labels = [link.label for link in app.get("page_link")]
    assert labels.count("Live") == labels.count("Evaluate") == labels.count("Compare") == 2
    assert "What wrong_mask gains" in labels


def test_home_passes_over_what_is_gone_or_damaged(home, page):
    first, second = runs.every()
    (home / "models" / first.summary().model).unlink()
    (second.folder / "config.json").write_text("{")
    app = page()
    assert [link.label for link in app.get("page_link")].count("Live") == 1
    assert "unknown photos" in words(app)


def test_home_says_what_follows_training_with_wrong_mask_alone(home, page):
    runs.delete(_by_classes(2))
    assert "Train once more without wrong_mask" in words(page())


def test_data_shows_counts_refusals_and_groups(home, page):
    (home / "datasets" / "drawn" / "mask" / "broken.jpg").write_bytes(b"no picture")
    app = page("1_Data.py")
    numbers = {metric.label: metric.value for metric in app.metric}
    assert numbers["mask"] == numbers["no_mask"] == numbers["wrong_mask"] == "20"
    assert numbers["Unreadable files"] == "1"
    table = next(frame.value for frame in app.dataframe if "reason" in frame.value.columns)
    assert table.iloc[0].file == "mask/broken.jpg"
    assert "not a JPEG" in table.iloc[0].reason
    assert "groups.csv" in words(app)


def test_two_folders_of_one_name_are_told_apart(home, page, tmp_path, monkeypatch):
    other = tmp_path / "datasets" / "drawn"
    make_dataset(other, per_class=1, people=1)
    monkeypatch.setenv("MASKLAB_DATA", str(other.parent))
    app = page("1_Data.py")
    (picker,) = [box for box in app.selectbox if box.label == "Photos"]
    shown = []
    for folder in (home / "datasets" / "drawn", other):
        picker.select(str(folder)).run()
        (picker,) = [box for box in app.selectbox if box.label == "Photos"]
        shown.append((picker.value, next(one.value for one in app.metric if one.label == "mask")))
    assert shown == [(str(home / "datasets" / "drawn"), "20"), (str(other), "1")]


def test_data_says_what_missing_groups_mean(home, page):
    (home / "datasets" / "drawn" / "groups.csv").unlink()
    assert "too high" in words(page("1_Data.py"))


def test_data_says_what_is_kept_on_disk_and_clears_it(home, page):
    assert resized_images.size() > 0, "the trainings left their photos decoded"
    network_outputs.folder().mkdir(parents=True, exist_ok=True)
    (network_outputs.folder() / f"doubts{network_outputs.VECTORS}").write_bytes(bytes(3_000_000))
    app = page("1_Data.py")
    box = next(box for box in app.expander if "Cached on disk to train and start sooner" in box.label)
    assert "Cached features (3 MB)" in box.caption[0].value and "costs only time" in box.caption[0].value
    _button(app, "Clear").click().run()
    assert not app.exception and resized_images.size() == network_outputs.size() == 0
    assert "cleared" in app.toast[0].value
    assert not any("Cached on disk" in box.label for box in app.expander)


def test_unknown_run_is_a_sentence(home, page):
    for run_id in ("20990101-000000_nothing", "../../etc", "x" * 500):
        app = page("2_Runs.py", run=run_id)
        assert "There is no run" in words(app)


def test_damaged_run_does_not_break_the_list(home, page):
    (runs.every()[0].folder / "state.json").write_text("{")
    app = page("2_Runs.py")
    assert list(app.dataframe[0].value.state) == ["finished", "finished"], "its report.json tells"
    (runs.every()[0].folder / "report.json").write_text("{")
    assert sorted(page("2_Runs.py").dataframe[0].value.state) == ["failed", "finished"]


def test_run_without_a_config_is_listed_and_can_be_deleted(home, page):
    run = runs.every()[0]
    (run.folder / "config.json").write_text("{")
    assert "damaged" in list(page("2_Runs.py").dataframe[0].value.state)
    app = page("2_Runs.py", run=run.id)
    assert "no readable config.json" in words(app)
    assert _button(app, "Delete")
    assert not page("Home.py").error


def test_delete_asks_first(home, page):
    run = runs.every()[0]
    app = page("2_Runs.py", run=run.id)
    _button(app, "Delete").click().run()
    # The dialog's own button is pressed in the browser tests: AppTest does not run a dialog again.
    assert _button(app, "Cancel") and _button(app, ":red[Delete]")
    assert run.folder.exists()


def test_stop_and_resume_from_the_page(home, page):
    run = launch.start(tiny_config(home / "datasets" / "drawn", epochs=60))
    wait_for(lambda: run.state.epoch >= 1, 90)
    app = page("2_Runs.py", run=run.id)
    _button(app, "Stop").click().run()
    wait_for(lambda: run.state.status == "stopped", 60)
    epochs = len(run.metrics())
    app = page("2_Runs.py", run=run.id)
    _button(app, "Resume").click().run()
    wait_for(lambda: len(run.metrics()) > epochs, 90)
    launch.stop(run)


def test_two_and_three_class_runs_share_their_test_photos(home):
    two, three = (
        {row["file"] for row in _by_classes(count).predictions() if row["part"] == "test"} for count in (2, 3)
    )
    three = {file for file in three if not file.startswith("wrong_mask/")}
    assert two == three


def test_evaluate_marks_right_and_wrong(home, page):
    app = page("4_Evaluate.py", view="Photos")
    app.segmented_control(key="eval_from").set_value("From a folder").run()
    assert not app.exception
    assert sum(">right<" in text or "<b>is " in text for text in cards(app)) == 16
    assert "95 % interval" in words(app)


def test_evaluate_uploaded_photo_and_broken_one(home, page):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 80), "grey").save(buffer, "PNG")
    app = page("4_Evaluate.py", view="Photos")
    files = [("[a](b).png", buffer.getvalue(), "image/png"), ("bad.jpg", b"no", "image/jpeg")]
    app.file_uploader[0].set_value(files).run()
    assert not app.exception
    assert "bad.jpg: not a JPEG" in words(app)
    assert ">[a](b).png<" in cards(app)[0], "HTML draws no link or picture from such a name"


def test_foreign_model_file_is_a_sentence(home, page):
    (home / "models" / "zzz.pth").write_bytes(b"not a checkpoint")
    app = page("4_Evaluate.py")
    app.selectbox(key="evaluate_model").select("zzz.pth").run()
    assert "not a model file" in words(app)
    assert not app.exception
