"""The front page's parts: counts, the next step for this user, drawn demo faces, last results."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import streamlit as st

from core.networks import pretrained as weights
from core.networks.registry import DEFAULT
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.presets import REPORT_A_SCRATCH
from core.store import paths
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import percent
from core.training.lifecycle import launch
from core.ui.common import cached_reads
from core.ui.common.page import numbers
from core.ui.runs.progress import active_runs, run_link
from core.ui.training_form import form

DEMO = "drawn_faces"
_RESULTS = 5
# Small enough to be trained in a minute or two on a laptop's CPU, with ImageNet weights or without.
_DEMO_PHOTOS, _DEMO_PEOPLE = 60, 40
_DEMO_TRAINED = {"backbone": DEFAULT, "mode": "retrain", "image_size": 96, "batch_size": 16, "epochs": 6}
_DEMO_SCRATCH = {
    "backbone": REPORT_A_SCRATCH, "image_size": 96, "batch_size": 16, "epochs": 20, "learning_rate": 5e-4,
}  # fmt: skip


def counts(datasets: Sequence[Path], all_runs: Sequence[Run]) -> None:
    """How many datasets, runs and networks there are."""
    finished = sum(run.state.status == "finished" for run in all_runs)
    numbers(
        ("Photo folders", len(datasets)),
        ("Finished runs", f"{finished} of {len(all_runs)}"),
        ("Trained networks", len(cached_reads.own_model_files())),
    )


def next_step(datasets: Sequence[Path], all_runs: Sequence[Run]) -> None:
    """One sentence and one thing to press: what this user would do next."""
    classes = {len(result.labels) for run in all_runs if (result := run.summary())}
    with st.container(border=True):
        st.subheader("Next step")
        if not datasets and not all_runs:
            _no_photos()
        elif not classes and not active_runs():
            st.write("Look through your photos, then press **Train** in the sidebar.")
            st.page_link("pages/1_Data.py", label="Look at the photos", icon=":material/photo_library:")
            _demo_button()
        elif not classes:
            st.write("Your first network is being trained. Watch it, or come back later: it goes on without you.")
            run_link(active_runs()[0], "Watch it")
        elif classes == {3}:
            st.write("Train the same photos once more with **Train on wrong_mask too** switched off, then compare.")
        elif classes == {2}:
            st.write("If you have photos of wrongly worn masks, train with them and compare.")
        else:
            st.write("You have networks with and without wrong_mask: see what the third label gains.")
            st.page_link("pages/3_Compare.py", label="Compare them", icon=":material/compare_arrows:")
        if classes:
            st.page_link("pages/5_Live.py", label="Try it on your webcam", icon=":material/videocam:")
        elif paths.STARTER_FILE.exists():
            st.page_link("pages/5_Live.py", label="Try the starter network on your webcam", icon=":material/videocam:")


def last_results(all_runs: Sequence[Run]) -> None:
    """The newest finished runs with their test accuracy and its interval."""
    finished = list(islice(((run, result) for run in all_runs if (result := run.summary())), _RESULTS))
    if not finished:
        return
    st.subheader("Last results")
    for run, result in finished:
        low, high = result.interval
        with st.container(border=True):
            run_link(run)
            st.markdown(
                f"Test accuracy **{percent(result.test)}** on {result.tested} photos "
                f"(95 % interval {percent(low)} to {percent(high)})"
            )


def demo_button_pressed() -> None:
    """Make the drawn faces and start on them, before the form is drawn."""
    if not st.session_state.pop("make_demo", False):
        return
    folder = paths.home() / "datasets" / DEMO
    if not folder.exists():
        bar = st.progress(0.0, "Drawing faces")
        from core.data.synthetic.demo import make_dataset

        make_dataset(folder, _DEMO_PHOTOS, _DEMO_PEOPLE, progress=lambda done, total: bar.progress(done / total))
        bar.empty()
    form.choose_dataset(folder)
    st.session_state["form_started"] = launch.start(_demo_config(folder)).id


def _demo_config(folder: Path) -> configs.TrainConfig:
    pretrained = configs.make(configs.fill_in(_DEMO_TRAINED | {"dataset": str(folder)}))
    try:
        weights.check(pretrained)
        return pretrained
    except UserError:
        return configs.make(configs.fill_in(_DEMO_SCRATCH | {"dataset": str(folder)}))


def _no_photos() -> None:
    st.write(
        f"Put your photos into {plain(str(paths.datasets_dir()))}/my_photos/ with one folder per label (`mask`, "
        "`no_mask` and, if you have it, `wrong_mask`), or give another folder's path in the sidebar. No photos at hand?"
    )
    _demo_button()


def _demo_button() -> None:
    if st.button("Use drawn demo faces", icon=":material/draw:",
                 help="Draws 180 faces and trains a small network on them in a minute or two."):  # fmt: skip
        st.session_state["make_demo"] = True
        st.rerun()
