"""Drawn faces for whoever has no photos at hand, and a small network trained on them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.networks import pretrained as weights
from core.networks.registry import DEFAULT
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.presets import REPORT_A_SCRATCH
from core.store import paths
from core.training.lifecycle import launch
from core.ui.training_form import form, settings

_NAME, _PRESSED = "drawn_faces", "make_demo"
# Small enough to be trained in a minute or two on a laptop's CPU, with ImageNet weights or without.
_PHOTOS, _PEOPLE = 60, 40
_TRAINED = {"backbone": DEFAULT, "mode": "retrain", "image_size": 96, "batch_size": 16, "epochs": 6}
_SCRATCH = {
    "backbone": REPORT_A_SCRATCH, "image_size": 96, "batch_size": 16, "epochs": 20, "learning_rate": 5e-4,
}  # fmt: skip


def button() -> None:
    """The button; what it asks for is made before the page is drawn again."""
    if st.button("Use drawn demo faces", icon=":material/draw:",
                 help="Draws 180 faces and trains a small network on them in a minute or two."):  # fmt: skip
        st.session_state[_PRESSED] = True
        st.rerun()


def make_if_pressed() -> None:
    """Draw the faces, make them the form's photos, start a training on them and go to it."""
    if not st.session_state.pop(_PRESSED, False):
        return
    folder = paths.home() / "datasets" / _NAME
    if not folder.exists():
        bar = st.progress(0.0, "Drawing faces")
        from core.data.synthetic.demo import make_dataset

        make_dataset(folder, _PHOTOS, _PEOPLE, progress=lambda done, total: bar.progress(done / total))
        bar.empty()
    settings.choose_dataset(folder)
    form.watch({"run": launch.start(_config(folder)).id})


def _config(folder: Path) -> configs.TrainConfig:
    pretrained = configs.make(configs.fill_in(_TRAINED | {"dataset": str(folder)}))
    try:
        weights.check(pretrained)
        return pretrained
    except UserError:
        return configs.make(configs.fill_in(_SCRATCH | {"dataset": str(folder)}))
