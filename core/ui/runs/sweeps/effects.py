"""What the settings of a sweep did: a dot per value with the spread of its trainings, and a line per training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.charts.intervals import Dot, dots
from core.charts.sweeps.parallel import parallel
from core.store.sweeps import Standing
from core.training.sweeps import effects
from core.training.sweeps.effects import Effect, Training
from core.ui.common.parts import chart

# Fewer lines than this say no more than the table.
_LEAST_LINES, _LEAST_SETTINGS = 3, 2
_REPEATED = (
    "Dot: mean test accuracy of the trainings with that value. Line: their lowest to highest, which differ in the "
    "other settings and in their seeds. Differences within the spread of repeats are luck."
)
_ONCE = (
    "Dot: mean test accuracy of the trainings with that value. Line: their lowest to highest, which differ in the "
    "other settings. Each setting was trained once: a difference of a few points may be luck; repeat it over seeds."
)


def show(standings: Sequence[Standing]) -> None:
    """Both charts with their tables; nothing where no setting differs or too little has finished."""
    trainings = effects.finished(standings)
    found = effects.effects(trainings)
    if not found:
        return
    st.subheader("Effect of each setting")
    chart(_dots(found), "sweep_effects")
    st.caption(_REPEATED if effects.repeated(trainings) else _ONCE)
    if len(trainings) >= _LEAST_LINES and len(trainings[0].values) >= _LEAST_SETTINGS:
        st.subheader("Every training")
        lines = [(training.values, training.test) for training in trainings]
        chart(parallel(lines), "sweep_parallel")
        st.caption("A line per training. Drag along an axis to see only those that pass there.")
    with st.expander("The same as a table"):
        _tables(found, trainings)


def _dots(found: Sequence[Effect]) -> object:
    blocks: dict[str, list[Dot]] = defaultdict(list)
    for one in found:
        count = "1 training" if one.trainings == 1 else f"{one.trainings} trainings"
        blocks[one.setting].append(Dot(f"{one.value} ({count})", one.mean, one.low, one.high))
    return dots(blocks, "", "Test accuracy")


def _tables(found: Sequence[Effect], trainings: Sequence[Training]) -> None:
    shares = {name: st.column_config.NumberColumn(format="%.1f %%") for name in ("mean", "lowest", "highest", "test")}
    by_value = [
        {"setting": one.setting, "value": one.value, "mean": 100 * one.mean, "lowest": 100 * one.low,
         "highest": 100 * one.high, "trainings": one.trainings}
        for one in found
    ]  # fmt: skip
    by_training = [training.values | {"test": 100 * training.test} for training in trainings]
    for rows, name in ((by_value, "Effect of each setting"), (by_training, "Every training")):
        st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True, column_config=shares, alt=name)
