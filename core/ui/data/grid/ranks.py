"""The numbers by which the grid is sorted that its list does not have: sharpness, which is measured in the background,
and how sure the latest network was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.data.collect import photo_list, sharpness
from core.data.collect.photo_list import Item, Order
from core.evaluation.photo_map import answers
from core.schema.errors import UserError
from core.text.markup import plain
from core.text.numbers import duration
from core.ui.common.parts import job_progress

_RANKS = "grid_ranks"


def of(root: Path, items: Sequence[Item], order: Order, listed_at: float) -> Mapping[str, float] | None:
    """File -> number, the lowest first, with a line on what it is; None where the order needs none. `listed_at` says
    when the files were listed: until that changes, or something was measured, the same numbers are given. Raises
    UserError for damaged predictions."""
    if order not in photo_list.RANKED:
        return None
    job = sharpness.job_of(root)
    state = job.state if order == "blurred" else None
    if state and state.active:
        _watch(root)
    key = (root, order, listed_at, state.status if state else "")
    kept = st.session_state.get(_RANKS)
    if kept is None or kept[0] != key:
        kept = st.session_state[_RANKS] = (key, *(_sharpness(root, items) if order == "blurred" else _sureness(root)))
    _, ranks, about = kept
    if order == "unsure":
        st.caption(plain(about))
    elif not (state and state.active):
        if state and state.status == "failed":
            st.error(plain(f"Measuring sharpness failed: {state.message}"), icon=":material/error:")
        _offer(root, int(about))
    return ranks


def _sharpness(root: Path, items: Sequence[Item]) -> tuple[dict[str, float], str]:
    """The numbers, and how many photos have none yet."""
    known = sharpness.known(root, items)
    return {file: number for file, number in known.items() if number is not None}, str(len(items) - len(known))


def _sureness(root: Path) -> tuple[dict[str, float], str]:
    """The numbers, and where they come from."""
    newest = next(iter(answers.asked(root)), None)
    if newest is None:
        return {}, "No network was trained on these photos yet, so none is unsure of them: train one on Home."
    margins = {file: answer.margin for file, answer in answers.of(newest).items()}
    return margins, (
        f"By {newest.name}, on the {len(margins):,} photos that it was tested on: first those where two labels were "
        "almost equally likely. The others come last."
    )


def _offer(root: Path, missing: int) -> None:
    if not missing:
        return
    photos = "1 photo has" if missing == 1 else f"{missing:,} photos have"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{photos} not been measured yet, and come last.")
        st.button(
            f"Measure sharpness ({duration(sharpness.estimate(missing))})", icon=":material/deblur:",
            key="grid_measure", on_click=_start, args=(root,), help="In the background: you can go on meanwhile.",
        )  # fmt: skip


def _start(root: Path) -> None:
    try:
        sharpness.start(root)
    except UserError as error:
        st.toast(plain(str(error)), icon=":material/error:")


@st.fragment(run_every=1.0)
def _watch(root: Path) -> None:
    """The part that moves; the page is drawn anew once, when the work has ended."""
    job_progress(sharpness.job_of(root), "grid_measure_stop")
