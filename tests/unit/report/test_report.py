"""The report's page: it holds the run's numbers, nothing of the machine, and no photo that was not asked for."""

from __future__ import annotations

import base64
import csv
import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.evaluation.compare import repeats, two_runs, wrong_mask_training
from core.evaluation.one_run import predictions
from core.evaluation.stress import worker
from core.evaluation.wording import advice
from core.report.html import page
from core.report.material import collect
from core.schema.errors import UserError
from core.schema.setting_words import describe
from core.schema.train_config import TrainConfig
from core.store import runs
from core.store.files.checked_csv import write_table
from core.store.job_state import State
from core.store.runs import Run
from core.text.numbers import percent, span
from tests.fixtures import compare_fixtures
from tests.fixtures.processes import Finished
from tests.fixtures.report_fixtures import Taken, completed, copied, told

CHARTS = 8


@pytest.fixture
def trained(finished_run: Finished, own_home: Path, tmp_path: Path) -> Run:
    """A finished run that the test may change."""
    return copied(finished_run, own_home, tmp_path / "people" / "faces")


def _taken(*several: Run, photos: bool = False) -> Taken:
    return Taken(page([collect(run) for run in several], photos))


def _rows(run: Run) -> list[dict[str, str]]:
    with run.split_file.open(newline="") as file:
        return list(csv.DictReader(file))


def _write(run: Run, rows: list[dict[str, str]]) -> None:
    write_table(run.split_file, list(rows[0]), rows)


def test_the_page_holds_every_number_of_the_run(trained):
    report, shown = trained.report(), _taken(trained)
    test = report.test
    shares = [test.accuracy, test.balanced_accuracy, report.train_accuracy, report.val.accuracy]
    measures = [own.measure(name) for own in test.per_class.values() for name in ("precision", "recall", "f1")]
    shares += [share for share, _ in measures]
    assert [share for share in shares if percent(share) not in shown.text] == []
    spans = [test.accuracy_grouped_interval, test.balanced_accuracy_interval, *(limits for _, limits in measures)]
    assert [limits for limits in spans if span(limits) not in shown.text] == []
    assert f"{test.calibration.ece:.4f}" in shown.text
    assert f"{test.operating.misses} of {test.operating.violators}" in shown.text
    assert trained.id in shown.text and report.facts.cpu in shown.text
    assert [name for name in TrainConfig.model_fields if describe(name)[0] not in shown.text] == []


def test_every_chart_is_there_without_colours_of_one_theme(trained):
    figures = _taken(trained).figures
    assert len(figures) == CHARTS
    assert all(figure["data"] and figure["layout"]["height"] for figure in figures)
    clear = "rgba(0,0,0,0)"
    assert {figure["layout"]["template"]["layout"]["paper_bgcolor"] for figure in figures} == {clear}
    assert [figure["layout"]["title"] for figure in figures] == [{}] * CHARTS, "plotly's own titles do not wrap"


def test_refused_files_and_decisions_are_listed(trained):
    mine = collect(trained)
    assert mine.refused
    text = _taken(trained).text
    assert all(row["file"] in text and row["reason"] in text for row in mine.refused)
    assert "Relabelled" not in text and "Excluded" not in text
    rows = _rows(trained)
    next(row for row in rows if row["file"].startswith("mask/"))["label"] = "no_mask"
    _write(trained, rows)
    trained.write_refused([{"file": "mask/x.jpg", "reason": "excluded by hand in decisions.csv"}])
    assert "Relabelled by hand from mask to no_mask: 1." in _taken(trained).text
    assert "Excluded by hand: 1." in _taken(trained).text


def test_photos_groups_and_duplicates_are_counted(trained):
    rows, mine = _rows(trained), collect(trained)
    assert mine.counts["test"]["mask"] == sum(row["part"] == "test" and row["label"] == "mask" for row in rows)
    assert mine.groups["train"] == len({row["group"] for row in rows if row["part"] == "train"})
    assert mine.duplicates == 0
    folder, file = trained.config.folder, rows[0]["file"]
    shutil.copy(folder / file, folder / "mask" / "again.jpg")
    assert collect(trained).duplicates == 0, "a photo that took no part does not count"
    _write(trained, [*rows, rows[0] | {"file": "mask/again.jpg"}])
    assert collect(trained).duplicates == 2


def test_hostile_names_stay_text(trained):
    hostile = '</script><img src=x onerror="alert(1)">\'"{{ 7 * 7 }}.jpg'
    folder = trained.config.folder.rename(trained.config.folder.with_name("<i>faces<i>"))
    told(trained, dataset=str(folder))
    trained.write_refused([{"file": f"mask/{hostile}", "reason": f"<b>{hostile}"}])
    shown = _taken(Run(trained.folder))
    assert f"mask/{hostile}" in shown.text
    assert shown.tags["img"] == shown.tags["i"] == shown.tags["b"] == 0
    assert shown.tags["script"] == 2 and "onerror" not in dict(shown.attributes)


