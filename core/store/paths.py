"""Where things live: the home of runs/ and models/, and the folders that may hold photos."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from core.schema.errors import UserError
from core.schema.train_config import STARTER

PROJECT = Path(__file__).resolve().parents[2]
# The network that ships with the project, wherever the home is.
STARTER_FILE = PROJECT / "models" / STARTER


def home() -> Path:
    """MASKLAB_HOME, or the project's own folder."""
    return Path(os.environ.get("MASKLAB_HOME") or PROJECT).expanduser().resolve()


def runs_dir() -> Path:
    """The folder of run folders; made when missing."""
    return _made(home() / "runs")


def models_dir() -> Path:
    """The folder of trained networks; made when missing."""
    return _made(home() / "models")


def watch_dir() -> Path:
    """The folder of watch mode's blurred thumbnails; made when missing."""
    return _made(home() / "watch")


def datasets_dir() -> Path:
    """The folder whose sub-folders the pages offer as datasets: MASKLAB_DATA, or datasets/ in the home."""
    return Path(os.environ.get("MASKLAB_DATA") or home() / "datasets").expanduser().resolve()


def allowed_roots() -> tuple[Path, ...]:
    """Folders a page may read photos from: MASKLAB_DATA, the home, and the user's home folder."""
    return datasets_dir(), home(), Path.home().resolve()


def under_allowed_root(text: str) -> Path:
    """A typed path, resolved (links followed). Raises UserError outside the allowed roots."""
    if "\0" in text:
        raise UserError("The path holds a character that no path can have.")
    path = Path(text.strip()).expanduser().resolve()
    if not any(path.is_relative_to(root) for root in allowed_roots()):
        roots = ", ".join(str(root) for root in allowed_roots())
        raise UserError(
            f"{path} is outside the folders this server may read ({roots}): move the photos there, "
            "or start Mask Lab with MASKLAB_DATA set to their folder."
        )
    return path


def new_folder(parent: Path, name: str) -> Path:
    """A folder of that name, numbered where there is one already. Raises OSError, and UserError where a thousand are
    there."""
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise UserError(f"{parent} already holds a thousand folders of the name {name}.")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
