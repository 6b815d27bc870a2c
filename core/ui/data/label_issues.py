"""The Data page's label issues: find them, decide photo by photo, and take decisions back."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import streamlit as st

from core.data.dataset import label_decisions
from core.data.dataset.label_decisions import FILE, Decision
from core.evaluation.label_issues import label_issues
from core.evaluation.label_issues.label_issues import Doubts
from core.schema.errors import UserError
from core.text.markup import plain
from core.text.numbers import duration
from core.ui.common import cached_reads
from core.ui.data.label_issue_card import ERROR, card, undo, words

_EACH_PAGE = 12
_ACROSS = 3
# Photos per second that the ImageNet network takes, on two cores with nothing else to do.
_SPEED = 100
_UNDO_KEY, _NEXT_KEY = "U", "N"
_FOUND, _PAGE, _DECISIONS_PAGE = "doubts", "doubts_page", "doubts_decisions_page"


@st.fragment
def show(folder: Path) -> None:
    """Everything about the doubted labels of one dataset; a decision redraws no more than this."""
    if error := st.session_state.pop(ERROR, None):
        st.error(plain(error), icon=":material/error:")
    try:
        found = _found(folder)
        decided = label_decisions.read(folder)
        if found:
            _progress(folder, found, decided)
            _cards(folder, found, decided)
        _all_decisions(folder, decided)
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def found_before(folder: Path) -> Doubts | None:
    """What was found in this session; None where nobody has searched."""
    kept = st.session_state.get(_FOUND)
    return kept[1] if kept and kept[0].resolve() == folder.resolve() else None


def _found(folder: Path) -> Doubts | None:
    if before := found_before(folder):
        return before
    offer = st.empty()
    with offer.container():
        photos = len(cached_reads.scan(folder).photos)
        st.markdown(
            "Among many photos some labels are mistakes. Every photo is put to a model that has learnt from **other** "
            "photos and from none of the same group; where it contradicts the label, you look again and decide."
        )
        st.caption(
            f"Runs {photos:,} photos through an ImageNet network: about {duration(photos / _SPEED + 5)} the first "
            "time when nothing else is running, seconds after that. When all folds of a training on these photos are "
            "finished, their test predictions are taken instead, at once."
        )
        if not st.button("Find label issues", type="primary", icon=":material/search:"):
            return None
        bar = st.progress(0.0, "Reading photos")
        found = label_issues.find(
            cached_reads.scan(folder),
            lambda what, done, total: bar.progress(done / total, f"{what}: {done} of {total}"),
        )
    offer.empty()
    st.session_state[_FOUND], st.session_state[_PAGE] = (folder, found), 1
    return found


def _progress(folder: Path, found: Doubts, decided: dict[str, Decision]) -> None:
    if found.items:
        done = sum(doubt.file in decided for doubt in found.items)
        st.markdown(f"**{done} of {len(found.items)} reviewed**")
        st.progress(done / len(found.items))
        st.caption(
            f"Of {found.photos:,} labels these are contradicted by {found.source}; the likeliest mistakes come first. "
            "Many are right all the same: a hard photo is not a wrong label."
        )
        st.info(
            f"Decisions are written to {FILE} beside the photos; no file is moved. They count from the next training "
            "on. Test photos are among these, so relabelling changes what networks are measured by: decide by looking "
            "at the picture, not by what the network thinks.",
            icon=":material/edit_note:",
        )
    else:
        st.success(f"None of {found.photos:,} labels is contradicted by {found.source}.", icon=":material/check:")
    with st.container(horizontal=True):
        last = next(reversed(decided.values()), None)
        st.button("Undo", icon=":material/undo:", key="doubts_undo", shortcut=_UNDO_KEY, disabled=last is None,
                  on_click=undo, args=(folder,), help=plain(f"Take back: {words(last)}") if last else None)  # fmt: skip
        st.button("Look again", icon=":material/refresh:", on_click=_forget, help="With the decisions made so far.")


def _cards(folder: Path, found: Doubts, decided: dict[str, Decision]) -> None:
    if not found.items:
        return
    pages = ceil(len(found.items) / _EACH_PAGE)
    page = _page(_PAGE, pages)
    shown = found.items[(page - 1) * _EACH_PAGE : page * _EACH_PAGE]
    first_open = next((doubt for doubt in shown if doubt.file not in decided), None)
    for start in range(0, len(shown), _ACROSS):
        for column, doubt in zip(st.columns(_ACROSS), shown[start : start + _ACROSS], strict=False):
            with column.container(border=True):
                card(folder, doubt, decided.get(doubt.file), doubt is first_open)
    if first_open is None and page < pages:
        st.button("Next page", icon=":material/arrow_forward:", shortcut=_NEXT_KEY, on_click=_turn, args=(page + 1,))
    st.pagination(pages, key=_PAGE)


def _all_decisions(folder: Path, decided: dict[str, Decision]) -> None:
    if not decided:
        return
    with st.expander(f"All decisions ({len(decided)})", icon=":material/history:", key="doubts_decisions"):
        newest = list(reversed(decided.values()))
        pages = ceil(len(newest) / _EACH_PAGE)
        page = _page(_DECISIONS_PAGE, pages)
        for decision in newest[(page - 1) * _EACH_PAGE : page * _EACH_PAGE]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Undo", key=f"undo {decision.file}", on_click=undo, args=(folder, decision.file))
                gone = "" if (folder / decision.file).is_file() else " (the file is no longer there: without effect)"
                made = decision.when.replace("T", " ")[:16]
                st.markdown(f"{plain(words(decision))}{gone} · {plain(made)}")
        if pages > 1:
            st.pagination(pages, key=_DECISIONS_PAGE)


def _page(key: str, pages: int) -> int:
    """The page that is shown; there may be fewer than before."""
    st.session_state[key] = min(st.session_state.get(key, 1), pages)
    return st.session_state[key]


def _forget() -> None:
    st.session_state.pop(_FOUND, None)


def _turn(page: int) -> None:
    st.session_state[_PAGE] = page
