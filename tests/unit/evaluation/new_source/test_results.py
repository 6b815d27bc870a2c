"""Runs that leave one source out: gathered by their settings, mean and worst, and what is said of labels they lack."""

from __future__ import annotations

import shutil

import pytest

from core.data.collect import sources
from core.evaluation.compare import entries, repeats
from core.evaluation.new_source import results
from core.evaluation.wording import source_words
from core.schema.labels import Label
from core.store import runs
from core.text.numbers import percent
from tests.fixtures.compare_fixtures import finished_run, right, wrong_on


@pytest.fixture
def dataset(crowd, tmp_path):
    """Of each label, 20 photos of the phone and 20 of the site, but no mask of the site."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    told = {}
    for label in Label:
        for number in range(40):
            site = number >= 20 and label != Label.MASK
            told[f"{label}/{label}-{number:03}.png"] = "site" if site else "phone"
    sources.note(folder, {file: source for file, source in told.items() if source == "site"})
    sources.note(folder, {file: source for file, source in told.items() if source == "phone"})
    return folder


def test_mean_and_worst_beside_the_ordinary_number(dataset):
    half = [f"-{number:03}.png" for number in range(20, 30)]
    site = finished_run(dataset, wrong_on(*half), held_out_source="site")
    assert results.like(site).ordinary is None
    # A folder of its own for the other source: training needs mask photos of both.
    sources.note(dataset, {f"mask/mask-{number:03}.png": "site" for number in range(30, 40)})
    phone = finished_run(dataset, right, held_out_source="phone")
    whole = finished_run(dataset, right, seed=3)
    finished_run(dataset, right, epochs=7), finished_run(dataset, right, folds=3)
    for run in (site, phone, whole):
        found = results.like(run)
        assert [(one.source, one.run) for one in found.tested] == [("site", site), ("phone", phone)]
        assert found.ordinary[0] == whole
    assert found.worst.test.accuracy == 0.5 and found.mean == 0.75
    assert source_words.sentence(found) == (
        f"On photos of a source it never saw: mean {percent(0.75)}, worst {percent(0.5)} (site), over 2 sources. On "
        f"ordinary test photos, of sources that it also trained on: {percent(1)} (95 % interval "
        f"{source_words.span(whole.report().test.accuracy_grouped_interval)})."
    )
    assert found.as_dict()["worst_source"] == "site" and found.as_dict()["ordinary"] == 1
    seeded = finished_run(dataset, right)
    assert results.like(phone).ordinary[0] == seeded, "of the same seed, where there is one"


def test_a_label_that_the_source_lacks_is_said(dataset):
    site = finished_run(dataset, right, held_out_source="site")
    cells = dict(zip(source_words.HEAD, source_words.row(results.like(site).tested[0]), strict=True))
    assert cells["photos"] == "40" and cells["wrongly stopped"] == "–" and cells["missed"].startswith("0 of 40")
    assert cells["recall"] == f"no_mask {percent(1)}, wrong_mask {percent(1)}", "it has no photo of mask"
    (row,) = entries.table(repeats.entries([site]))
    assert row.mean("false_alarm_rate") is None and row.mean("miss_rate") == 0
    assert row.as_dict()["false_alarm_rate"] == {"mean": None, "deviation": None, "runs": [None]}


def test_the_newer_run_of_a_source_counts(dataset):
    finished_run(dataset, right, held_out_source="site")
    again = finished_run(dataset, wrong_on("-025.png"), held_out_source="site", seed=5)
    again.folder.rename(again.folder.with_name("20990101-000000_BasicCNN-not_retrain-3classes"))
    (again,) = [run for run in runs.every() if run.id.startswith("2099")]
    assert [one.run for one in results.like(again).tested] == [again]


def test_ordinary_runs_have_none(dataset):
    assert results.like(finished_run(dataset, right)) is None
    assert results.like(runs.create(finished_run(dataset, right).config, 3)) is None
