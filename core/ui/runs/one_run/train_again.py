"""Train a run's settings again on the version of the photos that it was given: asked first, with the photos that are
gone or changed since."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.data.dataset.versions import photos_of
from core.evaluation.versions import known
from core.evaluation.wording import version_words
from core.store import runs
from core.text.markup import one_line, plain
from core.training.lifecycle import launch
from core.ui.common import cached_reads
from core.ui.common.parts import part
from core.ui.training_form import form


@st.dialog("Train again on these photos?")
def ask(run_id: str) -> None:
    """For a run that tells which photos it was given."""
    with part():
        run = runs.get(run_id)
        version = known.read(run)
        config = run.config.model_copy(update={"version": version.id})
        found = photos_of.find(cached_reads.scan(config.folder.resolve()), version)
        st.markdown(f"**{plain(run.name)}** on {version_words.named(version.head)}.")
        _missing(found.missing, version.head.forgotten)
        without = f" without these {len(found.missing):,}" if found.missing else ""
        if st.button(f"Train{without}", type="primary", icon=":material/play_arrow:"):
            with st.spinner("Checking the photos"):
                started = launch.start(config, without_missing=True)
            form.watch({"run": started.id})


def _missing(missing: Mapping[str, str], forgotten: int) -> None:
    if forgotten:
        st.caption(f"{forgotten:,} photos of persons who were forgotten since are left out.")
    if not missing:
        st.caption("All of its photos are there. What was added, relabelled or moved since does not count.")
        return
    are = "photo is" if len(missing) == 1 else "photos are"
    st.warning(f"{len(missing):,} {are} gone or changed. Put them back, or train without them.", icon=":material/help:")
    rows = [{"file": one_line(file), "why": one_line(reason)} for file, reason in missing.items()]
    st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True, alt="Photos that are gone or changed")
