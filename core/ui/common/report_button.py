"""The button that writes a report of runs, and those that download what it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.report.write import Written, write
from core.schema.errors import UserError
from core.store.runs import Run
from core.text.markup import plain


def show(runs: Sequence[Run]) -> None:
    """For finished runs: write the page and the model cards into their folders, and offer them as downloads."""
    key = f"report_{'+'.join(run.id for run in runs)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Write report", icon=":material/description:", key=f"{key}_write")
        photos = st.toggle(
            "with photos", key=f"{key}_photos",
            help="Puts the most wrong test photos and some of each label into the report: it then shows people.",
        )  # fmt: skip
    if pressed:
        st.session_state[key] = _write(runs, photos)
    written: Written | None = st.session_state.get(key)
    # A run's folder may have been deleted since.
    if written and all(path.exists() for path in (written.page, *written.cards)):
        _downloads(runs, written, key)


def _write(runs: Sequence[Run], photos: bool) -> Written | None:
    bar = st.progress(0.0, "Writing the report")
    try:
        return write(runs, photos=photos, progress=lambda what, done, total: bar.progress(done / max(total, 1), what))
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    finally:
        bar.empty()


def _downloads(runs: Sequence[Run], written: Written, key: str) -> None:
    with st.container(horizontal=True):
        _download("Report (HTML)", written.page, f"mask-lab-{runs[0].id}.html", "text/html", f"{key}_page")
        for run, card in zip(runs, written.cards, strict=True):
            label = "Model card (Markdown)" if len(runs) == 1 else f"Model card of {plain(run.name)}"
            _download(label, card, f"model-card-{run.id}.md", "text/markdown", f"{key}_{run.id}")
    st.caption(plain(f"Written to {written.page}. It opens in a browser without Mask Lab and without a network."))


def _download(label: str, path: Path, name: str, kind: str, key: str) -> None:
    st.download_button(
        label, path.read_bytes, file_name=name, mime=kind, key=key, icon=":material/download:", on_click="ignore"
    )
