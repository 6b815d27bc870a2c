"""`report` from the command line: where it writes, that it writes whole, and what it refuses."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from pathlib import Path

import pytest

from core.cli.main import main
from core.store import runs
from core.store.job_state import State
from core.store.runs import Run
from tests.fixtures import compare_fixtures
from tests.fixtures.cli_support import ENTRY
from tests.fixtures.processes import Finished
from tests.fixtures.report_fixtures import Taken, completed, copied

# Less than plotly.js alone.
_FULL = 1_000_000


@pytest.fixture
def trained(finished_run: Finished, own_home: Path, tmp_path: Path) -> Run:
    """A finished run that the test may change."""
    return copied(finished_run, own_home, tmp_path / "people" / "faces")


def _written(words: list[str], capsys: pytest.CaptureFixture) -> list[Path]:
    assert main(["report", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = [re.fullmatch(r"(report|card) (.*)", line) for line in out.splitlines()]
    assert [line[1] for line in lines] == ["report"] + ["card"] * (len(lines) - 1)
    return [Path(line[2]) for line in lines]


def _refused(words: list[str], capsys: pytest.CaptureFixture) -> str:
    assert main(["report", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return err


def test_a_run_is_reported_in_its_own_folder(trained, capsys):
    page, card = _written([trained.id], capsys)
    assert (page, card) == (trained.folder / "report.html", trained.folder / "card.md")
    shown = Taken(page.read_text(encoding="utf-8"))
    assert shown.tags["img"] == 0 and trained.id in shown.text
    assert card.read_text(encoding="utf-8").startswith("---\n")
    assert [item.name for item in trained.folder.iterdir() if item.suffix == ".tmp"] == []
    _written([str(trained.folder), "--photos"], capsys)
    assert Taken(page.read_text(encoding="utf-8")).tags["img"] > 0


def test_out_is_a_folder_or_a_file(trained, tmp_path: Path, capsys):
    folder = tmp_path / "new" / "folder"
    assert _written([trained.id, "--out", str(folder)], capsys) == [folder / "report.html", folder / "card.md"]
    file = folder / "a page.html"
    assert _written([trained.id, "--out", str(file)], capsys) == [file, folder / "a page.md"]
    (tmp_path / "v1.2").mkdir()
    assert _written([trained.id, "--out", str(tmp_path / "v1.2")], capsys)[0] == tmp_path / "v1.2" / "report.html"
    assert "neither a folder nor an .html file" in _refused([trained.id, "--out", str(tmp_path / "x.pdf")], capsys)


def test_several_runs_have_a_page_together_and_a_card_each(faces, own_home: Path, tmp_path: Path, capsys):
    two, three = (
        completed(compare_fixtures.finished_run(faces, compare_fixtures.right, wrong_mask=wrong))
        for wrong in (False, True)
    )
    page, *cards = _written([two.id, three.id, two.id], capsys)
    assert page == own_home / "reports" / f"{two.id}+{three.id}.html"
    assert cards == [two.folder / "card.md", three.folder / "card.md"]
    assert "2 runs side by side" in Taken(page.read_text(encoding="utf-8")).text
    out = tmp_path / "both.html"
    assert _written([two.id, three.id, "--out", str(out)], capsys) == [
        out, *(tmp_path / f"both-{run.id}.md" for run in (two, three))
    ]  # fmt: skip


def test_a_full_disk_leaves_the_older_report_whole(trained, capsys):
    page, _ = _written([trained.id], capsys)
    before = page.read_bytes()
    done = subprocess.run(
        [*ENTRY, "report", trained.id], capture_output=True, text=True, check=False, env=os.environ.copy(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (_FULL, _FULL)),
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and f"{page} can't be written (File too large)" in done.stderr
    assert page.read_bytes() == before
    assert list(trained.folder.glob("*.tmp")) == []


def test_what_cannot_be_reported_is_a_sentence(trained, tmp_path: Path, capsys):
    file = tmp_path / "file"
    file.write_text("here")
    assert "Not a directory" in _refused([trained.id, "--out", str(file / "below")], capsys)
    (tmp_path / "taken.html").mkdir()
    assert "Is a directory" in _refused([trained.id, "--out", str(tmp_path / "taken.html")], capsys)
    assert "There is no run" in _refused(["20260101-000000_gone"], capsys)
    fresh = runs.create(trained.config, 3)
    fresh.job.write(State("stopped"))
    assert f"{fresh.id} has no results" in _refused([trained.id, fresh.id], capsys)
