"""Files read again only where they changed: what was appended, cut, replaced or deleted is seen at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.schema.labels import TWO_CLASSES
from core.store import runs
from core.store.files.checked_csv import growing
from core.store.files.file_cache import Parsed, Recent, Rows
from core.store.job_state import State
from core.store.runs import METRICS, Run
from tests.fixtures.result_fixtures import changed, measured, reported
from tests.fixtures.support import tiny_config


def aged(path: Path) -> Path:
    """As if it had been written long ago, so that what was read of it may be kept."""
    os.utime(path, ns=(1, path.stat().st_mtime_ns - 10**9))
    return path


@pytest.fixture
def run(faces: Path) -> Run:
    run = runs.create(tiny_config(faces), 3)
    for epoch in (1, 2, 3):
        append(run, epoch)
    return run


def append(run: Run, epoch: int, value: float = 0.5) -> None:
    run.append_metrics(dict.fromkeys(METRICS, value) | {"epoch": epoch})


def epochs(run: Run) -> list[float]:
    return [row["epoch"] for row in run.metrics()]


def test_only_what_was_appended_is_read(tmp_path: Path):
    path, rows = tmp_path / "grown.csv", Rows(4)
    path.write_text("epoch,loss\n1,0.5\n")
    assert rows.of(path) == [{"epoch": 1, "loss": 0.5}]
    # The first row, which was read, is spoilt in place: nobody looks at it again.
    path.write_text("epoch,loss\n")
    path.write_text("xxxxx,xxxx\n1,0.5\n2,0.25\n")
    assert rows.of(path) == [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]


def test_a_half_written_line_is_read_when_it_is_whole(run: Run):
    line = growing(METRICS, [dict.fromkeys(METRICS, 0.5) | {"epoch": 4}]).splitlines()[1]
    with run.metrics_file.open("a") as file:
        file.write(line[:9])
        file.flush()
        assert epochs(run) == [1, 2, 3]
        file.write(line[9:] + "\n")
        file.flush()
        assert epochs(run) == [1, 2, 3, 4]
    assert run.metrics()[-1]["train_accuracy"] == 0.5


def test_a_header_without_its_newline_is_no_row(tmp_path: Path):
    path, rows = tmp_path / "new.csv", Rows(4)
    path.write_text("epoch,lo")
    assert rows.of(path) == []
    path.write_text("epoch,loss\n1,2\n")
    assert rows.of(path) == [{"epoch": 1, "loss": 2}]


def test_rows_that_resume_cut_are_gone_and_new_ones_are_seen(run: Run):
    assert epochs(run) == [1, 2, 3]
    run.write_metrics(run.metrics()[:1])
    assert epochs(run) == [1]
    append(run, 2, 0.75)
    append(run, 3, 0.75)
    append(run, 4, 0.75)
    assert epochs(run) == [1, 2, 3, 4]
    assert [row["val_loss"] for row in run.metrics()] == [0.5, 0.75, 0.75, 0.75]


def test_a_file_cut_and_grown_in_place_is_read_anew(run: Run):
    assert epochs(run) == [1, 2, 3]
    header = run.metrics_file.read_text().splitlines()[0]
    run.metrics_file.write_text(header + "\n")
    for epoch in range(11, 16):
        append(run, epoch, 0.25)
    assert epochs(run) == [11, 12, 13, 14, 15]


def test_a_deleted_run_has_no_rows_and_no_state(run: Run):
    run.job.write(State("finished"))
    aged(run.folder / "state.json")
    assert (len(run.metrics()), run.state.status) == (3, "finished")
    runs.delete(run)
    assert (run.metrics(), run.state.status, runs.every()) == ([], "failed", [])


def test_what_a_reader_changes_stays_its_own(run: Run):
    run.metrics()[0]["epoch"] = 99
    assert epochs(run) == [1, 2, 3]


def test_a_file_is_parsed_again_when_it_changes(tmp_path: Path):
    parsed: list[str] = []
    path, reading = tmp_path / "a", Parsed(lambda text: parsed.append(text) or text.upper(), 4)
    path.write_text("old")
    aged(path)
    assert [reading.of(path), reading.of(path), parsed] == ["OLD", "OLD", ["old"]]
    draft = tmp_path / "draft"
    draft.write_text("new")
    os.utime(draft, ns=(1, path.stat().st_mtime_ns))
    draft.replace(path)
    assert reading.of(path) == "NEW", "of the same size and time, but another file"
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        reading.of(path)


def test_a_file_written_twice_within_a_tick_is_read_twice(tmp_path: Path):
    path, reading = tmp_path / "a", Parsed(str, 4)
    path.write_text("old")
    status = path.stat()
    assert reading.of(path) == "old"
    path.write_text("new")
    os.utime(path, ns=(1, status.st_mtime_ns))
    assert reading.of(path) == "new"


def test_a_summary_is_that_of_the_report_on_disk(run: Run):
    assert run.summary() is None
    own = measured(TWO_CLASSES)
    report = reported(TWO_CLASSES, test=changed(own, accuracy=0.75, accuracy_grouped_interval=(0.5, 0.9), n=12))
    run.write_report(report)
    found = run.summary()
    assert (found.labels, found.test, found.interval, found.tested) == (TWO_CLASSES, 0.75, (0.5, 0.9), 12)
    run.write_report(changed(report, val=changed(own, accuracy=0.625)))
    assert run.summary().validation == 0.625
    run.report_file.write_text("[]")
    assert run.summary() is None


def test_only_the_last_are_kept():
    recent: Recent[int] = Recent(3)
    for number in range(100):
        recent.put(number, number)
        recent.get(0 if number < 50 else number)
    assert len(recent) == 3
    assert [recent.get(number) for number in (0, 96, 97, 98, 99)] == [None, None, 97, 98, 99]
