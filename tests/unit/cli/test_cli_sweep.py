"""`sweep`, and `train` with several trainings: the estimate, the table, its last row, and Ctrl-C; in real processes."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import pytest

from core.cli.main import main
from core.data.collect import sources
from core.data.dataset.scan import scan
from core.data.synthetic.demo import make_dataset
from core.schema.labels import Label
from core.store import runs, sweeps
from core.store.paths import PROJECT
from core.store.sweeps import Row
from core.text.numbers import percent
from core.training.lifecycle import launch
from core.training.sweeps import study, sweeper
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config, wait_for

pytestmark = pytest.mark.usefixtures("known_speed")
TINY = ["--backbone", "BasicCNN", "--image_size", "32", "--batch_size", "8"]


def test_folds_end_with_a_row_each_and_their_mean(faces: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["train", str(faces), *TINY, "--epochs", "1", "--folds", "3"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    made = runs.every()[::-1]
    reports = [run.report() for run in made]
    assert [(run.config.folds, run.config.fold) for run in made] == [(3, 0), (3, 1), (3, 2)]
    for fold, (line, report) in enumerate(zip(lines[2:5], reports, strict=True)):
        assert line.startswith(f"| fold {fold}: {report.model.removesuffix('.pth')} | ")
        assert line.endswith(f" | {100 * report.test.accuracy:.2f} % |")
    shares = [100 * report.test.accuracy for report in reports]
    assert lines[5].startswith("| mean ± standard deviation | ")
    assert lines[5].endswith(f" | {mean(shares):.2f} ± {stdev(shares):.2f} % |")
    assert lines[6::2] == [f"model {Path(run.folder).parents[1] / 'models' / report.model}"
                           for run, report in zip(made, reports, strict=True)]  # fmt: skip
    assert lines[7::2] == [f"run {run.folder}" for run in made]
    assert sum(report.test.n for report in reports) == 60
    assert "fold 1: run " in err


def test_a_grid_is_listed_with_its_time_before_it_is_trained(faces: Path, capsys: pytest.CaptureFixture) -> None:
    words = ["sweep", str(faces), *TINY, "--epochs", "1", "--grid", "learning-rate=0.001,0.0003", "--repeats", "2"]
    assert main([*words, "--dry-run"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[:2] == ["learning rate 0.001 · seed 0", "learning rate 0.001 · seed 1"]
    assert len(listed) == 5 and re.fullmatch(r"4 trainings, about \d+:\d\d on this machine \(.*\)\.", listed[4])
    assert runs.every() == [] and sweeps.every() == []


def test_the_report_a_table_says_where_it_is_shorter(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    tiny = ["--weights", "none", "--image_size", "32", "--report-a-table", "--dry_run"]
    assert main(["sweep", str(faces), "--backbone", "MobileNet", *tiny]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 13
    for label in ("mask", "no_mask"):
        shutil.copytree(faces / label, tmp_path / "two" / label)
    assert main(["sweep", str(tmp_path / "two"), "--backbone", "MobileNet", *tiny]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 7 and out.startswith("MobileNet not_retrain 2c 0.001\n")
    assert "the six two-class rows alone" in err


def test_what_failed_is_told_and_resumed_alone(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    rows = [Row(f"row {number}", "", tiny_config(faces, epochs=1, seed=number), 3, 1.0) for number in range(2)]
    sweep = sweeps.create("Two rows", "grid", rows)
    done = launch.start(rows[0].config)
    sweep.note_started(0, done)
    sweep.note_failure(1, "The disk is full.")
    wait_for(lambda: not done.state.active, 90)
    assert main(["sweep", "--list"]) == 0
    assert capsys.readouterr().out == f"{sweep.id}: Two rows, 1 of 2 trainings finished, stopped\n"
    assert main(["sweep", "--resume", sweep.id]) == 0
    out, _ = capsys.readouterr()
    starts = ("| row 0: BasicCNN", "| row 1: BasicCNN", "| mean ± standard deviation | ")
    assert all(line.startswith(start) for line, start in zip(out.splitlines()[2:5], starts, strict=True))
    assert len(runs.every()) == 2 and sweep.standing(0).run == done
    assert main(["sweep", "--resume", sweep.id]) == 2
    assert "has nothing left to train" in capsys.readouterr().err


def test_an_ablation_ends_with_its_table_beside_report_b_s(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    own = make_dataset(tmp_path / "own", per_class=4, people=4, seed=4)
    planned = study.ablation(tiny_config(faces, epochs=1, wrong_mask=False))
    rows = [Row(one.name, one.group, launch.resolved(one.config), 2, 1.0) for one in planned]
    sweep = sweeps.create(study.title("ablation", planned), "ablation", rows, own)
    for number, row in enumerate(rows[:3]):
        sweep.note_started(number, finished_run(faces, right, **row.config.model_dump(exclude={"dataset"})))
    assert main(["sweep", "--resume", sweep.id]) == 0
    out, _ = capsys.readouterr()
    table = [line for line in out.splitlines() if line.startswith("|") and line.count("|") == 10]
    assert table[0].endswith("| report B: validation | report B: custom |")
    ends = [line.rsplit(" | ", 2)[1:] for line in table[2:]]
    assert ends == [["99.87 %", "50.00 % |"]] * 2 + [["99.90 %", "100.00 % |"]] * 2
    cells = [line.strip("| ").split(" | ") for line in table[2:]]
    assert [cell[:3] for cell in cells] == [
        ["baseline", "0.002", "no"], ["learning rate", "0.001", "no"], ["augmentation", "0.002", "yes"],
        ["learning rate and augmentation", "0.001", "yes"],
    ]  # fmt: skip
    # Three of the networks call everything mask; 4 of 8 photos are.
    assert all(cell[5].startswith("50.00 % (") for cell in cells[:3])
    assert f"Custom photos: {own}; 8 whole, 8 cropped" in out
    assert main(["sweep", "--table", sweep.id]) == 0
    again, _ = capsys.readouterr()
    assert set(table) <= set(again.splitlines())


def test_custom_photos_that_have_gone_are_told_and_measured_later(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = study.ablation(tiny_config(faces, epochs=1, wrong_mask=False))
    rows = [Row(one.name, one.group, launch.resolved(one.config), 2, 1.0) for one in planned]
    sweep = sweeps.create(study.title("ablation", planned), "ablation", rows, tmp_path / "gone")
    for number, row in enumerate(rows):
        sweep.note_started(number, finished_run(faces, right, **row.config.model_dump(exclude={"dataset"})))
    # What the driver's process does, without another import of torch.
    monkeypatch.setattr(sys, "argv", ["sweeper", sweep.id])
    before = signal.getsignal(signal.SIGTERM)
    try:
        sweeper.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert sweep.state.status == "failed"
    assert sweep.state.message.startswith("The custom photos were not measured: There is no folder")
    assert main(["sweep", "--table", sweep.id]) == 0
    assert "not measured" in capsys.readouterr().out
    own = make_dataset(tmp_path / "own", per_class=4, people=4, seed=4)
    assert main(["sweep", "--table", sweep.id, "--custom_photos", str(own)]) == 0
    assert capsys.readouterr().out.count(" 50.00 % (") == 4 * 3


def test_custom_photos_that_are_none_are_told_before_anything_is_trained(
    faces: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["sweep", str(faces), *TINY, "--ablation", "--custom_photos", "nowhere"]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert runs.every() == [] and sweeps.every() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "Type the folder with the photos before the options"),
        (["faces"], "Say what to train: --report_a_table, --ablation, --grid, --leave_one_source_out, --repeats or"),
        (["faces", "--report-a-table", "--ablation"], "are four sweeps: type one"),
        (["faces", "--repeats", "3", "--folds", "3"], "both repeat a training"),
        (["faces", "--folds", "3", "--fold", "1"], "leave --fold out"),
        (["faces", "--folds", "many"], "folds: a whole number is wanted, not 'many'"),
        (["--resume", "x", "--epochs", "3"], "--resume, --list and --table stand alone"),
        (["--resume", "x", "--custom_photos", "own"], "--resume, --list and --table stand alone"),
        (["--table", "x", "--list"], "--resume, --list and --table stand alone"),
        (["--table", "x"], "There is no sweep 'x'"),
        (["--resume", "x"], "There is no sweep 'x'"),
        (["faces", "--grid", "epochs"], "--grid takes fields with their values"),
        (["faces", "--grid", "epochs=0"], "epochs 0: epochs: "),
    ],
)
def test_a_sweep_that_cannot_be_is_a_sentence(typed: list[str], words: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["sweep", *typed]) == 2
    assert words in capsys.readouterr().err


def test_ctrl_c_stops_the_running_and_leaves_the_others(faces: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        words = ["train", str(faces), *TINY, "--epochs", "400", "--repeats", "2"]
        entry = [sys.executable, str(PROJECT / "face_mask_detector.py")]
        process = subprocess.Popen([*entry, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    first = wait_for(lambda: next(iter(runs.every()), None), 90)
    wait_for(first.metrics, 90)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "Traceback" not in err and len(out.splitlines()) == 2
    assert re.search(r"2 trainings, about \d+:\d\d on this machine", err)
    assert [run.state.status for run in runs.every()] == ["stopped"]
    [sweep] = sweeps.every()
    assert sweep.state.status == "stopped"
    assert err.splitlines()[-1].startswith("0 of 2 trainings finished; resume the others by python ")
    assert f"sweep --resume {sweep.id} (missing: seed 0 (stopped), seed 1 (not started))" in err.splitlines()[-1]


def test_each_source_is_left_out_and_its_table_shows_who_lacks_what(
    crowd: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """By real trainings, of which one is tested on a source without mask."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    files = {label: sorted(f"{label}/{path.name}" for path in (folder / label).iterdir()) for label in Label}
    site = [*files[Label.NO_MASK][:20], *files[Label.WRONG_MASK][:5]]
    sources.note(folder, dict.fromkeys(site, "site"))
    words = ["sweep", str(folder), *TINY, "--epochs", "1", "--leave_one_source_out"]
    assert main([*words, "--dry_run"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("site\nOne training, about ")
    assert "unknown always trains: without it there is too little mask to learn from." in err
    assert main(words) == 0
    out, err = capsys.readouterr()
    (run,) = runs.every()
    test = run.report().test
    assert run.config.held_out_source == "site" and (test.n, test.operating.compliant) == (25, 0)
    assert not any(digest in run.seen() for digest in _digests(folder, site))
    assert "| site | 25 | " in out and f"no_mask {percent(test.per_class['no_mask'].recall)}, wrong_mask" in out
    assert f"On photos of a source it never saw: {percent(test.accuracy)} (site), of one source." in out
    (sweep,) = sweeps.every()
    assert main(["sweep", "--table", sweep.id]) == 0
    assert "| site | 25 | " in capsys.readouterr().out
    assert main(["report", run.id]) == 0
    capsys.readouterr()
    page, card = ((run.folder / name).read_text(encoding="utf-8") for name in ("report.html", "card.md"))
    for text in (page, card):
        assert "On photos of a source it never saw" in text and "Tested on all photos of the source site" in text


def _digests(folder: Path, files: list[str]) -> list[str]:
    return [photo.digest for photo in scan(folder).photos if photo.file in files]
