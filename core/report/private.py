"""What a report says of paths: enough to know the folder again, nothing of whose machine it was."""

from __future__ import annotations

from pathlib import Path, PurePath

from core.store import paths
from core.text.markup import one_line

_USERS = ("home", "users")


def short(path: str | PurePath) -> str:
    """A path's last two parts, without the user's name and the folders above it, on one line."""
    parts = [part for part in PurePath(path).parts if part not in ("~", ".", "..", PurePath(path).anchor)]
    # At the top of a disk, or of one that is mounted somewhere.
    users = [place for place, part in enumerate(parts[:2]) if part.lower() in _USERS]
    own = parts[users[-1] + 2 :] if users else [part for part in parts if part != Path.home().name]
    return one_line("/".join(own[-2:])) or "the user's folder"


def without_places(text: str, dataset: Path) -> str:
    """The text with the dataset's path and those of Mask Lab's and the user's home shortened, on one line."""
    for place in (dataset.expanduser().resolve(), dataset, paths.home(), Path.home()):
        # A folder at the top of the disk is a part of every path.
        if len(place.parts) > 2:
            text = text.replace(str(place), short(place))
    return one_line(text)
