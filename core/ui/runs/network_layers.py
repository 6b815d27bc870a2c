"""A run's network: its layers by stage, what of it is trained, and its residual block as a drawing."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

import pandas as pd
import streamlit as st

from core.charts import network as charts
from core.store.runs import Run


def show(run: Run) -> None:
    """The network that the trainer has noted; of a run that has no such note, once it is asked for."""
    found = run.network()
    if found is None:
        st.caption("This run has no record of its network's layers.")
        if not st.button("Show the network", icon=":material/account_tree:"):
            return
        with st.spinner("Reading the network's layers"):
            found = _described(run)
    side = found["image_size"]
    st.markdown(
        f"**{found['backbone']}** ({found['mode']}) for {found['classes']} labels: {found['parameters']:,} parameters, "
        f"of which **{found['trained']:,} are trained**; {found['mult_adds'] / 1e9:.3f} billion multiply-adds for a "
        f"photo of {side} × {side} pixels."
    )
    st.dataframe(_stages(found), width="stretch", hide_index=True, height="content")
    if found["block"]:
        _block(found["block"])
    with st.expander("Every layer"):
        st.dataframe(_layers(found), width="stretch", hide_index=True)


def _described(run: Run) -> dict[str, Any]:
    # Only now: it imports torch.
    found = import_module("core.networks.layers").describe(run.config, run.classes).as_dict()
    # On a full disk it is looked through again next time.
    with suppress(OSError):
        run.write_network(found)
    return found


def _stages(found: dict[str, Any]) -> pd.DataFrame:
    rows = [{"stage": stage["name"], "layers": stage["made_of"], **_cells(stage)} for stage in found["stages"]]
    return pd.DataFrame(rows)


def _layers(found: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"stage": stage["name"], "layer": layer["name"], "kind": layer["kind"], **_cells(layer)}
            for stage in found["stages"]
            for layer in stage["layers"]
        ]
    )


def _cells(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "output": " × ".join(map(str, part["output"])),
        "parameters": f"{part['parameters']:,}",
        "multiply-adds (million)": f"{part['mult_adds'] / 1e6:,.1f}",
        "training": charts.training(part),
    }


def _block(found: dict[str, Any]) -> None:
    st.markdown(f"Its first {found['kind']}, `{found['name']}`: its output is added to its input.")
    st.graphviz_chart(charts.block(found), width="content", alt=f"The steps of a {found['kind']}")
