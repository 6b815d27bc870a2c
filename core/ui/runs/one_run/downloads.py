"""What a finished run offers as files: its network, that network for other programs, its report, and its tables."""

from __future__ import annotations

import io
import tempfile
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import streamlit as st

from core.schema.errors import UserError
from core.store import paths
from core.store.runs import Run
from core.text.markup import plain
from core.ui.common import report_button


def show(run: Run, model: str | None) -> None:
    """The files; `model` is the name of the run's network, None where it is gone from models/."""
    if model:
        path = paths.models_dir() / model
        _file("Network (.pth)", path, "application/octet-stream")
        _exported(path)
    else:
        st.caption("The network is gone from models/.")
    for label, path in (("Curves (CSV)", run.metrics_file), ("Predictions (CSV)", run.predictions_file)):
        if path.exists():
            _file(label, path, "text/csv", f"{run.id}-{path.name}")
    if run.report_file.exists():
        report_button.show([run])


def _file(label: str, path: Path, kind: str, name: str = "") -> None:
    # Read when it is asked for, not each time that the page is drawn.
    st.download_button(
        label, path.read_bytes, file_name=name or path.name, mime=kind, key=f"download_{path.name}",
        icon=":material/download:", on_click="ignore", width="stretch",
    )  # fmt: skip


def _exported(path: Path) -> None:
    stat, key = path.stat(), "exported"
    stamp = (str(path), stat.st_mtime_ns)
    if st.button(
        "Make ONNX and OpenVINO files", icon=":material/deployed_code:", width="stretch",
        help="The network for programs without Mask Lab. Takes some seconds.",
    ):  # fmt: skip
        with st.spinner("Exporting the network"):
            try:
                st.session_state[key] = (stamp, _export(path))
            except UserError as error:
                st.error(plain(str(error)))
    made, files = st.session_state.get(key, (None, {}))
    if made != stamp:
        return
    for name, data in files.items():
        st.download_button(
            name, data, file_name=f"{path.stem}.{'onnx' if name == 'ONNX' else 'openvino.zip'}", key=f"download_{name}",
            mime="application/octet-stream", icon=":material/download:", on_click="ignore", width="stretch",
        )  # fmt: skip


def _export(path: Path) -> dict[str, bytes]:
    # Only now: both import torch.
    checkpoint, export = (import_module(f"core.{name}") for name in ("networks.checkpoint", "inference.export"))
    with tempfile.TemporaryDirectory() as folder:
        onnx, openvino = export.export(checkpoint.load(path), Path(folder))
        both = io.BytesIO()
        with ZipFile(both, "w") as archive:
            for part in (openvino, openvino.with_suffix(".bin")):
                archive.write(part, part.name)
        return {"ONNX": onnx.read_bytes(), "OpenVINO (.xml and .bin)": both.getvalue()}
