"""The Data page's map of photos: drawn in the background, shown, and the way from it into the grid."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data.dataset.scan import EXCLUDED, Photo, Scan
from core.data.images import thumbnail
from core.evaluation.photo_map import kept, worker
from core.networks import model_info, pretrained
from core.schema.errors import UserError
from core.schema.labels import SYMBOLS
from core.schema.train_config import IMAGENET
from core.store.job_state import State
from core.text.markup import plain
from core.text.numbers import confidence, duration
from core.ui.common import cached_reads
from core.ui.common.parts import job_ended, job_progress, part
from core.ui.data import browser_actions
from core.ui.data import view as data_view
from core.ui.data.grid import chosen
from core.ui.data.photo_map import choice, component
from core.ui.data.photo_map.choice import Colour, Shown

_NEWS, _LEAVES = "map_news", "map_leaves"
_SIDE = 160
_MEANS = (
    "A t-SNE puts photos side by side that look alike to the network. Neighbours mean something; how far apart distant "
    "groups are, how large a group is and where it lies mean nothing."
)


def show(folder: Path) -> None:
    """The map of one dataset, or the button that draws it."""
    scan = cached_reads.scan(folder)
    different = {photo.digest for photo in scan.photos}
    if len(different) < kept.LEAST:
        have = "none yet" if not different else "only one" if len(different) == 1 else f"{len(different)}"
        st.info(
            f"A map takes {kept.LEAST} different photos at least, and here there is {have}: among fewer, neighbours "
            "say nothing. Add photos first.",
            icon=":material/scatter_plot:",
        )
        return
    _shown(scan)


@st.fragment
def _shown(scan: Scan) -> None:
    """The map as one network sees it; another network or colour redraws no more than this."""
    with part():
        above = st.container(horizontal=True, vertical_alignment="bottom")
        with above:
            network = choice.network()
        if network is None:
            st.info("There is no network to look at the photos: train one on Home.", icon=":material/model_training:")
            return
        state = worker.job_of(scan.root, network).state
        places = kept.places(scan.root, network)
        if state and state.active:
            _watch(scan.root, network)
        else:
            _ended(state)
            _offer(scan, network, places)
        if places:
            with above:
                colour = choice.colour(scan)
            _map(scan, network, places, colour)


def _offer(scan: Scan, network: str, places: Mapping[str, Any]) -> None:
    """Say what is not on the map, with the button that draws it."""
    wanted = set(kept.wanted({photo.file: photo.digest for photo in scan.photos}))
    new = wanted - places.keys()
    if places and not new:
        return
    if places:
        count = sum(photo.digest in new for photo in scan.photos)
        are = "1 photo is" if count == 1 else f"{count:,} photos are"
        st.info(f"{are} not on the map yet: draw it again.", icon=":material/add_photo_alternate:")
    else:
        st.markdown("All photos at once, as a network sees them: odd ones, wrong labels and what is missing stand out.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Draw it again" if places else "Draw the map", type="secondary" if places else "primary",
            icon=":material/scatter_plot:", key="map_draw", on_click=_start, args=(scan.root, network),
        )  # fmt: skip
        st.caption(f"Takes about {duration(worker.estimate(len(wanted), len(new)))}, in the background.")


def _start(root: Path, network: str) -> None:
    try:
        worker.start(root, network)
    except UserError as error:
        st.session_state[_NEWS] = str(error)


@st.fragment(run_every=1.0)
def _watch(root: Path, network: str) -> None:
    """The part that moves; redraws the whole page once when the work has ended."""
    if job_progress(worker.job_of(root, network), "map_stop"):
        st.toast("Asked to stop drawing the map. What is done so far is kept.")


def _ended(state: State | None) -> None:
    if news := st.session_state.pop(_NEWS, ""):
        st.warning(plain(news), icon=":material/error:")
    job_ended(state, "Drawing the map")


def _map(scan: Scan, network: str, places: Mapping[str, tuple[float, float]], colour: Colour) -> None:
    """The points and what they mean."""
    photos = [photo for photo in scan.photos if photo.digest in places]
    shown = choice.coloured(scan, network, photos, colour)
    view = _view(network, photos, places)
    component.draw(
        view, np.array([places[photo.digest] for photo in photos]), shown.key, shown.colouring,
        lambda: _acted(scan.root, view, photos),
    )  # fmt: skip
    if st.session_state.pop(_LEAVES, False):
        st.rerun()
    _picture(scan.root, view, photos, shown)
    st.caption(plain(" ".join([*shown.about, _MEANS, *_learnt(network, photos), *_left_out(scan)])))


@st.fragment
def _picture(root: Path, view: str, photos: Sequence[Photo], shown: Shown) -> None:
    """The photo that is pointed at: it alone is drawn anew."""
    found = component.pointed(view, len(photos))
    if found is None:
        component.tell_picture(None, shown.key, None, ())
        return
    photo = photos[found.place]
    [picture] = thumbnail.thumbnails([root / photo.file], _SIDE)
    words = [f"{SYMBOLS[photo.label]} {photo.label}", photo.file]
    if answer := shown.said.get(photo.file):
        verdict = "right" if answer.said == photo.label else "wrong"
        words.insert(1, f"{verdict}: said {answer.said} ({confidence(answer.probability)})")
    component.tell_picture(found, shown.key, picture, words)


def _learnt(network: str, photos: Sequence[Photo]) -> list[str]:
    """What to think of photos that the network knows."""
    if network == IMAGENET:
        return []
    seen = model_info.read(pretrained.trained_file(network)).seen
    count = sum(photo.digest in seen for photo in photos)
    if not count:
        return ["The network has learnt from none of these photos."]
    return [
        f"The network was trained or chosen on {count:,} of these {len(photos):,} photos: those lie better apart than "
        "new ones would."
    ]


def _left_out(scan: Scan) -> list[str]:
    found = []
    excluded = sum(item.reason == EXCLUDED for item in scan.refused)
    if unreadable := len(scan.refused) - excluded:
        files = "1 unreadable file is" if unreadable == 1 else f"{unreadable:,} unreadable files are"
        found.append(f"{files} left out: Photos shows why.")
    if excluded:
        found.append(f"{'1 photo' if excluded == 1 else f'{excluded:,} photos'} excluded by hand also.")
    if (different := len({photo.digest for photo in scan.photos})) > kept.MOST:
        found.append(f"Of {different:,} photos {kept.MOST:,}, drawn at random, are on the map.")
    return found


def _view(network: str, photos: Sequence[Photo], places: Mapping[str, tuple[float, float]]) -> str:
    """Tells these points from all others."""
    said = repr((network, [(photo.file, places[photo.digest]) for photo in photos]))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def _acted(root: Path, view: str, photos: Sequence[Photo]) -> None:
    """Do what the browser sent: open the grid with photos of this view."""
    for action in browser_actions.new(component.KEY):
        numbers = action.get("places")
        if action.get("kind") != "grid" or not isinstance(numbers, list):
            continue
        picked = {number for number in numbers if isinstance(number, int) and 0 <= number < len(photos)}
        if action.get("value") != view or not picked:
            st.session_state[_NEWS] = "The photos have changed meanwhile: select them again."
            continue
        chosen.put(root, (photos[number].file for number in picked))
        data_view.open_view("Photos")
        # No more than this fragment would be drawn anew.
        st.session_state[_LEAVES] = True
