"""Entries of a comparison: repeats counted as one, their names and letters, and the table's means and spreads."""

from __future__ import annotations

from statistics import mean, stdev

import pytest

from core.evaluation.compare import entries, repeats
from core.store.run_notes import Notes
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on


def test_runs_told_the_same_but_for_the_seed_are_one_entry(faces):
    runs = [finished_run(faces, right, seed=seed) for seed in (2, 0, 1)]
    other = finished_run(faces, right, epochs=7)
    first, second = repeats.entries([*runs, other])
    assert [run.config.seed for run in first.runs] == [0, 1, 2]
    assert second.runs == (other,)
    assert (first.letter, second.letter) == ("A", "B")
    assert first.name == "BasicCNN, 3 labels, 32 px, 2 epochs, batches of 8, 3 seeds"
    assert second.name == "BasicCNN, 3 labels, 32 px, 7 epochs, batches of 8"


def test_numbers_of_a_grid_are_named_without_their_rounding(faces):
    runs = [finished_run(faces, right, learning_rate=rate) for rate in (3 * 1.1e-4, 1e-3)]
    assert repeats.differences(runs) == {"learning_rate": ["0.00033", "0.001"]}
    assert "learning rate 0.00033" in repeats.entries(runs)[0].name


def test_folds_are_one_entry_apart_from_a_plain_split(faces):
    runs = [finished_run(faces, right, folds=3, fold=fold) for fold in range(3)]
    found = repeats.entries([*runs, finished_run(faces, right)])
    assert [len(entry.runs) for entry in found] == [3, 1]
    assert found[0].name.endswith(", 3 of 3 folds")


def test_one_seed_twice_does_not_count_twice(faces):
    newest, older, seed_one = (finished_run(faces, right, seed=seed) for seed in (0, 0, 1))
    found = repeats.entries([newest, older, seed_one])
    assert [entry.runs for entry in found] == [(newest, seed_one), (older,)]
    assert found[0].name != found[1].name


def test_a_number_for_runs_of_one_second_is_no_part_of_a_name(faces):
    runs = [finished_run(faces, right, wrong_mask=on) for on in (True, False)]
    assert [entry.name for entry in repeats.entries(runs)] == [
        "BasicCNN, 3 labels, 32 px, 2 epochs, batches of 8", "BasicCNN, 2 labels, 32 px, 2 epochs, batches of 8",
    ]  # fmt: skip


def test_an_owners_name_is_the_entrys(faces):
    named, other = (finished_run(faces, right, epochs=epochs) for epochs in (2, 3))
    named.write_notes(Notes(name="Front entrance"))
    assert [entry.name for entry in repeats.entries([named, other])] == ["Front entrance", other.name]


def test_namesakes_are_told_apart_by_what_they_differ_in(faces):
    runs = [finished_run(faces, right, epochs=epochs) for epochs in (2, 3)]
    for run in runs:
        run.write_notes(Notes(name="Mine"))
    assert [entry.name for entry in repeats.entries(runs)] == ["Mine (epochs 2)", "Mine (epochs 3)"]


def test_two_and_three_classes_are_two_entries(faces, tmp_path):
    two, three = (finished_run(faces, right, wrong_mask=on) for on in (False, True))
    assert [len(entry.runs) for entry in repeats.entries([two, three])] == [1, 1]


def test_more_than_an_alphabet_of_entries_still_has_letters_of_its_own(faces):
    run = finished_run(faces, right)
    letters = [entry.letter for entry in repeats.entries([run] * 60)]
    assert letters[:2] == ["A", "B"]
    assert (letters[26], letters[59]) == ("A2", "H3")
    assert len(set(letters)) == 60


def test_pairs_belong_together_by_seed_and_fold(faces):
    a = [finished_run(faces, right, seed=seed) for seed in (0, 1, 2)]
    b = [finished_run(faces, right, epochs=3, seed=seed) for seed in (1, 2, 3)]
    first, second = repeats.entries([*a, *b])
    assert repeats.pairs(first, second) == [(a[1], b[0]), (a[2], b[1])]
    (alone,) = repeats.entries([b[2]])
    assert repeats.pairs(first, alone) == []
    (single,) = repeats.entries([a[0]])
    assert repeats.pairs(single, alone) == [(a[0], b[2])], "two single runs whatever their seeds"


def test_settings_that_differ(faces):
    a, b = finished_run(faces, right), finished_run(faces, right, epochs=9, wrong_mask=False)
    assert repeats.differences([a, b]) == {"wrong_mask": ["True", "False"], "epochs": ["2", "9"]}


def test_a_row_holds_mean_deviation_and_every_run(faces):
    files = files_tested(finished_run(faces, right))
    runs = [finished_run(faces, wrong_on(*files[:n]), epochs=5, seed=seed) for seed, n in ((0, 4), (1, 0))]
    (row,) = entries.table(repeats.entries(runs))
    values = [run.report().test.accuracy for run in runs]
    assert row.points["test"] == tuple(values)
    assert row.mean("test") == pytest.approx(mean(values))
    assert row.deviation("test") == pytest.approx(stdev(values))
    assert row.interval is None
    assert row.tested == sum(run.report().test.n for run in runs)
    assert row.as_dict()["miss_rate"]["runs"] == [run.report().test.operating.miss_rate for run in runs]


def test_a_run_alone_has_an_interval_and_no_deviation(faces):
    run = finished_run(faces, right)
    (row,) = entries.table(repeats.entries([run]))
    assert list(row.interval) == list(run.report().test.accuracy_grouped_interval)
    assert row.deviation("test") is None
