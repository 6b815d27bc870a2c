"""Look through a dataset's folder: which photos it has of each label, and which files are refused and why.

Decoding every file takes a while the first time; what was found is kept under cache/ by name, size and time. What was
decided by hand in decisions.csv comes on top: a photo then has the label decided, or is left out.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import imagehash
from PIL import Image

from core import labels, paths
from core.data import decisions
from core.data.decisions import Decision
from core.data.photos import PhotoError, decode
from core.errors import UserError
from core.labels import Label

GROUPS_FILE = "groups.csv"
EXCLUDED = f"excluded by hand in {decisions.FILE}"
# Large enough for a hash of the picture's content, small enough to decode quickly.
_HASHED_SIDE = 128
# Raised when what is recorded of a photo changes, so that an old record is not read as a new one.
_RECORD = 1
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Photo:
    """A usable photo. `file` is relative to the dataset with forward slashes; sizes in pixels; `digest` is of the
    file's bytes; `phash` is the 64-bit perceptual hash as hexadecimal digits; `folder` is its person's sub-folder;
    `label` is the one decided by hand, or else its folder's."""

    file: str
    label: Label
    width: int
    height: int
    digest: str
    phash: str
    folder: str


@dataclass(frozen=True)
class Refused:
    """A file that is not used, and the reason."""

    file: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What a dataset's folder holds; `listed_groups` is its groups.csv as file -> group."""

    root: Path
    photos: tuple[Photo, ...]
    refused: tuple[Refused, ...]
    listed_groups: dict[str, str]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Labels that have a usable photo, in the order of model outputs."""
        present = {photo.label for photo in self.photos}
        return tuple(label for label in Label if label in present)

    @property
    def counts(self) -> dict[Label, int]:
        """Usable photos a label."""
        count = Counter(photo.label for photo in self.photos)
        return {label: count[label] for label in self.labels}

    @property
    def says_groups(self) -> bool:
        """Whether the user told which photos belong together (groups.csv or a folder a person)."""
        return bool(self.listed_groups) or any(photo.folder for photo in self.photos)


def label_folders(root: Path) -> list[tuple[Label, Path]]:
    """The label folders of a dataset. Raises UserError for a missing folder, an unknown label, or fewer than two."""
    if not root.is_dir():
        raise UserError(f"There is no folder {root}: check the path to the photos.")
    try:
        folders = sorted(item for item in root.iterdir() if item.is_dir() and not item.name.startswith("."))
    except PermissionError:
        raise UserError(f"The folder {root} may not be read: check its permissions.") from None
    found = [(labels.from_folder(folder.name), folder) for folder in folders]
    unknown = [folder for label, folder in found if label is None]
    if unknown:
        raise UserError(_unknown(root, unknown, found))
    if len({label for label, _ in found}) < 2 or not {Label.MASK, Label.NO_MASK} <= {label for label, _ in found}:
        has = ", ".join(folder.name for folder in folders) or "no folder"
        raise UserError(
            f"{root} has {has}: it needs at least the folders mask and no_mask (and wrong_mask for three classes)."
        )
    return [(label, folder) for label, folder in found if label]


def count_files(root: Path) -> dict[Label, int]:
    """Files a label without opening them, for a quick estimate. Raises UserError as `scan` does."""
    count: Counter[Label] = Counter()
    for label, folder in label_folders(root):
        count[label] += sum(1 for _ in _files(folder))
    for decision in decisions.read(root).values():
        if decision.choice != "keep" and decision.was and (root / decision.file).is_file():
            count[decision.was] -= 1
            if decision.label:
                count[decision.label] += 1
    return {label: count[label] for label in Label if count[label]}


def scan(root: Path, progress: Progress | None = None) -> Scan:
    """Decode every file once and return what is usable. Raises UserError for a folder that is no dataset, and for a
    groups.csv or decisions.csv that can't be understood. A decision about a file that is not there has no effect."""
    root = root.expanduser().resolve()
    decided = decisions.read(root)
    files = [(label, path) for label, folder in label_folders(root) for path in _files(folder)]
    known = _Known(root)
    photos: list[Photo] = []
    refused: list[Refused] = []
    with ThreadPoolExecutor() as pool:
        looked = pool.map(lambda item: known.look(*item), files)
        for done, seen in enumerate(looked, start=1):
            found = _decided(seen, decided.get(seen.file))
            (photos if isinstance(found, Photo) else refused).append(found)
            if progress:
                progress(done, len(files))
    known.write()
    return Scan(root, tuple(photos), tuple(refused), _read_groups(root))


