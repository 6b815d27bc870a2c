"""The newest results: each run's test accuracy with its interval as a bar, and where to go with its network."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.schema.errors import UserError
from core.store import paths
from core.store.run_summary import Summary
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import percent, span
from core.ui.evaluate.links import RESULT, evaluate_link
from core.ui.runs.progress import RUNS_PAGE, run_link

Finished = tuple[Run, Summary]
_MOST = 8
_BAR = (
    '<div style="display:flex;align-items:center;gap:.6rem"><b style="min-width:3.2rem">{value}</b>'
    '<div role="img" aria-label="95 % interval {interval} %" style="position:relative;flex:1;height:.7rem;'
    'background:rgba(128,128,128,.2);border-radius:.35rem">'
    '<div style="position:absolute;left:{low:.1f}%;width:{width:.1f}%;height:100%;background:#0B6E99;opacity:.55;'
    'border-radius:.35rem"></div>'
    '<div style="position:absolute;left:calc({middle:.1f}% - .1rem);width:.2rem;top:-.15rem;bottom:-.15rem;'
    'background:currentColor"></div></div></div>'
)


def show(finished: Sequence[Finished]) -> None:
    """The table; nothing where no run has finished."""
    if not finished:
        return
    st.header("Results", help="Accuracy on test photos, with its 95 % interval as a bar from 0 to 100 %.")
    for run, result in finished[:_MOST]:
        with st.container(border=True):
            what, accuracy, links = st.columns([5, 3, 3], vertical_alignment="center")
            with what:
                run_link(run)
                st.caption(f"{plain(_photos(run))} · {run.created:%d %b %Y, %H:%M}")
            with accuracy:
                st.html(_bar(result))
                st.caption(f"{span(result.interval, 0)} % · {result.tested} test photos")
            with links.container(horizontal=True, gap="small"):
                _links(run, result, finished)
    if len(finished) > _MOST:
        st.page_link(RUNS_PAGE, label=f"All {len(finished):,} finished runs", icon=":material/list:")


def _links(run: Run, result: Summary, finished: Sequence[Finished]) -> None:
    if (paths.models_dir() / result.model).exists():
        _link("5_Live", "Live", {"live_model": result.model.removesuffix(".pth")})
        evaluate_link(result.model, RESULT, "Evaluate", icon=None)
    # The newest other one on these photos.
    others = (one for one, _ in finished if one.id != run.id and _photos(one) == _photos(run))
    if other := next(others, None):
        _link("3_Compare", "Compare", {"runs": f"{run.id},{other.id}"})


def _link(page: str, label: str, query: dict[str, str]) -> None:
    st.page_link(f"pages/{page}.py", label=label, query_params=query)


def _photos(run: Run) -> str:
    try:
        return "/".join(run.config.folder.parts[-2:])
    except UserError:
        # The run's page says what is damaged.
        return "unknown photos"


def _bar(result: Summary) -> str:
    low, high = result.interval
    return _BAR.format(
        value=percent(result.test, 0), interval=span(result.interval, 0), low=100 * low, width=100 * (high - low),
        middle=100 * result.test,
    )  # fmt: skip