def test_no_place_on_this_machine_is_told(trained, tmp_path):
    reason = f"damaged: [Errno 5] '{trained.config.folder}/mask/x.jpg'"
    trained.write_refused([{"file": "mask/x.jpg", "reason": reason}])
    text = page([collect(trained)])
    assert "people/faces" in text and "damaged: [Errno 5] 'people/faces/mask/x.jpg'" in Taken(text).text
    assert str(tmp_path) not in text and f"{Path.home()}/" not in text


def test_the_page_asks_for_nothing_from_elsewhere(trained):
    shown = _taken(trained)
    asking = [value for name, value in shown.attributes if name in ("src", "href", "srcset", "action", "poster")]
    assert asking == []
    assert any(value.startswith("default-src 'none'; ") for _, value in shown.attributes)


def test_without_asking_there_is_no_photo(trained):
    shown = _taken(trained)
    assert shown.tags["img"] == 0 and not any("data:image" in value for _, value in shown.attributes)


def test_photos_are_small_bare_and_the_most_wrong_come_first(trained):
    files = {row["file"] for row in trained.predictions() if row["part"] == "test"}
    for file in files:
        with Image.open(trained.config.folder / file) as photo:
            pixels, exif = photo.copy(), Image.Exif()
        exif[0x010E] = "whose photo this is"
        pixels.save(trained.config.folder / file, exif=exif, comment=b"whose photo this is")
    shown = _taken(trained, photos=True)
    addresses = [value for name, value in shown.attributes if name == "src"]
    own = predictions.of_run(trained)
    wrong = own.only(own.guess != own.true)
    assert len(addresses) == min(len(wrong), 12) + len(files)
    for address in addresses:
        kind, _, body = address.partition(",")
        written = base64.b64decode(body)
        assert kind == "data:image/jpeg;base64" and b"whose photo" not in written
        with Image.open(io.BytesIO(written)) as photo:
            assert max(photo.size) <= 144
    names = [str(label) for label in own.classes]
    least = min(range(len(wrong)), key=lambda place: wrong.probability[place, names.index(wrong.true[place])])
    after = shown.text.split("The most wrong")[1]
    assert min(files, key=lambda file: after.find(file) % 10**9) == wrong.files[least]


def test_photos_that_are_gone_are_a_sentence(trained):
    shutil.rmtree(trained.config.folder)
    text = _taken(trained, photos=True).text
    assert "could not be counted" in text and "No photo can be shown" in text
    assert "Where it is weak" not in text


def test_a_stress_suite_is_reported(trained):
    assert "Under stress" not in _taken(trained).text
    suite = worker.compute(trained, photos=6)
    shown = _taken(trained)
    assert "The same 6 test photos under " in shown.text and len(shown.figures) == CHARTS + 1
    worst = f"{100 * suite.measure(suite.cell('noise', 5)).balanced_accuracy:.1f}\u00a0%"
    assert worst in shown.text.split("Noise")[-1].split("Low light")[0]


def test_several_runs_are_compared(crowd):
    two = completed(compare_fixtures.finished_run(crowd, compare_fixtures.right, wrong_mask=False))
    three = completed(compare_fixtures.finished_run(crowd, compare_fixtures.right))
    text, entries = _taken(two, three).text, repeats.entries([two, three])
    assert two_runs.against(entries[0], entries[1:])[0].sentence in text
    assert advice.sentences(wrong_mask_training.ask(*entries))["advice"] in text
    (runs.paths.models_dir() / two.report().model).unlink()
    text = page([collect(two), collect(three)])
    assert "There is no model file" in text and str(runs.paths.home()) not in text


def test_an_unfinished_or_damaged_run_is_a_sentence(trained):
    for damaged in ("file,label\nmask/x.jpg,mask\n", ""):
        trained.split_file.write_text(damaged)
        with pytest.raises(UserError, match=r"split.csv of .* is missing or damaged"):
            collect(trained)
    trained.report_file.unlink()
    for status, words in (
        ("stopped", "was stopped: resume it"), ("failed", "has failed: resume it"), ("finished", "missing or damaged")
    ):  # fmt: skip
        trained.job.write(State(status))
        with pytest.raises(UserError, match=words):
            collect(trained)
    fresh = runs.create(trained.config, 3)
    with pytest.raises(UserError, match="it is queued: wait for its end"):
        collect(fresh)