def _decided(found: Photo | Refused, decision: Decision | None) -> Photo | Refused:
    if decision is None or isinstance(found, Refused):
        return found
    if decision.choice == "exclude":
        return Refused(found.file, EXCLUDED)
    return replace(found, label=decision.label or found.label)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _unknown(root: Path, unknown: list[Path], found: list[tuple[Label | None, Path]]) -> str:
    inside = [folder for folder in unknown if _holds_labels(folder)]
    if inside and len(inside) == len(found):
        return f"{root} holds no label folders itself, but {inside[0]} does: use that path."
    names = ", ".join(repr(folder.name) for folder in unknown)
    return (
        f"{root} has the folder {names}, which is no label: name label folders mask, no_mask or wrong_mask, "
        "and move others elsewhere."
    )


def _holds_labels(folder: Path) -> bool:
    return any(item.is_dir() and labels.from_folder(item.name) for item in folder.iterdir())


def _read_groups(root: Path) -> dict[str, str]:
    path = root / GROUPS_FILE
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"file", "group"} <= set(rows.fieldnames or ()):
                raise UserError(f"{path} must begin with a line that names the columns file and group.")
            return {row["file"].replace("\\", "/").strip(): (row["group"] or "").strip() for row in rows if row["file"]}
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a readable CSV file: {error}.") from None


class _Known:
    """What earlier looks at this folder found, keyed by file name, size and time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        key = hashlib.blake2b(f"{_RECORD} {root}".encode(), digest_size=8).hexdigest()
        self._path = paths.home() / "cache" / "scans" / f"{key}.json"
        self._old = self._read()
        self._new: dict[str, dict] = {}

    def look(self, label: Label, path: Path) -> Photo | Refused:
        file = path.relative_to(self._root).as_posix()
        if not _is_text(file):
            readable = file.encode(errors="replace").decode()
            return Refused(readable, "its name holds bytes that are no text: rename the file")
        try:
            status = path.stat()
        except OSError:
            return Refused(file, "the file is gone")
        stamp = [status.st_size, status.st_mtime_ns]
        entry = self._old.get(file)
        if entry is None or entry["stamp"] != stamp:
            entry = {"stamp": stamp} | _examine(path, file)
        self._new[file] = entry
        if "reason" in entry:
            return Refused(file, entry["reason"])
        return Photo(file=file, label=label, folder=_person(file), **entry["photo"])

    def write(self) -> None:
        if self._new == self._old:
            return
        draft = self._path.with_suffix(f".{os.getpid()}-{id(self)}.tmp")
        # The record only saves time: a full disk must not keep anyone from their photos.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_text(json.dumps(self._new))
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)

    def _read(self) -> dict[str, dict]:
        try:
            return json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}


def _is_text(name: str) -> bool:
    try:
        name.encode()
        return True
    except UnicodeEncodeError:
        return False


def _person(file: str) -> str:
    parts = file.split("/")
    return parts[1] if len(parts) == 3 else ""


def _examine(path: Path, file: str) -> dict:
    if len(file.split("/")) > 3:
        return {"reason": "too deep: only one level of folders (a folder a person) is read below a label"}
    try:
        image = decode(path, wanted_side=_HASHED_SIDE)
        data = path.read_bytes()
    except PhotoError as error:
        return {"reason": str(error)}
    except OSError as error:
        return {"reason": f"the file could not be read: {error.strerror}"}
    width, height = _full_size(data)
    digest = hashlib.blake2b(data, digest_size=8).hexdigest()
    return {"photo": {"width": width, "height": height, "digest": digest, "phash": str(imagehash.phash(image))}}


def _full_size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def as_rows(items: tuple[Refused, ...]) -> list[dict[str, str]]:
    """Refused files as rows with the columns file and reason."""
    return [asdict(item) for item in items]


def find_datasets(*roots: Path) -> list[Path]:
    """Folders with label folders in these roots, at most two levels down, by name."""
    found = []
    for root in dict.fromkeys(roots):
        candidates = [root, *_folders(root), *(inner for folder in _folders(root) for inner in _folders(folder))]
        found += [folder for folder in candidates if _is_dataset(folder)]
    return sorted(set(found))


def _folders(folder: Path) -> list[Path]:
    try:
        return [item for item in folder.iterdir() if item.is_dir() and not item.name.startswith(".")]
    except OSError:
        return []


def _is_dataset(folder: Path) -> bool:
    names = {labels.from_folder(item.name) for item in _folders(folder)}
    return {Label.MASK, Label.NO_MASK} <= names
