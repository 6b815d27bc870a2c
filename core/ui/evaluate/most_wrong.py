"""Evaluate's gallery of the test photos that a network gets wrong. Only test photos: those of training would show what
it has learned by heart."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from core.data.images.decode import decode
from core.evaluation.one_run import predictions as saved
from core.evaluation.one_run.predictions import Predictions
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT
from core.store.runs import Run
from core.ui.common.photo_detail import Prediction
from core.ui.evaluate import photo_grid, wrong
from core.ui.evaluate.photo_grid import Card
from core.ui.evaluate.subject import Subject

_SHOWN, _THUMBNAIL, _FEW = 24, 160, 10
_ALL = "All"
_LABEL, _PASSED, _STOPPED = "Wrong label", "Wrong pass", "Wrong stop"
_SAID = {
    _LABEL: "get a wrong label", _PASSED: "pass without a well-worn mask", _STOPPED: "wear a mask well and are stopped",
}  # fmt: skip


def show(run: Run, subject: Subject) -> None:
    """The test photos that a run's network, the `subject`, gets wrong, the worst first."""
    own = saved.of_run(run, "test")
    left, right = st.columns(2)
    kind = left.segmented_control("Mistake", list(_SAID), default=_LABEL, required=True, key="wrong_kind",
                                  help="Pass and stop are decisions at the operating point.")  # fmt: skip
    labels = [_ALL, *(str(label) for label in own.classes if (own.true == str(label)).any())]
    label = right.segmented_control("True label", labels, default=_ALL, required=True, key="wrong_label")
    asked = np.ones(len(own), bool) if label == _ALL else own.true == label
    order = worst_first(own)
    order = order[(asked & mistaken(own, subject.info.operating_point)[kind])[order]]
    _count(len(order), int(asked.sum()), kind)
    _grid(own, order, run, subject)


def worst_first(own: Predictions) -> np.ndarray:
    """The photos whose label the model knows, by falling loss: the negative logarithm of the true label's
    probability."""
    names = [str(label) for label in own.classes]
    known = np.flatnonzero(np.isin(own.true, names))
    columns = [names.index(label) for label in own.true[known]]
    return known[np.argsort(own.probability[known, columns], kind="stable")]


def mistaken(own: Predictions, point: OperatingPoint) -> dict[str, np.ndarray]:
    """For each kind of mistake whether each photo (n,) is one: by the likeliest label, and by the decisions at the
    operating point."""
    compliant, passed = own.true == str(COMPLIANT), point.passes(own.mask_probability)
    return {_LABEL: own.guess != own.true, _PASSED: passed & ~compliant, _STOPPED: ~passed & compliant}


def _count(found: int, of: int, kind: str) -> None:
    if not found:
        st.success(f"None of {of:,} test photos {_SAID[kind]}.", icon=":material/check:")
        return
    few = " So few say little about where it is weak." if found < _FEW else ""
    st.markdown(f"**{found:,} of {of:,}** test photos {_SAID[kind]}. The worst first.{few}")


def _grid(own: Predictions, order: np.ndarray, run: Run, subject: Subject) -> None:
    key = f"wrong_shown_{run.id}"
    shown = st.session_state.get(key, _SHOWN)
    passes = subject.info.operating_point.passes(own.mask_probability)
    photo_grid.show([_card(own, int(place), run, bool(passes[place])) for place in order[:shown]], subject)
    if len(order) > shown and st.button(f"Show {min(_SHOWN, len(order) - shown)} more", icon=":material/expand_more:"):
        st.session_state[key] = shown + _SHOWN
        st.rerun()


def _card(own: Predictions, place: int, run: Run, passes: bool) -> Card:
    path = run.config.folder / own.files[place]
    probabilities = dict(zip(own.classes, own.probability[place].tolist(), strict=True))
    prediction = Prediction(
        own.files[place], partial(decode, path), probabilities, str(own.true[place]), passes,
        wrong.in_dataset(run.config.folder, own.files[place]),
    )  # fmt: skip
    return Card(partial(_square, path), prediction, "")


def _square(path: Path) -> bytes:
    return _kept_square(str(path), path.stat().st_mtime_ns)


@st.cache_data(max_entries=1000, show_spinner=False)
def _kept_square(path: str, mtime_ns: int) -> bytes:
    """`mtime_ns` keys the cache. Raises PhotoError."""
    return photo_grid.square(decode(Path(path), wanted_side=_THUMBNAIL))
