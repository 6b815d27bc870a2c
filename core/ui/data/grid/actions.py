"""What is done with selected photos, and how the last step is taken back. Steps and news stay in the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.collect import move_photos, photo_bin, sources
from core.data.collect.move_photos import Moved
from core.data.dataset import label_decisions
from core.data.dataset.label_decisions import Change, Choice, Decision
from core.schema.errors import UserError
from core.schema.labels import Label
from core.ui.data.grid import chosen

_STEPS, _NEWS, _MOVED = "grid_steps", "grid_news", "grid_moved"
_MOST_STEPS = 50


@dataclass(frozen=True)
class Step:
    """Something that was done in a dataset: in words, and what takes it back, which returns what it could not."""

    root: Path
    words: str
    take_back: Callable[[], str]
    binned: bool = False


def act(root: Path, action: Mapping[str, Any], files: Sequence[str]) -> None:
    """Do what the browser asked for with these photos of the dataset; what it does not know is passed over."""
    do(lambda: _act(root, action, files))


def do(act: Callable[[], None]) -> None:
    """Do it; what keeps it from being done is news."""
    try:
        act()
    except UserError as error:
        _tell(str(error))


def last(root: Path) -> Step | None:
    """The step that would be taken back."""
    return next((step for step in reversed(_steps()) if step.root == root), None)


def undo(root: Path) -> None:
    """Take back the last step; one that could not be done stays the last."""
    if step := last(root):
        try:
            _tell(step.take_back())
        except UserError as error:
            _tell(str(error))
        else:
            _steps().remove(step)


def put_back(root: Path) -> None:
    """All that is in the bin."""
    st.session_state[_MOVED] = True
    try:
        moved = photo_bin.put_back(root)
        _tell(_not_moved(moved))
        _forget_bin(root)
    except UserError as error:
        _tell(str(error))


def empty_bin(root: Path) -> None:
    """Delete for good what is in the bin, and the steps that would bring it back. Raises UserError."""
    photo_bin.empty(root)
    _forget_bin(root)


def files_moved() -> bool:
    """Whether files may have come, gone or moved since this was asked last."""
    return bool(st.session_state.pop(_MOVED, False))


def news() -> str:
    """What could not be done, once; empty where there is nothing to say."""
    return str(st.session_state.pop(_NEWS, ""))


def photos(count: int) -> str:
    """So many of them, in words."""
    return "1 photo" if count == 1 else f"{count:,} photos"


def _act(root: Path, action: Mapping[str, Any], files: Sequence[str]) -> None:
    """Raises UserError."""
    kind, value = action.get("kind"), str(action.get("value", ""))
    if not files:
        st.session_state[_MOVED] = True
        raise UserError("These photos are no longer there: somebody has moved or deleted them.")
    if kind == "relabel" and value in set(Label):
        _relabel(root, files, Label(value))
    elif kind == "exclude":
        _decided(root, files, [Decision(file, "exclude") for file in files], "excluded")
    elif kind == "move":
        moved(root, move_photos.to_person(root, files, value), f"moved to {value.strip()}")
    elif kind == "source":
        _sourced(root, files, " ".join(value.split())[: sources.MOST_NAME])
    elif kind == "bin":
        moved(root, photo_bin.throw(root, files), "put into the bin", binned=True)


def _relabel(root: Path, files: Sequence[str], label: Label) -> None:
    wanted = []
    for file in files:
        # What its folder says already is confirmed by hand.
        choice: Choice = "keep" if Decision(file, "keep").was == label else "relabel"
        wanted.append(Decision(file, choice, label if choice == "relabel" else None))
    _decided(root, files, wanted, f"labelled {label}")


def _decided(root: Path, files: Sequence[str], wanted: Sequence[Decision], deed: str) -> None:
    change = label_decisions.decide_many(root, wanted)
    if change.missing:
        st.session_state[_MOVED] = True
        _tell(f"{photos(len(change.missing))} of {len(files)} could not be {deed}: no longer there.")
    if change.made:
        _add(Step(root, f"{photos(len(change.made))} {deed}", lambda: _decisions_back(root, change)))


def _decisions_back(root: Path, change: Change) -> str:
    left = len(change.made) - label_decisions.take_back(root, change)
    return f"{photos(left)} not taken back: decided anew, moved or deleted since." if left else ""


def _sourced(root: Path, files: Sequence[str], source: str) -> None:
    if not source:
        raise UserError("Type where these photos come from, such as a camera, a site or a web set.")
    before = sources.read(root)
    sources.note(root, dict.fromkeys(files, source))
    words = f"source of {photos(len(files))} set to {source}"
    _add(Step(root, words, lambda: _sources_back(root, files, source, before)))


def _sources_back(root: Path, files: Sequence[str], source: str, before: Mapping[str, str]) -> str:
    now = sources.read(root)
    back = [file for file in files if now.get(file) == source]
    sources.note(root, {file: before.get(file, "") for file in back})
    left = len(files) - len(back)
    return f"{photos(left)} not taken back: given another source, moved or deleted since." if left else ""


def moved(root: Path, done: Moved, deed: str, binned: bool = False) -> None:
    """Photos of the dataset were moved: say what could not be, and note how to take it back. To be called in `do`."""
    st.session_state[_MOVED] = True
    _tell(_not_moved(done))
    chosen.renamed(root, done.names)
    if names := done.names:
        back = {new: old for old, new in names.items()}
        _add(Step(root, f"{photos(len(names))} {deed}", lambda: _moved_back(root, back), binned))


def _moved_back(root: Path, back: Mapping[str, str]) -> str:
    st.session_state[_MOVED] = True
    return _not_moved(move_photos.move(root, back))


def _not_moved(moved: Moved) -> str:
    if not moved.failed:
        return ""
    file, reason = next(iter(moved.failed.items()))
    others = f", nor {photos(len(moved.failed) - 1)} more" if len(moved.failed) > 1 else ""
    return f"{file} can't be moved{others}: {reason}."


def _steps() -> list[Step]:
    return st.session_state.setdefault(_STEPS, [])


def _add(step: Step) -> None:
    _steps().append(step)
    del _steps()[:-_MOST_STEPS]


def _forget_bin(root: Path) -> None:
    st.session_state[_STEPS] = [step for step in _steps() if not (step.binned and step.root == root)]


def _tell(text: str) -> None:
    if text:
        st.session_state[_NEWS] = text
