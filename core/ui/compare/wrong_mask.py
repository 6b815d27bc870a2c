"""Compare's question: what does training on wrong_mask gain, and what does it cost?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.charts import who_passes as charts
from core.data.images.decode import PhotoError, decode
from core.evaluation.compare import answer_cache, repeats, wrong_mask_training
from core.evaluation.compare.paired import Difference
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import limits
from core.evaluation.compare.wrong_mask_training import Answer, Door, Rate
from core.evaluation.wording import advice
from core.store.runs import Run
from core.text.markup import plain
from core.ui.common.parts import chart

_PICTURES = 16
_TRIED = 30


def pick(known: Sequence[Entry], chosen: Sequence[Entry]) -> tuple[Entry, Entry] | None:
    """One of the known entries without wrong_mask and one with it: the best matching pair unless others are picked;
    None, and what to do, where there is none."""
    two, three = ([entry for entry in known if len(repeats.labels(entry.runs[0])) == count] for count in (2, 3))
    if not two or not three:
        missing = "without wrong_mask (switch it off in the form)" if three else "with wrong_mask"
        st.info(f"Train a network {missing}, too: then the same photos can be shown to both.")
        return None
    return _pick(two, three, {run for entry in chosen for run in entry.runs})


def show(pair: tuple[Entry, Entry]) -> None:
    """The answer for an entry without wrong_mask and one with it."""
    with st.spinner("Showing the same photos to both"):
        answer = _answer(*pair)
    _words(answer)
    _numbers(answer)
    left, right = st.columns(2)
    with left:
        chart(charts.calls(answer), "wrong_mask_calls")
    with right:
        chart(charts.door(answer.at_the_door), "wrong_mask_door")
    _gallery(answer)


def _pick(two: list[Entry], three: list[Entry], chosen: set[Run]) -> tuple[Entry, Entry]:
    # All pairs of many runs would take minutes: the newest stand for them, beside those that were chosen.
    pairs = product(_likely(two, chosen), _likely(three, chosen))
    first, second = max(pairs, key=lambda pair: _fit(pair[0], pair[1], chosen))
    left, right = st.columns(2)
    with left:
        first = _select("Two classes", two, first, "compare_two")
    with right:
        second = _select("Three classes", three, second, "compare_three")
    return first, second


def _select(title: str, options: list[Entry], first: Entry, key: str) -> Entry:
    by_run = {entry.runs[0].id: entry for entry in options}
    if st.session_state.get(key) not in by_run:
        st.session_state[key] = first.runs[0].id
    place = list(by_run).index(st.session_state[key])
    return by_run[st.selectbox(title, list(by_run), place, format_func=lambda run_id: by_run[run_id].name, key=key)]


def _likely(entries: list[Entry], chosen: set[Run]) -> list[Entry]:
    picked = [entry for entry in entries if chosen & set(entry.runs)]
    return (picked or entries)[:_TRIED]


def _fit(two: Entry, three: Entry, chosen: set[Run]) -> tuple[int, int]:
    """How well a pair answers the question: chosen above others, then the more alike in configuration; of equals, `max`
    takes the newest."""
    different = repeats.differences([two.runs[0], three.runs[0]])
    return sum(bool(chosen & set(entry.runs)) for entry in (two, three)), -len(different)


@st.cache_data(max_entries=16, show_spinner=False)
def _answer(two: Entry, three: Entry) -> Answer:
    return wrong_mask_training.ask(two, three, answer_cache.in_process)


def _words(answer: Answer) -> None:
    words = advice.sentences(answer)
    st.markdown("\n".join(f"- {plain(words[key])}" for key in ("advice", "costs", "wrong_mask", "door", "label")))
    notes = []
    if answer.left_aside:
        notes.append(f"{answer.left_aside} photos were left aside: the two-class model has seen them.")
    if answer.repeats > 1:
        notes.append(f"Over {answer.repeats} repeats: a photo may count several times, which the intervals allow for.")
    if notes:
        st.caption(" ".join(notes))


def _numbers(answer: Answer) -> None:
    rows = [_row("", "right on mask and no_mask", answer.known.n, answer.known.accuracy)]
    for rule, door in (("operating point", answer.at_the_door), ("likeliest label", answer.by_label)):
        rows += [_row(rule, name, rate.photos, rate.difference) for name, rate in _rates(door).items()]
    share, points = st.column_config.NumberColumn(format="%.1f"), st.column_config.NumberColumn(format="%+.1f")
    st.dataframe(
        pd.DataFrame(rows), width="stretch", hide_index=True, height="content",
        column_config={"two classes": share, "three classes": share, "difference": points},
    )  # fmt: skip
    st.caption(
        "Shares in percent, differences in points with paired 95 % intervals. At its operating point a model lets pass "
        "whoever is likely enough to wear a mask well; by likeliest label, whoever is called mask."
    )


def _rates(door: Door) -> dict[str, Rate]:
    return {
        "mask stopped (false alarms)": door.false_alarms,
        "not compliant passes (misses)": door.misses,
        "no_mask passes": door.no_mask,
        "wrong_mask passes": door.wrong_mask,
    }


def _row(rule: str, what: str, photos: int, own: Difference) -> dict[str, Any]:
    return {
        "decided by": rule,
        "share of photos": what,
        "photos": photos,
        "two classes": 100 * own.a,
        "three classes": 100 * own.b,
        "difference": 100 * own.difference,
        "95 % interval": limits(own),
    }


def _gallery(answer: Answer) -> None:
    if not answer.let_through:
        return
    st.caption(f"The wrong_mask photos that the two-class model lets pass ({len(answer.let_through)})")
    folder = Path(answer.dataset)
    with st.container(horizontal=True, gap="small"):
        for file in answer.let_through[:_PICTURES]:
            try:
                small = decode(folder / file, wanted_side=128).resize((96, 96))
                st.image(small, width=96, alt="A wrongly worn mask that passes")
            except PhotoError:
                continue
