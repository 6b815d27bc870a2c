"""The table's columns: what each shows of a line, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.text.markup import one_line
from core.text.numbers import span
from core.ui.runs.table import run_rows
from core.ui.runs.table.groups import Line

NAME = "run"
_MOST_NAME = 80
_CHOSEN, _FOLD = "columns", "fold"


@dataclass(frozen=True)
class _Column:
    """`cell` gives a line's value; `config` draws it."""

    cell: Callable[[Line], Any]
    config: Any
    first: bool = False


def _percent(title: str, text: str) -> Any:
    return st.column_config.NumberColumn(title, format="%.1f %%", width=74, help=text)


def _setting(name: str) -> Callable[[Line], Any]:
    def cell(line: Line) -> Any:
        values = {getattr(one.config, name) for one in line.runs if one.config}
        return str(values.pop()) if len(values) == 1 else "several" if values else None

    return cell


def _text(title: str, width: int) -> Any:
    return st.column_config.TextColumn(title, width=width)


def _interval(line: Line) -> str | None:
    return span(line.results[0].interval) if line.group is None and line.results else None


def _curve(line: Line) -> list[float]:
    return run_rows.curve(line.runs[0].run) if line.group is None else []


def _epochs(line: Line) -> str | None:
    own = line.runs[0]
    return f"{own.epoch} of {own.config.epochs}" if line.group is None and own.config else None


def _tags(line: Line) -> list[str]:
    return [one_line(tag) for tag in dict.fromkeys(tag for one in line.runs for tag in one.notes.tags)]


def _columns() -> dict[str, _Column]:
    config = st.column_config
    return {
        "curve": _Column(_curve, config.LineChartColumn(
            "curve", width=90, y_min=0, y_max=100, help="Validation accuracy, epoch by epoch, from 0 to 100 %",
        ), True),
        "test": _Column(
            lambda line: None if line.test is None else 100 * line.test,
            _percent("test", "Test accuracy; of a sweep the mean"), True,
        ),
        "95 % interval": _Column(_interval, config.TextColumn(
            width=102, help="Where the test accuracy would lie for other photos of this kind, in percent",
        ), True),
        "validation": _Column(
            lambda line: None if line.validation is None else 100 * line.validation,
            _percent("validation", "Validation accuracy of the epoch that was kept; of a sweep the mean"),
        ),
        "state": _Column(lambda line: line.state, _text("state", 80), True),
        "photos": _Column(lambda line: one_line(line.common("photos")), _text("photos", 92), True),
        "started": _Column(
            lambda line: line.started, config.DatetimeColumn(format="D MMM, HH:mm", width=98), True
        ),
        "tags": _Column(_tags, config.ListColumn(width=110)),
        "network": _Column(lambda line: line.common("network"), _text("network", 100)),
        "layers to train": _Column(lambda line: line.common("layers"), _text("layers to train", 170)),
        "labels": _Column(lambda line: line.common("labels"), _text("labels", 70)),
        "epochs": _Column(_epochs, _text("epochs", 80)),
        "image size": _Column(_setting("image_size"), _text("image size", 80)),
        "learning rate": _Column(_setting("learning_rate"), _text("learning rate", 90)),
        "batch size": _Column(_setting("batch_size"), _text("batch size", 80)),
        "augmentation": _Column(_setting("augment"), _text("augmentation", 95)),
        "seed": _Column(_setting("seed"), _text("seed", 60)),
    }  # fmt: skip


def choose() -> tuple[list[str], bool]:
    """The columns to show beside the name, and whether a sweep is one row; both are kept in the address."""
    known = _columns()
    usual = [name for name, column in known.items() if column.first]
    with st.popover("Columns", icon=":material/view_column:"):
        chosen = st.multiselect("Columns", list(known), usual, key=_CHOSEN, bind="query-params")
        fold = st.toggle("Sweeps as one row", value=True, key=_FOLD, bind="query-params")
    return [name for name in known if name in chosen], fold


def frame(lines: Sequence[Line], chosen: Sequence[str]) -> pd.DataFrame:
    """A row per line, with its name first."""
    known = _columns()
    rows = [{NAME: _name(line)} | {name: known[name].cell(line) for name in chosen} for line in lines]
    return pd.DataFrame(rows, columns=[NAME, *chosen])


def config(chosen: Sequence[str]) -> dict[str, Any]:
    """How Streamlit draws these columns."""
    known = _columns()
    return {name: known[name].config for name in chosen}


def _name(line: Line) -> str:
    star = "★ " if any(one.notes.star for one in line.runs) else ""
    name = one_line(line.name)[:_MOST_NAME]
    return f"{star}{name} ({len(line.runs)} runs)" if line.group else f"{star}{name}"
