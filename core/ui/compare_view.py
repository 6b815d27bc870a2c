"""The Compare page's parts: table, wrong_mask question, curves and differing settings of the chosen runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core import runs
from core.config import describe
from core.data.photos import PhotoError, decode
from core.evaluation import compare, seeds
from core.runs import Run
from core.ui import charts

_FIRST_CHOICE = 6
_PICTURES = 16
_COLUMNS = {
    "model": st.column_config.TextColumn("model", width=300),
    "training": st.column_config.NumberColumn("training acc.", format="%.2f"),
    "validation": st.column_config.NumberColumn("validation acc.", format="%.2f"),
    "test": st.column_config.NumberColumn("test acc.", format="%.2f"),
    "interval": st.column_config.TextColumn("95 % interval", help="Wilson interval of the test accuracy"),
    "balanced": st.column_config.NumberColumn("balanced", format="%.2f", help="Mean recall of the labels"),
    "tested": st.column_config.NumberColumn("test photos"),
}


def show() -> None:
    """Choose runs and see them side by side."""
    finished = [run for run in runs.every() if run.report()]
    if not finished:
        st.info("Nothing to compare yet: train a network, then a second one.", icon=":material/compare_arrows:")
        st.page_link("Home.py", label="Home", icon=":material/home:")
        _reference()
        return
    chosen = _choose(finished)
    if chosen:
        _table(chosen)
    _wrong_mask(finished)
    if chosen:
        _curves(chosen)
        _settings(chosen)
    _reference()


def _choose(finished: list[Run]) -> list[Run]:
    by_id = {run.id: run for run in finished}
    key = "compare_runs"
    if key not in st.session_state:
        asked = [run_id for run_id in st.query_params.get("runs", "").split(",") if run_id in by_id]
        st.session_state[key] = asked or list(by_id)[:_FIRST_CHOICE]
    st.session_state[key] = [run_id for run_id in st.session_state[key] if run_id in by_id]
    ids = st.multiselect("Runs", list(by_id), key=key, format_func=_title, persist_state="session")
    st.query_params["runs"] = ",".join(ids)
    return [by_id[run_id] for run_id in ids]


def _title(run_id: str) -> str:
    run = runs.get(run_id)
    return f"{run.name} ({run.created:%d %b %H:%M})"


def _table(chosen: list[Run]) -> None:
    st.subheader("Accuracies (%)")
    rows = [compare.table_row(run) for run in chosen]
    table = pd.DataFrame(rows)
    table["interval"] = [f"{row['test_low']:.1f} to {row['test_high']:.1f}" for row in rows]
    st.dataframe(table[list(_COLUMNS)], width="stretch", hide_index=True, column_config=_COLUMNS, height="content")
    st.caption(
        "Training accuracy is measured after training, without augmentation or dropout. An interval that is wide or "
        "overlaps another says that these test photos do not tell the two apart."
    )
    st.download_button(
        "Download as CSV", table.to_csv(index=False), "mask-lab-comparison.csv", "text/csv", icon=":material/download:"
    )


def _wrong_mask(finished: list[Run]) -> None:
    st.subheader("With and without wrong_mask")
    two = [run for run in finished if len(run.report()["labels"]) == 2]
    three = [run for run in finished if len(run.report()["labels"]) == 3]
    if not two or not three:
        missing = "without wrong_mask (switch it off in the form)" if three else "with wrong_mask"
        st.info(f"Train a network {missing}, too: then the same photos can be shown to both.")
        return
    left, right = st.columns(2)
    first = left.selectbox("Two classes", two, format_func=lambda run: _title(run.id), key="compare_two")
    second = right.selectbox("Three classes", three, format_func=lambda run: _title(run.id), key="compare_three")
    with st.spinner("Showing the same photos to both"):
        answer = _answer(first.id, second.id)
    st.markdown(f"**{answer.sentence}**")
    st.plotly_chart(charts.wrong_mask_answer(answer), width="stretch", key="wrong_mask_chart")
    if answer.left_aside:
        st.caption(f"{answer.left_aside} photos were left aside: the two-class model has seen them.")
    _gallery(answer)


@st.cache_data(max_entries=16, show_spinner=False)
def _answer(two: str, three: str) -> compare.Answer:
    return compare.wrong_mask_question(runs.get(two), runs.get(three))


def _gallery(answer: compare.Answer) -> None:
    if not answer.let_through:
        return
    with st.expander(f"The wrong_mask photos that the two-class model calls mask ({len(answer.let_through)})"):
        folder = Path(answer.dataset)
        with st.container(horizontal=True, gap="small"):
            for file in answer.let_through[:_PICTURES]:
                try:
                    st.image(decode(folder / file, wanted_side=128).resize((96, 96)), width=96)
                except PhotoError:
                    continue


def _curves(chosen: list[Run]) -> None:
    st.subheader("Curves")
    metrics = {run.name if _unique(run, chosen) else _title(run.id): run.metrics() for run in chosen}
    left, right = st.columns(2)
    left.plotly_chart(charts.curves(metrics, "accuracy"), width="stretch", key="compare_accuracy")
    right.plotly_chart(charts.curves(metrics, "loss"), width="stretch", key="compare_loss")


def _unique(run: Run, chosen: list[Run]) -> bool:
    return sum(other.name == run.name for other in chosen) == 1


def _settings(chosen: list[Run]) -> None:
    if len(chosen) < 2:
        return
    st.subheader("Settings that differ")
    differences = compare.config_differences(chosen)
    if not differences:
        st.caption("None: these runs were told the same.")
        return
    table = pd.DataFrame(
        {describe(name)[0]: values for name, values in differences.items()}, index=[_title(run.id) for run in chosen]
    )
    st.dataframe(table.T, width="stretch")


def _reference() -> None:
    st.subheader("What the seeds reported")
    st.caption(
        f"Reported by their authors, **not measured here**, on other photos: {seeds.SOURCE}. Its 65 (two classes) and "
        "about 105 (three classes) test photos leave an interval of some five to eight points either way. The figures "
        "of the second seed's ablation could not be had and are left empty."
    )
    rows = [vars(row) for row in (*seeds.FIRST_SEED, *seeds.ABLATION)]
    st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True, column_config=_COLUMNS, height="content")
