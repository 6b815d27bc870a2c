"""The way from photos to a network at work in three cards, each with how it stands and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import streamlit as st

from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import paths
from core.text.markup import plain
from core.text.numbers import percent
from core.ui.common import cached_reads
from core.ui.evaluate.links import RESULT, evaluate_link
from core.ui.home import demo
from core.ui.home.results import Finished
from core.ui.runs.progress import active_runs

Step = Literal["photos", "train", "use"]


def show(folder: Path | None, finished: list[Finished]) -> None:
    """`folder` is the form's; `finished` are the finished runs, newest first."""
    counts = _counts(folder)
    step: Step = "use" if finished else "train" if counts else "photos"
    photos, train, use = st.columns(3)
    with photos.container(border=True, height="stretch"):
        _title("1 Photos", bool(counts), step == "photos")
        _photos(folder, counts)
    with train.container(border=True, height="stretch"):
        _title("2 Train", bool(finished), step == "train")
        _train(counts, finished)
    with use.container(border=True, height="stretch"):
        _title("3 Check and use", False, step == "use")
        _use(finished)


def _counts(folder: Path | None) -> Mapping[Label, int]:
    try:
        return cached_reads.counts(str(folder)) if folder else {}
    except UserError:
        # The form says what is wrong with it.
        return {}


def _title(title: str, done: bool, coming: bool) -> None:
    mark = " :material/check_circle:" if done else " :primary-badge[next]" if coming else ""
    st.markdown(f"## {title}{mark}")


def _photos(folder: Path | None, counts: Mapping[Label, int]) -> None:
    if folder is None or not counts:
        st.page_link("pages/1_Data.py", label="Take or upload photos", icon=":material/add_a_photo:")
        demo.button()
        return
    each = ", ".join(f"{count:,} {label}" for label, count in counts.items())
    st.markdown(f"**{sum(counts.values()):,} photos** in {plain(folder.name)}: {each}")
    st.page_link("pages/1_Data.py", label="Look at them", icon=":material/photo_library:")


def _train(counts: Mapping[Label, int], finished: list[Finished]) -> None:
    active, classes = len(active_runs()), {len(result.labels) for _, result in finished}
    trained = f"**{len(finished)} trained**" if finished else "None trained yet"
    st.markdown(trained + (f", {active} in training" if active else ""))
    if active and not finished:
        st.markdown("Come back later: it goes on without you.")
    elif classes == {3}:
        st.markdown("Train once more without wrong_mask, to see what the third label gains.")
    elif counts:
        st.markdown("Choose how long in the sidebar (»), and press **Train**.")


def _use(finished: list[Finished]) -> None:
    if not finished:
        ready = paths.STARTER_FILE.exists()
        st.markdown("The starter network is ready." if ready else "Your network's test result comes here.")
        return
    _, result = finished[0]
    st.markdown(f"The newest network is right on **{percent(result.test, 0)}** of {result.tested} test photos.")
    evaluate_link(result.model, RESULT, "See where it fails")
    if len({len(one.labels) for _, one in finished}) > 1:
        st.page_link("pages/3_Compare.py", label="What wrong_mask gains", icon=":material/compare_arrows:")
