"""TensorBoard's event files are written where TensorBoard is installed, and missed nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.training.lifecycle import tensorboard_events

ROWS = [{"epoch": 1.0, "val_loss": 0.5}, {"epoch": 2.0, "val_loss": 0.25}]


def test_each_number_of_a_row_is_a_curve(tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with tensorboard_events.opened(tmp_path) as write:
        for row in ROWS:
            write(row)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [(item.step, item.value) for item in events.Scalars("val_loss")] == [(1, 0.5), (2, 0.25)]


def test_without_tensorboard_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith(("tensorboard", "torch.utils.tensorboard"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    folder = tmp_path / "run"
    folder.mkdir()
    with tensorboard_events.opened(folder) as write:
        for row in ROWS:
            write(row)
    assert not list(folder.iterdir())
