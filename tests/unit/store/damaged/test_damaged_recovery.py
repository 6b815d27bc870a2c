"""Of a run's folder: what is made again when it is resumed, what stays known when a writer was killed, and what of the
last release still opens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.evaluation.stress import suite
from core.schema.errors import UserError
from core.store.files.checked_csv import growing
from core.store.files.checked_json import seal, unseal
from core.store.files.file_cache import Rows
from core.store.runs import Run
from core.training import prepare
from core.training.lifecycle.session import Session


def rewritten(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def of_the_last_release(text: str) -> str:
    """A report.json as it was then: without the version of its schema and of its photos, and nothing was moved."""
    new = ("schema_version", "version", "moved_to_training")
    return json.dumps({key: own for key, own in json.loads(text).items() if key not in new})


def test_a_run_of_the_last_release_still_opens(run: Run, tmp_path: Path):
    """It has neither digests nor sums.json; what is cut within a line is seen all the same."""
    old = Run(shutil.copytree(run.folder, run.folder.with_name("20250101-000000_old")))
    for name in ("config.json", "state.json", "report.json", "stress.json"):
        rewritten(old.folder / name, lambda text: json.dumps(unseal(text)))
    rewritten(old.report_file, of_the_last_release)
    rewritten(old.metrics_file, lambda text: "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines()))
    (old.folder / "sums.json").unlink()
    (old.folder / "version.csv.gz").unlink()
    report = run.report().model_copy(update={"version": None})
    assert (old.config, old.state, old.report()) == (run.config, run.state, report)
    assert old.metrics() == run.metrics()
    assert (old.predictions(), old.seen(), old.refused()) == (run.predictions(), run.seen(), run.refused())
    assert splits.read(old.split_file) == splits.read(run.split_file)
    assert suite.load(old.stress_file).as_dict() == suite.load(run.stress_file).as_dict()
    for path, read in ((old.split_file, lambda: splits.read(old.split_file)), (old.predictions_file, old.predictions)):
        path.write_bytes(path.read_bytes()[:-3])
        with pytest.raises(UserError, match=rf"{path.name} .* damaged"):
            read()
    shutil.rmtree(old.folder)


@pytest.fixture
def begun(run: Run) -> Iterator[tuple[Run, str]]:
    """A copy of the run whose split.csv is cut, and what its checkpoint says it was trained on."""
    own = Run(shutil.copytree(run.folder, run.folder.with_name("20250101-000000_begun")))
    trained_on = splits.digest(splits.read(own.split_file))
    own.split_file.write_bytes(own.split_file.read_bytes()[:300])
    yield own, trained_on
    shutil.rmtree(own.folder)


def quietly(done: int, total: int) -> None:
    pass


def test_a_resumed_run_s_split_is_made_again_where_that_is_the_same(run: Run, begun: tuple[Run, str]):
    own, trained_on = begun
    assert Session(own, lambda state, force=False: None, lambda: None)._checkpoint()["split"] == trained_on
    again = prepare.photos(own, None, quietly, trained_on)
    assert again.rows == prepare.photos(run, None, quietly, trained_on).rows
    assert own.split_file.read_bytes() == run.split_file.read_bytes()
    own.split_file.unlink()
    assert prepare.photos(own, None, quietly, trained_on).rows == again.rows


def test_a_resumed_run_s_split_is_not_made_anew_of_other_photos(begun: tuple[Run, str], tmp_path: Path):
    own, trained_on = begun
    for number, file in enumerate(sorted((own.config.folder / "mask").rglob("*.jpg"))[:2]):
        file.rename(tmp_path / f"{number}.jpg")
        try:
            for known in (trained_on, None):
                with pytest.raises(UserError, match=r"split.csv of .* its photos have changed since: put a copy"):
                    prepare.photos(own, None, quietly, known)
        finally:
            (tmp_path / f"{number}.jpg").rename(file)
    own.checkpoint_file.unlink()
    assert prepare.photos(own, None, quietly).rows, "nothing was trained on it yet"


def test_another_split_than_the_one_that_was_trained_on_is_refused(begun: tuple[Run, str]):
    own, trained_on = begun
    other = splits.split(scan(own.config.folder), own.config.split, own.config.seed + 1)
    splits.write(other, own.split_file)
    with pytest.raises(UserError, match=r"split.csv of .* not the one that it was trained with"):
        prepare.photos(own, None, quietly, trained_on)


def test_a_table_is_whole_while_it_is_written_anew(run: Run):
    """Killed between sums.json and the table, the one before it is still known."""
    own = run.refused()
    table, before = run.refused_file, run.refused_file.read_bytes()
    run.write_refused(own[:1])
    after = table.read_bytes()
    table.write_bytes(before)
    assert run.refused() == own
    table.write_bytes(after)
    assert run.refused() == own[:1]
    run.write_refused(own)


def test_a_line_that_was_torn_and_written_on_is_no_row(tmp_path: Path):
    lines = growing(("epoch", "loss"), [{"epoch": epoch, "loss": 0.5} for epoch in (1, 2, 3)]).splitlines(keepends=True)
    path = tmp_path / "grown.csv"
    path.write_text("".join(lines[:2]) + lines[2][:5] + lines[3])
    assert Rows(1).of(path) == [{"epoch": 1, "loss": 0.5}]


@pytest.mark.parametrize("value", ["\udcff.jpg", "\u00e4\u20ac", 0.1 + 0.2, 5e-324, float("inf"), 10**30, [], {}])
def test_what_was_sealed_is_unsealed_as_it_was(value: object):
    """A file's name may hold half a surrogate pair, in place of a byte that is no UTF-8."""
    assert repr(unseal(seal({"value": value}))) == repr({"value": value})
