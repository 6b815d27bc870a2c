"""The model card, the command that trains again, and what is said of paths."""

from __future__ import annotations

import platform
import re
import shlex
from pathlib import Path

import pytest

from core.cli.parser import parse
from core.evaluation.wording.operating_words import pass_at
from core.machine.environment import machine_facts
from core.report import command
from core.report.card import card
from core.report.material import collect
from core.report.private import short, without_places
from core.schema import train_config as configs
from core.schema.presets import PRESETS
from core.schema.run_report import Commit
from core.store.runs import Run
from tests.fixtures.processes import Finished
from tests.fixtures.report_fixtures import copied, told
from tests.fixtures.result_fixtures import changed


@pytest.fixture
def trained(finished_run: Finished, own_home: Path, tmp_path: Path) -> Run:
    """A finished run that the test may change."""
    return copied(finished_run, own_home, tmp_path / "people" / "faces")


def _section(text: str, name: str) -> str:
    return text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_the_card_has_its_sections_and_the_runs_numbers(trained):
    text, report = card(collect(trained)), trained.report()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Model details", "Intended use", "Out of scope", "Training data", "Evaluation", "Calibration",
        "Operating point", "Limitations", "How to use", "Versions",
    ]  # fmt: skip
    test = report.test
    low, high = (f"{100 * limit:.1f}" for limit in test.accuracy_grouped_interval)
    evaluation = _section(text, "Evaluation")
    assert f"| accuracy | {100 * test.accuracy:.1f}\u00a0% | {low} to {high} |" in evaluation
    for name, counts in zip(test.classes, test.confusion, strict=True):
        assert f"| {name} | {' | '.join(map(str, counts))} |\n" in evaluation
    photos = _section(text, "Training data")
    assert f"| mask | {report.photos.train // 3} |" in photos
    assert f"{report.refused} files were refused" in photos
    assert f"classify models/{report.model} photo.jpg" in _section(text, "How to use")
    assert "Identifying people" in _section(text, "Out of scope")
    assert pass_at(test.operating) in _section(text, "Operating point")


def test_every_line_of_a_table_has_as_many_cells_as_its_head(trained):
    tables = re.findall(r"(?:^\|.*\n)+", card(collect(trained)), re.MULTILINE)
    assert len(tables) == 3
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_versions_are_those_of_the_training(trained):
    assert f"Python {platform.python_version()}; " in _section(card(collect(trained)), "Versions")
    own = Commit(hash="c0ffee", dirty=True)
    facts = changed(machine_facts(), commit=own, python="9.8.7", gpus=("Abacus",))
    trained.write_report(changed(trained.report(), facts=facts))
    versions = _section(card(collect(trained)), "Versions")
    assert "commit c0ffee, with changes that are not committed; Python 9.8.7" in versions and "Abacus" in versions


def test_a_folders_name_draws_nothing_in_the_card(trained):
    folder = trained.config.folder.rename(trained.config.folder.with_name("[a](b) <i> |\n# c"))
    text = card(collect(told(Run(trained.folder), dataset=str(folder))))
    assert r"Photos from people/\[a\](b) \<i\> \| # c." in text
    assert "\n# c" not in text


@pytest.mark.parametrize(
    "values",
    [
        *({}, *PRESETS.values()),
        {"backbone": "ResNet", "mode": "retrain", "learning_rate": 1e-3},
        {"folds": 5, "fold": 0},
        {"folds": 5, "fold": 2, "split": (0.6, 0.3, 0.1)},
        {"backbone": "BasicCNN", "weights": "my own model.pth", "robust": True, "augment": False},
        {"dataset": "/data/anna's $(faces)/labeled"},
    ],
)
def test_the_command_trains_the_same_again(values):
    config = configs.make({"dataset": "datasets/faces"} | values)
    python, program, *words = shlex.split(command.line(config))
    assert (python, program) == ("python", "face_mask_detector.py")
    args = parse(words)
    assert args.config == config.model_copy(update={"dataset": short(config.dataset)}) and args.study is None
    if not values:
        assert command.line(config) == "python face_mask_detector.py train datasets/faces"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/data/masks/2026/labeled", "2026/labeled"),
        ("/home/anna/faces", "faces"),
        ("/home/anna", "the user's folder"),
        ("/Users/anna/photos/faces/labeled", "faces/labeled"),
        ("/mnt/home/anna/faces", "faces"),
        ("/data/maskhome/users/x", "users/x"),
        ("~/faces", "faces"),
        ("../x/labeled", "x/labeled"),
        ("/data/a\nb", "data/a b"),
        ("/", "the user's folder"),
    ],
)
def test_a_path_is_told_by_its_end_without_a_user(path, said):
    assert short(path) == said


def test_a_users_own_folder_is_not_told_wherever_it_lies(monkeypatch):
    monkeypatch.setenv("HOME", "/export/people/anna")
    assert short("/export/people/anna/faces") == "people/faces"
    monkeypatch.setenv("MASKLAB_HOME", "/export/people/anna/mask lab")
    text = "'/export/people/anna/mask lab/models/x.pth' and '/srv/faces/labeled/mask/x.jpg'"
    said = "'people/mask lab/models/x.pth' and 'faces/labeled/mask/x.jpg'"
    assert without_places(text, Path("/srv/faces/labeled")) == said
