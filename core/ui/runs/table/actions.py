"""What is done with the selected runs: compared, tagged, starred, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from core.schema.errors import UserError
from core.store import run_notes, runs
from core.store.run_notes import Notes
from core.text.markup import plain
from core.ui.common.page import go_to
from core.ui.common.parts import part
from core.ui.runs import confirm
from core.ui.runs.table.groups import Line
from core.ui.runs.table.run_rows import RunRow

_COMPARE_PAGE = "pages/3_Compare.py"
_NAMED = 10


def show(lines: Sequence[Line], tags: Sequence[str]) -> None:
    """The buttons; off while no row is selected. `tags` are those of all runs."""
    chosen = [run for line in lines for run in line.runs]
    none, finished = not chosen, [one.run.id for one in chosen if one.result]
    st.button("Open", icon=":material/open_in_full:", disabled=len(lines) != 1, on_click=_open, args=(lines,),
              help="One run or sweep; a click on its name does the same.")  # fmt: skip
    compare = st.button("Compare", icon=":material/compare_arrows:", disabled=len(finished) < 2,
                        help="Two finished runs or more.")  # fmt: skip
    if st.button(_star_words(chosen), icon=":material/star:", disabled=none):
        on = not _all_starred(chosen)
        _change(chosen, lambda notes: replace(notes, star=on))
    with st.popover("Tag", icon=":material/label:", disabled=none):
        _tag(chosen, tags)
    if st.button("Delete", icon=":material/delete:", disabled=none):
        _ask_delete(chosen)
    st.caption(_selected(chosen))
    if compare:
        go_to(_COMPARE_PAGE, {"runs": ",".join(finished)}, "Compare")


def _open(lines: Sequence[Line]) -> None:
    st.query_params.from_dict(lines[0].opens)


def _selected(chosen: Sequence[RunRow]) -> str:
    if not chosen:
        return "Tick rows to do this with them."
    return f"{_runs(len(chosen))} selected"


def _all_starred(chosen: Sequence[RunRow]) -> bool:
    return bool(chosen) and all(one.notes.star for one in chosen)


def _star_words(chosen: Sequence[RunRow]) -> str:
    return "Remove star" if _all_starred(chosen) else "Star"


def _tag(chosen: Sequence[RunRow], tags: Sequence[str]) -> None:
    with st.form("tag_runs", border=False):
        own = st.multiselect("Tags", tags, accept_new_options=True, placeholder="Choose or type a tag")
        with st.container(horizontal=True):
            add = st.form_submit_button("Add", type="primary")
            remove = st.form_submit_button("Remove")
    if add:
        _change(chosen, lambda notes: run_notes.tidy(notes.name, notes.note, [*notes.tags, *own], notes.star))
    if remove:
        _change(chosen, lambda notes: replace(notes, tags=tuple(tag for tag in notes.tags if tag not in own)))


def _change(chosen: Sequence[RunRow], change: Callable[[Notes], Notes]) -> None:
    """Write what is changed of all or, where that can't be, of none."""
    with part():
        try:
            for one, notes in [(one, change(one.notes)) for one in chosen]:
                one.run.write_notes(notes)
        except OSError as error:
            raise UserError(f"The notes can't be written ({error.strerror}): free some space first.") from None
        st.rerun()


@st.dialog("Delete these runs?")
def _ask_delete(chosen: Sequence[RunRow]) -> None:
    doomed = [one for one in chosen if not one.active]
    at_work = [one for one in chosen if one.active]
    if doomed:
        count = "This run is" if len(doomed) == 1 else f"These {len(doomed)} runs are"
        st.markdown(f"{count} removed with metrics, log and predictions. Networks in models/ stay.")
        st.markdown(_list(doomed))
    if at_work:
        st.markdown(f"Left out, because {'it is' if len(at_work) == 1 else 'they are'} at work (stop first):")
        st.markdown(_list(at_work))
    if confirm.buttons(f"Delete {_runs(len(doomed))}", disabled=not doomed) and _delete(doomed):
        st.rerun()


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _list(some: Sequence[RunRow]) -> str:
    lines = [f"- {plain(one.name)} · {one.started:%d %b %H:%M}" for one in some[:_NAMED]]
    return "\n".join(lines + [f"- and {len(some) - _NAMED} more"] * (len(some) > _NAMED))


def _delete(doomed: Sequence[RunRow]) -> bool:
    """Whether all of them went; what could not be deleted is said."""
    with part():
        for one in doomed:
            runs.delete(one.run)
        return True
    return False
