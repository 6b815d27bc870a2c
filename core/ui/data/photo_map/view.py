"""The Data page's map of photos: chosen network, drawing it in the background, and the way into the grid."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data.collect import sources
from core.data.dataset.scan import EXCLUDED, Photo, Scan
from core.data.images import thumbnail
from core.evaluation.photo_map import answers, kept, worker
from core.evaluation.photo_map.answers import Answer, Asked
from core.networks import model_info, pretrained
from core.schema.errors import UserError
from core.schema.labels import SYMBOLS
from core.schema.train_config import IMAGENET, STARTER_BACKBONE
from core.store.job_state import State
from core.text.markup import plain
from core.text.numbers import confidence, duration
from core.ui.common import cached_reads, model_picker
from core.ui.common.parts import part
from core.ui.data import browser_actions
from core.ui.data import view as data_view
from core.ui.data.grid import chosen
from core.ui.data.photo_map import colours, component
from core.ui.data.photo_map.colours import Colouring
from core.ui.training_form import settings

_NETWORK, _COLOUR, _ASKED, _NEWS, _LEAVES = "map_network", "map_colour", "map_asked", "map_news", "map_leaves"
_SIDE = 160
_LABEL, _PERSON, _SOURCE, _SPLIT, _ERROR = "label", "person", "source", "split", "right or wrong"
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
    network = _network()
    if network is None:
        st.info("There is no network to look at the photos: train one on Home.", icon=":material/model_training:")
        return
    with part():
        state = worker.job_of(scan.root, network).state
        places = kept.places(scan.root, network)
        if state and state.active:
            _watch(scan.root, network)
        else:
            _ended(state)
            _offer(scan, network, places)
        if places:
            _map(scan, network, places)


def _network() -> str | None:
    """The one that looks at the photos."""
    names = [path.name for path in cached_reads.model_files(starter_first=True)]
    titles = model_picker.titles(names)
    if pretrained.imagenet_file(STARTER_BACKBONE).exists():
        names, titles = [*names, IMAGENET], titles | {IMAGENET: "An ImageNet network, which knows no masks"}
    if not names:
        return None
    if st.session_state.get(_NETWORK) not in names:
        st.session_state[_NETWORK] = names[0]
    return st.selectbox(
        "Seen by", names, names.index(st.session_state[_NETWORK]), format_func=titles.__getitem__, key=_NETWORK,
        persist_state="session", help="The network whose features lay out the map.", width=320,
    )  # fmt: skip


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
    job = worker.job_of(root, network)
    state = job.state
    if state is None or not state.active:
        st.rerun()
    counted = f": {state.done:,} of {state.total:,}" if state.total else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(state.progress, f"{plain(state.message)}{counted}")
        if st.button("Stop", icon=":material/stop:", key="map_stop"):
            try:
                job.stop()
            except UserError:
                # It has ended since this was drawn.
                st.rerun()
            st.toast("Asked to stop drawing the map. What was looked at is kept.")


def _ended(state: State | None) -> None:
    if news := st.session_state.pop(_NEWS, ""):
        st.warning(plain(news), icon=":material/error:")
    if state and state.status == "failed":
        st.error(plain(f"Drawing the map failed: {state.message}"), icon=":material/error:")
    elif state and state.status == "stopped":
        st.info("Drawing the map was stopped.", icon=":material/pause_circle:")


@st.fragment
def _map(scan: Scan, network: str, places: Mapping[str, tuple[float, float]]) -> None:
    """The points and what they mean; another colour redraws no more than this."""
    with part():
        photos = [photo for photo in scan.photos if photo.digest in places]
        colour, colouring, about, said = _coloured(scan, network, photos)
        view = _view(network, photos, places)
        if news := st.session_state.pop(_NEWS, ""):
            st.warning(plain(news), icon=":material/error:")
        component.draw(
            view, np.array([places[photo.digest] for photo in photos]), colour, colouring,
            lambda: _acted(scan.root, view, photos),
        )  # fmt: skip
        if st.session_state.pop(_LEAVES, False):
            st.rerun()
        _picture(scan.root, view, photos, colour, said)
        st.caption(plain(" ".join([*about, _MEANS, *_learnt(network, photos), *_left_out(scan)])))


@st.fragment
def _picture(root: Path, view: str, photos: Sequence[Photo], colour: str, said: Mapping[str, Answer]) -> None:
    """The photo that is pointed at: it alone is drawn anew."""
    found = component.pointed(view, len(photos))
    if found is None:
        component.tell_picture(None, colour, None, ())
        return
    photo = photos[found.place]
    [picture] = thumbnail.thumbnails([root / photo.file], _SIDE)
    words = [f"{SYMBOLS[photo.label]} {photo.label}", photo.file]
    if answer := said.get(photo.file):
        verdict = "right" if answer.said == photo.label else "wrong"
        words.insert(1, f"{verdict}: said {answer.said} ({confidence(answer.probability)})")
    component.tell_picture(found, colour, picture, words)


def _coloured(
    scan: Scan, network: str, photos: Sequence[Photo]
) -> tuple[str, Colouring, list[str], Mapping[str, Answer]]:
    """What the points are coloured by, with a name for it; sentences on what that is; and answers of the network whose
    errors are shown."""
    told = sources.read(scan.root)
    own = answers.asked(scan.root)
    ways = [
        _LABEL, *([_PERSON] if any(photo.folder for photo in photos) else []),
        *([_SOURCE] if any(photo.file in told for photo in photos) else []), _SPLIT, *([_ERROR] if own else []),
    ]  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get(_COLOUR) not in ways:
            st.session_state[_COLOUR] = _LABEL
        way = st.selectbox(
            "Colour by", ways, ways.index(st.session_state[_COLOUR]), key=_COLOUR, persist_state="session", width=180
        )
        asked = _asked(own) if way == _ERROR else None
    if way == _PERSON:
        return way, colours.by_name([photo.folder for photo in photos]), [], {}
    if way == _SOURCE:
        return way, colours.by_name([told.get(photo.file, "") for photo in photos]), [], {}
    if way == _SPLIT:
        parts, about = _parts(scan, network, own)
        return f"{way} {about}", colours.by_part(photos, parts), [about], {}
    if asked:
        said = answers.of(asked)
        about = (
            f"Right or wrong: what {asked.name} said at its operating point of photos that it had not learnt from, "
            "against their labels as they are now."
        )
        return f"{way} {asked.key}", colours.by_error(photos, said), [about], said
    return way, colours.by_label(photos), [], {}


def _asked(own: Sequence[Asked]) -> Asked:
    """The network whose errors are shown."""
    by_key = {asked.key: asked for asked in own}
    if st.session_state.get(_ASKED) not in by_key:
        st.session_state[_ASKED] = next(iter(by_key))
    key = st.selectbox(
        "Network", list(by_key), list(by_key).index(st.session_state[_ASKED]), key=_ASKED, persist_state="session",
        format_func=lambda key: by_key[key].name, width=320,
    )  # fmt: skip
    return by_key[key]


def _parts(scan: Scan, network: str, own: Sequence[Asked]) -> tuple[Mapping[str, str], str]:
    """File -> part, and whose split it is. Raises UserError where the photos can't be split."""
    for asked in own:
        made = [run for run in asked.runs if (report := run.report()) and report.model == network]
        if made:
            one = Asked(made[0].name, (made[0],))
            return answers.parts(one), f"Split: the parts that {one.name} was trained, chosen and tested on."
    first, second = settings.value("split", (70, 90))
    shares = (first / 100, (second - first) / 100, (100 - second) / 100)
    return (
        cached_reads.split_parts(scan, shares, int(settings.value("seed", 0))),
        "Split: as the form on Home would make it now.",
    )


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
        data_view.open_photos()
        # No more than this fragment would be drawn anew.
        st.session_state[_LEAVES] = True
