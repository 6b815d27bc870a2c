"""What is chosen on the map: the network that looks at the photos, and what the points are coloured by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from core.data.collect import sources
from core.data.dataset.scan import Photo, Scan
from core.evaluation.photo_map import answers
from core.evaluation.photo_map.answers import Answer, Asked
from core.networks import pretrained
from core.schema.train_config import IMAGENET, STARTER_BACKBONE
from core.ui.common import cached_reads, model_picker
from core.ui.data.photo_map import colours
from core.ui.data.photo_map.colours import Colouring
from core.ui.training_form import settings

_NETWORK, _COLOUR, _ASKED = "map_network", "map_colour", "map_asked"
_LABEL, _PERSON, _SOURCE, _SPLIT, _ERROR = "label", "person", "source", "split", "right or wrong"


class Colour(NamedTuple):
    """The `way` that was chosen; the networks of this dataset, and the one whose errors are shown."""

    way: str
    own: Sequence[Asked]
    asked: Asked | None


class Shown(NamedTuple):
    """The colours of all points, under a `key`; sentences on what they are, and answers of the network whose errors
    they show."""

    key: str
    colouring: Colouring
    about: tuple[str, ...] = ()
    said: Mapping[str, Answer] = {}


def network() -> str | None:
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


def colour(scan: Scan) -> Colour:
    """What the points shall be coloured by."""
    own = answers.asked(scan.root)
    told = sources.read(scan.root)
    ways = [
        _LABEL, *([_PERSON] if any(photo.folder for photo in scan.photos) else []),
        *([_SOURCE] if any(photo.file in told for photo in scan.photos) else []), _SPLIT, *([_ERROR] if own else []),
    ]  # fmt: skip
    if st.session_state.get(_COLOUR) not in ways:
        st.session_state[_COLOUR] = _LABEL
    way = st.selectbox(
        "Colour by", ways, ways.index(st.session_state[_COLOUR]), key=_COLOUR, persist_state="session", width=180
    )
    return Colour(way, own, _asked(own) if way == _ERROR else None)


def coloured(scan: Scan, network: str, photos: Sequence[Photo], chosen: Colour) -> Shown:
    """The points' groups. Raises UserError where a split or predictions can't be read."""
    way = chosen.way
    if way == _PERSON:
        return Shown(way, colours.by_name([photo.folder for photo in photos]))
    if way == _SOURCE:
        told = sources.read(scan.root)
        return Shown(way, colours.by_name([told.get(photo.file, "") for photo in photos]))
    if way == _SPLIT:
        parts, about = _parts(scan, network, chosen.own)
        return Shown(f"{way} {about}", colours.by_part(photos, parts), (about,))
    if asked := chosen.asked:
        said = answers.of(asked)
        about = (
            f"Right or wrong: what {asked.name} said at its operating point of photos that it had not learnt from, "
            "against their labels as they are now."
        )
        return Shown(f"{way} {asked.key}", colours.by_error(photos, said), (about,), said)
    return Shown(way, colours.by_label(photos))


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
