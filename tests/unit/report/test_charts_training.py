"""The curves: what is drawn of one run and of several."""

from __future__ import annotations

import pytest

from core.charts.training import curves


def rows(epochs: int, train: float, again: float, val: float) -> list[dict[str, float]]:
    names = {"train": train, "measured_train": again, "val": val}
    return [
        {"epoch": epoch} | {f"{name}_{quantity}": value for name, value in names.items() for quantity in
                            ("accuracy", "loss")} for epoch in range(1, epochs + 1)
    ]  # fmt: skip


def test_one_run_has_training_twice_and_validation():
    figure = curves({"a": rows(3, 0.5, 0.75, 0.7)}, "accuracy")
    assert [(line.name, line.line.dash, list(line.y)) for line in figure.data] == [
        ("training, during the epoch (augmented, dropout)", "solid", [50.0] * 3),
        ("training (without augmentation)", "dot", [75.0] * 3),
        ("validation", "dash", [70.0] * 3),
    ]
    assert figure.layout.yaxis.title.text == "Accuracy (%)" and figure.layout.xaxis.title.text == "Epoch"


def test_several_runs_have_two_lines_each_of_one_colour():
    figure = curves({"a": rows(3, 0.5, 0.75, 0.7), "b": rows(2, 0.4, 0.6, 0.5)}, "loss")
    assert [(line.name, line.line.dash) for line in figure.data] == [
        ("a", "solid"), ("a", "dash"), ("b", "solid"), ("b", "dash"),
    ]  # fmt: skip
    colours = [line.line.color for line in figure.data]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert [line.showlegend for line in figure.data] == [True, False, True, False]
    assert list(figure.data[2].y) == [0.4] * 2


def test_smoothing_is_a_running_mean():
    table = rows(3, 0.0, 0.0, 0.0)
    for row, value in zip(table, (0.2, 0.4, 0.9), strict=True):
        row["val_loss"] = value
    assert list(curves({"a": table}, "loss", smooth=2).data[2].y) == pytest.approx([0.2, 0.3, 0.65])
