"""Numbers by source on Evaluate, on the run's page, in Compare and in the report: there where test photos are of
several sources, and nowhere else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from core.data.collect import sources
from core.evaluation.by_source import measure
from core.evaluation.wording import by_source_words
from core.report.card import card
from core.report.html import page as report_page
from core.report.material import collect
from core.schema.labels import Label
from core.store.runs import Run
from core.ui.compare import folds
from tests.app.conftest import words
from tests.fixtures.compare_fixtures import finished_run, right, with_known_network, wrong_on
from tests.fixtures.report_fixtures import Taken, completed


@pytest.fixture
def pair(crowd: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """Two runs on photos of a phone (8 of 40 per label) and a site; the second is wrong on the site."""
    folder = own_home / "datasets" / "crowd"
    shutil.copytree(crowd, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    files = [f"{label}/{label}-{number:03}.png" for label in Label for number in range(40)]
    sources.note(folder, {file: "phone" if int(file[-7:-4]) < 8 else "site" for file in files})
    weak = [f"-{number:03}.png" for number in range(8, 40)]
    first, second = finished_run(folder, right), finished_run(folder, wrong_on(*weak), epochs=3)
    return with_known_network(completed(first)), with_known_network(completed(second))


@pytest.fixture
def unnamed(pair: tuple[Run, Run]) -> tuple[Run, Run]:
    """The same without any source."""
    for run in pair:
        run.version_file.unlink()
        (run.config.folder / sources.FILE).unlink(missing_ok=True)
    return pair


def tables(app, column):
    return [frame.value for frame in app.dataframe if column in frame.value.columns]


def test_evaluate_and_the_run_s_page_show_it(pair, page):
    found = measure.of_run(pair[1])
    assert [one.source for one in found] == ["site", "phone"]
    for app in (page("4_Evaluate.py", evaluate_model=pair[1].report().model), page("2_Runs.py", run=pair[1].id)):
        (shown,) = tables(app, "wrongly stopped")
        assert shown.values.tolist() == [by_source_words.row(one, found) for one in found]
        assert by_source_words.sentence(found) in words(app).replace("\\", "")


def test_compare_shows_it_where_it_is_opened(pair, page):
    app = page("3_Compare.py", runs=",".join(run.id for run in pair), view="by_source")
    (shown,) = tables(app, "balanced, B")
    assert list(shown.source) == ["site", "phone"] and shown.iloc[0]["note"] == "difference shown"
    assert "**B against A**: On site A is better" in words(app)


def test_of_one_source_nothing_is_shown(unnamed, page):
    first, second = unnamed
    app = page("3_Compare.py", runs=f"{first.id},{second.id}", view="by_source")
    assert folds.BY_SOURCE not in app.query_params.get("view", "") and not tables(app, "balanced, B")
    assert not tables(page("4_Evaluate.py", evaluate_model=first.report().model), "wrongly stopped")
    text = report_page([collect(run) for run in unnamed]) + card(collect(first))
    assert "By source" not in text and "Photos of each source" not in text


def test_reports_and_cards_hold_it(pair):
    found = measure.of_run(pair[1])
    shown = Taken(report_page([collect(run) for run in pair])).text
    assert by_source_words.sentence(found) in shown.replace("\n", " ")
    assert "By source: B against A" in shown and "On site A is better" in shown
    assert shown.count("Photos of each source and label in the split") == 2
    text = card(collect(pair[1]))
    own = text.partition("## By source")[2].partition("\n## ")[0]
    assert all(f"| {' | '.join(by_source_words.row(one, found))} |" in own for one in found)
    lines = re.findall(r"^\|.*$", own, re.MULTILINE)
    assert len(lines) == 2 + len(found) and len({line.count("|") for line in lines}) == 1
