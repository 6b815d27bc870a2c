"""Delete a run, its network, or both: asked first, with who would miss them."""

from __future__ import annotations

import streamlit as st

from core.live import engine
from core.store import paths, runs
from core.store.runs import Run
from core.text.markup import plain
from core.training.lifecycle import unpublish
from core.ui.common.parts import part
from core.ui.runs import confirm

_RUN, _NETWORK, _BOTH = "The run", "Its network", "Both"


@st.dialog("Delete this run?")
def ask(run_id: str) -> None:
    """For a run that is not at work."""
    run = runs.get(run_id)
    st.markdown(f"**{plain(run.name)}**")
    model = model_of(run)
    what = st.radio("Delete", [_RUN, _NETWORK, _BOTH], horizontal=True, key=f"delete_{run_id}") if model else _RUN
    if what != _NETWORK:
        st.markdown(f"runs/{run_id} goes, with its settings, curves, log and predictions.")
    if model and what != _RUN:
        _network_goes(model)
    with part():
        if confirm.buttons("Delete"):
            _delete(run, model if what != _RUN else None, what != _NETWORK)


@st.dialog("Delete this network?")
def ask_network(model: str) -> None:
    """For a network whose run is gone."""
    _network_goes(model)
    with part():
        if confirm.buttons("Delete"):
            unpublish.delete(model)
            st.rerun()


def networks_without_run() -> None:
    """The networks whose run is gone, which no run's page can delete; nothing where there is none."""
    names = [path.name for path in unpublish.without_run()]
    if not names:
        return
    with st.expander(f"Networks without a run here ({len(names)})"):
        name = st.selectbox("Network", names, key="network_without_run", filter_mode=None)
        if st.button("Delete network", icon=":material/delete:"):
            ask_network(name)


def model_of(run: Run) -> str | None:
    """The file name of a run's network, where it is still in models/."""
    result = run.summary()
    return result.model if result and (paths.models_dir() / result.model).is_file() else None


def _network_goes(model: str) -> None:
    st.markdown(f"models/{plain(model)} goes: Live, Evaluate, `classify` and export no longer have it.")
    if makers := unpublish.made_by(model):
        st.caption("Made by " + ", ".join(plain(run.name) for run in makers) + ".")
    if viewers := engine.watching(paths.models_dir() / model):
        st.warning(f"Live is showing it to {viewers} viewer{'s' * (viewers > 1)} now.")
    if needed := unpublish.needed_by(model):
        names = ", ".join(plain(run.name) for run in needed)
        st.warning(f"Runs that begin with it and have not finished can't be resumed without it: {names}.")


def _delete(run: Run, model: str | None, whole: bool) -> None:
    if model:
        unpublish.delete(model)
    if whole:
        runs.delete(run)
        # Its tab is in the address too, which clear() would not take away.
        st.query_params.from_dict({})
    st.rerun()
