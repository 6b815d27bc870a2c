"""The two student reports are "report A" and "report B" wherever the product speaks; a seed is a random number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core import sweeps
from core.cli.parser import parse
from core.presets import PRESETS
from core.training import study

PROJECT = Path(__file__).resolve().parents[2]
SPOKEN = {"core", "pages", "tests", "docs", "benchmarks", "models", "Home.py", "README.md", "face_mask_detector.py"}
# The reports were once called the first and the second seed, so a seed that owns or does something is one of them.
OLD = re.compile(
    r"\b(first|second)[ _-]seeds?\b|\bseeds?['’]s?\s|\bseed's\b|\bseeds[ _-]table\b|\bseed[ _]table\b|(?-i:\"seeds\")"
    r"|\bthe seeds? (had|has|have|do|did|does|reported|published|below)\b",
    re.IGNORECASE,
)
# What users typed in the last release, and what its files say, is still understood.
KEPT = {
    "core/cli/options.py": {"seeds_table"},
    "core/cli/parser.py": {"first seed", "second seed"},
    "core/sweeps.py": {'"seeds"'},
}


def old_words(text: str) -> set[str]:
    """The old names in a text, where a line may break inside one."""
    plain = re.sub(r"\s*\n[\s#]*", " ", text).replace('" "', "")
    return {match[0].strip().lower() for match in OLD.finditer(plain)}


def test_no_text_calls_a_report_a_seed():
    places = [PROJECT / name for name in SPOKEN]
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    files = [path for path in files if path.suffix in {".py", ".md", ".html", ".js"} and path != Path(__file__)]
    assert len(files) > 300
    found = {str(path.relative_to(PROJECT)): old_words(path.read_text(encoding="utf-8")) for path in files}
    assert {name: words for name, words in found.items() if words} == KEPT
    assert not [path for path in files if re.search(r"seeds", path.name)]


@pytest.mark.parametrize("text", ["the first\n# seed's", "as the seeds do", "the seeds' table", "SEED_TABLE"])
def test_old_words_are_found(text):
    assert old_words(text + " ")


def test_old_words_on_the_command_line_still_work(capsys):
    assert parse(["sweep", "faces", "--seeds-table"]).report_a_table
    assert parse(["sweep", "faces", "-report-a-table"]).report_a_table
    names = ("First seed: ResNet retrained", "report a: resnet retrained")
    old, new = (parse(["train", "faces", "--preset", name]) for name in names)
    assert old.config == new.config and old.config.epochs == 60
    with pytest.raises(SystemExit):
        parse(["sweep", "-h"])
    shown = capsys.readouterr().out
    assert "report_a_table" in shown and not old_words(shown)
    assert all(name.startswith(("Report ", "Quick", "Balanced")) for name in PRESETS)


def test_a_sweep_of_the_last_release_opens(own_home):
    folder = own_home / "runs" / ".sweeps" / "20260101-101112_seeds"
    folder.mkdir(parents=True)
    row = {"name": "BasicCNN 2c 0.001", "group": "BasicCNN 2c 0.001", "classes": 2, "seconds": 1.0,
           "config": {"dataset": "faces", "backbone": "BasicCNN", "weights": "none", "wrong_mask": False}}  # fmt: skip
    content = {"name": "The first seed's table", "kind": "seeds", "rows": [row]}
    (folder / "sweep.json").write_text(json.dumps(content), encoding="utf-8")
    (sweep,) = sweeps.every()
    assert (sweep.kind, sweep.name) == ("report_a", study.title("report_a", []))
    assert sweep.standing(0).status == "not started"
    made = sweeps.create("Report A's table", "report_a", sweep.rows)
    assert sweeps.get(made.id).kind == "report_a"
