"""Studies: which trainings they are made of, and several runs started, queued and stopped together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core import paths, runs
from core.config import TrainConfig
from core.data import split as splits
from core.errors import UserError
from core.training import launch, study
from tests.processes import house, wait_until_over
from tests.support import tiny_config, wait_for


def changes(config: TrainConfig, others: list[TrainConfig]) -> list[dict]:
    before = config.model_dump()
    return [{key: value for key, value in other.model_dump().items() if value != before[key]} for other in others]


def test_repeats_differ_in_their_seed_alone():
    config = tiny_config(Path("x"), seed=7)
    made = study.configs(config, "repeats", 3)
    assert changes(config, made) == [{}, {"seed": 8}, {"seed": 9}]
    assert study.names("repeats", made) == ["seed 7", "seed 8", "seed 9"]


def test_folds_are_all_folds_of_one_seed():
    config = tiny_config(Path("x"), seed=7)
    made = study.configs(config, "folds", 4)
    assert [(one.seed, one.folds, one.fold) for one in made] == [(7, 4, fold) for fold in range(4)]
    assert study.names("folds", made) == ["fold 0", "fold 1", "fold 2", "fold 3"]


def test_the_ablation_is_the_second_seed_s():
    config = tiny_config(Path("x"), learning_rate=3e-4, augment=False)
    made = study.configs(config, "ablation")
    assert [(one.learning_rate, one.augment) for one in made] == [
        (0.003, False), (3e-4, False), (0.003, True), (3e-4, True),
    ]  # fmt: skip
    assert study.names("ablation", made) == [
        "baseline", "learning rate", "augmentation", "learning rate and augmentation",
    ]  # fmt: skip
    assert all(set(change) <= {"learning_rate", "augment"} for change in changes(config, made))


@pytest.mark.parametrize(
    ("kind", "count", "words"),
    [
        ("repeats", 1, "repeats: choose 2 to 20 trainings, not 1"),
        ("repeats", 21, "not 21"),
        ("folds", 2, "folds: choose 3 to 20 trainings, not 2"),
    ],
)
def test_a_number_of_trainings_out_of_bounds_is_told(kind: study.Kind, count: int, words: str):
    with pytest.raises(UserError, match=words):
        study.configs(tiny_config(Path("x")), kind, count)


def test_values_that_leave_their_bounds_are_told():
    with pytest.raises(UserError, match=r"learning_rate: .* ten times 0.2, above 1"):
        study.configs(tiny_config(Path("x"), learning_rate=0.2), "ablation")
    with pytest.raises(UserError, match=r"seed: .*2147483648"):
        study.configs(tiny_config(Path("x"), seed=2**31 - 1), "repeats", 2)


def test_none_is_started_when_one_cannot_work(faces: Path, tmp_path: Path):
    good = tiny_config(faces)
    for bad, words in (
        (tiny_config(tmp_path / "nowhere"), "There is no folder"),
        (tiny_config(faces, weights="gone.pth"), "has no file 'gone.pth'"),
        (tiny_config(faces, folds=20), "20 folds need one group each"),
    ):
        with pytest.raises(UserError, match=words):
            launch.start_all([good, bad])
        assert list(paths.runs_dir().iterdir()) == []


def test_repeats_run_one_after_another_on_splits_of_their_own(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        first, second = launch.start_all(study.configs(tiny_config(faces, epochs=1), "repeats", 2))
        assert first.order < second.order
        for run in (first, second):
            wait_until_over(run)
            assert run.state.status == "finished", run.log_tail()
        assert first.state.ended <= second.state.started
        assert [run.config.seed for run in (first, second)] == [0, 1]
        tested = [{row.file for row in splits.read(run.split_file) if row.part == "test"} for run in (first, second)]
        assert tested[0] != tested[1]
        assert first.report()["model"] != second.report()["model"]


def test_all_of_a_study_are_stopped_together(faces: Path, tmp_path: Path):
    with house(tmp_path / "home"):
        started = launch.start_all(study.configs(tiny_config(faces, epochs=400), "folds", 3))
        wait_for(started[0].metrics, 90)
        launch.stop_all(started)
        assert [run.state.status for run in started] == ["stopped"] * 3
        assert [run.process() for run in started] == [None] * 3
        assert not started[1].metrics() and not started[2].metrics()
        launch.stop_all(started)
        assert runs.every() == started[::-1]


def test_a_trainer_that_waits_does_not_hold_torch():
    code = "import sys\nimport core.training.worker\nsys.exit(bool({'torch', 'torchvision'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=paths.PROJECT).returncode == 0
