"""One photo in detail: large, beside the Grad-CAM heatmap of a label, and how confident the network is of each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from PIL import Image

from core.networks.checkpoint import Trained
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.text.markup import plain
from core.text.numbers import confidence
from core.ui.common.page import label_badge

_LONGEST = 640


@st.dialog("A closer look", width="large")
def look(
    trained: Trained, image: Image.Image, name: str, probabilities: Mapping[Label, float], truth: str | None
) -> None:
    """The dialog. `truth` is the label that the photo is known to have, where that is known."""
    from core.evaluation.explain import gradcam

    called = max(probabilities, key=lambda label: probabilities[label])
    asked = st.segmented_control(
        "Grad-CAM heatmap of", list(probabilities), default=called, required=True, key="closer_label",
        format_func=lambda label: f"{SYMBOLS[label]} {label.row.title}",
    )  # fmt: skip
    shown = image.copy()
    shown.thumbnail((_LONGEST, _LONGEST))
    left, right = st.columns(2)
    left.image(shown, width="stretch", alt=f"The photo, predicted {called}")
    with st.spinner("Looking"):
        heat, overlay = gradcam.overlay(trained, image, asked)
    right.image(overlay, width="stretch", alt=f"The photo with the Grad-CAM heatmap of {asked}")
    if not heat.any():
        st.caption(f"Nothing in this photo raised the score of {asked.row.title}.")
    if truth:
        st.markdown(f"Predicted {label_badge(called)}, true label {label_badge(truth)}", unsafe_allow_html=True)
    st.html(bars(probabilities))
    st.caption(f"{gradcam.CAPTION} Photo: {plain(name)}")


def bars(probabilities: Mapping[Label, float]) -> str:
    """The probability of each label as a bar in its colour, as HTML."""
    return "".join(
        f'<div style="display:flex;align-items:center;gap:.6rem;margin:.2rem 0">'
        f'<span style="width:7rem">{SYMBOLS[label]} {label.row.title}</span>'
        f'<span style="flex:1;background:rgba(128,128,128,.18);border-radius:.3rem">'
        f'<span style="display:block;height:.9rem;width:{100 * share:.2f}%;background:{COLOURS[label]};'
        f'border-radius:.3rem"></span></span>'
        f'<span style="width:3.6rem;text-align:right">{confidence(share)}</span></div>'
        for label, share in probabilities.items()
    )
