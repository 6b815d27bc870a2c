"""What the chosen network can say: its labels, and who passes."""

from __future__ import annotations

import streamlit as st

from core.evaluation.wording.operating_words import chosen, pass_at
from core.evaluation.wording.sentences import price
from core.inference.predictor import Predictor
from core.text.numbers import threshold
from core.ui.common.page import label_badge

_NO_WRONG_MASK = "It was not trained on wrong_mask: a mask under the nose gets one of these two labels all the same."


def show(predictor: Predictor) -> None:
    """Labels and operating point in two lines, and what the operating point costs where that is much."""
    labels = " &nbsp; ".join(label_badge(label) for label in predictor.labels)
    st.html(f'<p style="margin:0">Labels: {labels}</p>')
    if len(predictor.labels) == 2:
        st.caption(_NO_WRONG_MASK)
    st.markdown(f"**{pass_at(predictor.operating_point)}**", help=_rule(predictor))
    if (report := predictor.info.report) and (dear := price(report.test)):
        st.warning(f"On its test photos: {dear[0].lower()}{dear[1:]}", icon=":material/door_open:")


def _rule(predictor: Predictor) -> str:
    point = predictor.operating_point
    return (
        f"A face with a probability of mask of at least {threshold(point.threshold)} is labelled mask and passes; any "
        f"other gets the likelier of the other labels and is stopped. {pass_at(point)}, {chosen(point)}. Grey means "
        f"that the frames do not agree yet, or that it is unsure.{_unsure(predictor)}\n\n{predictor.runtime}"
    )


def _unsure(predictor: Predictor) -> str:
    above = predictor.unsure_above
    return "" if above is None else f" It is unsure where its likeliest label gets less than {threshold(1 - above)}."
