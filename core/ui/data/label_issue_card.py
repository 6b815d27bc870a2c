"""One doubted photo on the Data page: the picture, its label, the label suggested, and the buttons to decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from PIL import Image

from core.data.dataset import label_decisions
from core.data.dataset.label_decisions import Choice, Decision
from core.data.images.decode import PhotoError, decode
from core.evaluation.label_issues.label_issues import Doubt
from core.schema.errors import UserError
from core.schema.labels import Label
from core.text.markup import plain
from core.text.numbers import confidence
from core.ui.common import cached_reads
from core.ui.common.page import label_badge

# Where the last decision's error waits for the page to be drawn.
ERROR = "doubts_error"
_WIDEST, _TALLEST = 280, 220
_KEEP_KEY, _EXCLUDE_KEY = "K", "X"


def card(folder: Path, doubt: Doubt, decision: Decision | None, has_keys: bool) -> None:
    """A photo with its buttons, or what was decided. With `has_keys`, letters and the labels' numbers press them."""
    _picture(folder, doubt.file)
    st.markdown(
        f"{label_badge(doubt.label)} is its label<br>{label_badge(doubt.suggested)} is likelier: "
        f"{confidence(doubt.probability[doubt.suggested])} against {confidence(doubt.probability[doubt.label])}",
        unsafe_allow_html=True,
    )
    st.caption(plain(doubt.file))
    with st.container(horizontal=True, gap="small"):
        if decision:
            st.markdown(f"**{_deed(decision)}**")
            _button("Undo", undo, folder, doubt.file)
            return
        others = [label for label in doubt.probability if label != doubt.label]
        others.sort(key=lambda label: label != doubt.suggested)
        _button(f"Keep {doubt.label}", _decide, folder, doubt.file, "keep", key=_KEEP_KEY if has_keys else None)
        for label in others:
            key = str(1 + list(Label).index(label)) if has_keys else None
            _button(f"Relabel as {label}", _decide, folder, doubt.file, "relabel", label, key=key)
        _button("Exclude", _decide, folder, doubt.file, "exclude", key=_EXCLUDE_KEY if has_keys else None)


def _button(text: str, act: Callable[..., None], folder: Path, file: str, *values: str, key: str | None = None) -> None:
    st.button(text, key=f"doubt {text} {file}", on_click=act, args=(folder, file, *values), shortcut=key)


def _picture(folder: Path, file: str) -> None:
    try:
        image = decode(folder / file, wanted_side=_WIDEST)
    except PhotoError as error:
        st.warning(f"This photo can't be shown: {plain(str(error))}.")
        return
    scale = min(_WIDEST / image.width, _TALLEST / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    st.image(image.resize(size, Image.Resampling.LANCZOS), width=size[0], alt=f"The photo {file}")


def words(decision: Decision) -> str:
    """A decision and its file, in a few words."""
    return f"{decision.file}: {_deed(decision)}"


def _deed(decision: Decision) -> str:
    if decision.choice == "relabel":
        return f"relabelled as {decision.label}"
    return "kept as it is" if decision.choice == "keep" else "excluded"


def _decide(folder: Path, file: str, choice: Choice, label: Label | None = None) -> None:
    _change(lambda: label_decisions.decide(folder, file, choice, label))


def undo(folder: Path, file: str | None = None) -> None:
    """Take back a decision or the last one; what keeps it from being written waits under ERROR."""
    _change(lambda: label_decisions.undo(folder, file))


def _change(act: Callable[[], None]) -> None:
    try:
        act()
    except UserError as error:
        st.session_state[ERROR] = str(error)
    cached_reads.forget_scan()
