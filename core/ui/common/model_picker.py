"""Choose a network of models/ and keep it loaded. It is loaded in a thread: the first one of a fresh machine takes
seconds, in which a page shows what it can."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.schema.errors import UserError
from core.schema.train_config import STARTER
from core.store import runs
from core.text.markup import plain
from core.ui.common import cached_reads, garbage

if TYPE_CHECKING:
    # Backends take a second to import, and a page that shows numbers needs none.
    from core.inference.predictor import Predictor

# What was loaded here before is there by then.
_PATIENCE = 0.5


@dataclass(frozen=True)
class Picked:
    """The chosen network's `name` and file; `kept` is where this session keeps the one that it has loaded; `exact` as
    Predictor takes it."""

    name: str
    path: Path | None
    kept: str
    exact: bool

    @property
    def loading(self) -> bool:
        """Whether it takes longer than a page can wait unseen; what keeps it from being loaded counts as there."""
        future = self._future()
        return future is not None and not wait([future], _PATIENCE).done

    def begin(self) -> None:
        """Load it meanwhile, for what this page will soon be asked."""
        self._future()

    def predictor(self) -> Predictor:
        """The network, waited for. One that was loaded in this session stays usable when its file is damaged or
        deleted, which the page then says. Raises UserError for a foreign or damaged file that was never loaded."""
        before = self.before
        try:
            loaded = self._wait()
        except UserError as error:
            if before is None:
                raise
            st.warning(f"{plain(str(error))} The network goes on as it was loaded before.", icon=":material/warning:")
            return before
        st.session_state[self.kept] = (self.name, loaded)
        return loaded

    @property
    def before(self) -> Predictor | None:
        """The network as this session has loaded it, from its file as it is now or as it was."""
        name, loaded = st.session_state.get(self.kept) or (None, None)
        return loaded if name == self.name else None

    def _wait(self) -> Predictor:
        future = self._future()
        if future is None:
            raise UserError(f"{self.name} is gone from models/: choose another network.")
        try:
            with st.spinner("Loading the network"):
                return future.result()
        except UserError:
            # It stays so until the file is another one.
            raise
        except Exception:
            _loading.clear()
            raise

    def _future(self) -> Future[Predictor] | None:
        try:
            stat = self.path.stat() if self.path else None
        except OSError:
            stat = None
        return _loading(str(self.path), stat.st_mtime_ns, stat.st_size, self.exact) if stat else None


def pick_model(key: str, starter_first: bool = True, exact: bool = False) -> Picked | None:
    """The chosen network, which is loaded or begins to be, `exact` where its numbers are shown; None (and what to do)
    when there is none. `?<key>=NAME`, without .pth, is a deep link."""
    found = {path.name: path for path in cached_reads.model_files(starter_first)}
    kept: tuple[str, Predictor] | None = st.session_state.get(f"{key}_loaded")
    names = [*found, *((kept[0],) if kept and kept[0] not in found else ())]
    if not names:
        st.info("There is no trained network yet. Train one; it then appears here.", icon=":material/model_training:")
        st.page_link("Home.py", label="Go to Home and train", icon=":material/arrow_forward:")
        return None
    _follow_address(key, names)
    name = st.selectbox(
        "Network", names, names.index(st.session_state[key]), format_func=titles(names).__getitem__, key=key,
        persist_state="session",
        help="Networks that were trained here, the newest first, and the starter network that ships with Mask Lab.",
    )  # fmt: skip
    _write_address(key, name)
    return Picked(name, found.get(name), f"{key}_loaded", exact)


def _follow_address(key: str, names: list[str]) -> None:
    """Choose what the address names, where it is not what this session wrote last: a link was followed."""
    asked = st.query_params.get(key)
    if asked and asked != st.session_state.get(f"{key}_address"):
        if f"{asked}.pth" in names:
            st.session_state[key] = f"{asked}.pth"
        else:
            st.warning(f"There is no network {plain(asked)} in models/: choose another one.", icon=":material/warning:")
    if st.session_state.get(key) not in names:
        st.session_state[key] = names[0]


def _write_address(key: str, name: str) -> None:
    short = st.session_state[f"{key}_address"] = name.removesuffix(".pth")
    if st.query_params.get(key) != short:
        st.query_params[key] = short


def titles(names: list[str]) -> dict[str, str]:
    """What each network's file is called: as its run is, with the day where another one is called so too."""
    made = {result.model: run for run in runs.every() if (result := run.summary())}
    other = {name: name.removesuffix(".pth") for name in names} | {STARTER: "Starter network"}
    called = {name: made[name].name if name in made else other[name] for name in names}
    often = Counter(called.values())
    return {
        name: f"{title}, {made[name].created:%d %b %Y, %H:%M:%S}" if often[title] > 1 and name in made else title
        for name, title in called.items()
    }


@st.cache_resource(max_entries=3, show_spinner=False)
def _loading(path: str, mtime_ns: int, size: int, exact: bool) -> Future[Predictor]:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    future: Future[Predictor] = Future()

    def load() -> None:
        try:
            from core.inference.predictor import Predictor

            predictor = Predictor(Path(path), exact)
            # Live runs three fragments per second, and collecting garbage holds up the video.
            garbage.pass_over_network()
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(predictor)

    threading.Thread(target=load, daemon=True, name="load a network").start()
    return future
