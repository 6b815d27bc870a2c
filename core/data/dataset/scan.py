"""Look through a dataset's folder: which photos it has of each label, and which files are refused and why.

Decoding every file takes a while the first time; what was found is kept under cache/ by name, size, time and inode.
What was decided by hand in decisions.csv comes on top: a photo then has the label decided, or is left out.
"""

from __future__ import annotations

import csv
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from joblib import Parallel, cpu_count, delayed

from core.data.dataset import inspect_file, label_decisions, label_folders, walk
from core.data.dataset.scan_cache import Record, Stamp
from core.data.dataset.walk import LeftOut
from core.data.images.decode import LARGEST_PIXELS
from core.schema.errors import UserError
from core.schema.labels import Label

GROUPS_FILE = "groups.csv"
EXCLUDED = f"excluded by hand in {label_decisions.FILE}"
# Raised when what is recorded of a photo changes, so that an old record is not read as a new one.
_RECORD = 3
# Files that are read before the next ones are taken.
_CHUNK = 32
# From so many new files on, the processors are used whole: threads wait for each other wherever Python itself is at
# work, and processes take a second to start.
_MANY = 4000
# What a scan that is given up leaves undone is nobody's news.
warnings.filterwarnings("ignore", r"\d+ tasks which were still being processed", UserWarning)
Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
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
    """A file that is not used, or a folder none of whose files is, and the reason."""

    file: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What a dataset's folder holds; `listed_groups` is its groups.csv as file -> group. `excluded` are the photos
    among the refused that were excluded by hand, with the label of their folder. `told_sources` is file -> source as a
    version of the dataset has it; None where sources.csv counts."""

    root: Path
    photos: tuple[Photo, ...]
    refused: tuple[Refused, ...]
    listed_groups: dict[str, str]
    excluded: tuple[Photo, ...] = ()
    told_sources: Mapping[str, str] | None = None

    @property
    def labels(self) -> tuple[Label, ...]:
        """Labels that have a usable photo, in the order of model outputs."""
        present = {photo.label for photo in self.photos}
        return tuple(label for label in Label if label in present)

    @property
    def counts(self) -> dict[Label, int]:
        """Usable photos per label."""
        count = Counter(photo.label for photo in self.photos)
        return {label: count[label] for label in self.labels}

    @property
    def says_groups(self) -> bool:
        """Whether the user told which photos belong together (groups.csv or a folder per person)."""
        return bool(self.listed_groups) or any(photo.folder for photo in self.photos)


def scan(root: Path, progress: Progress | None = None) -> Scan:
    """Decode every file once and return what is usable. Raises UserError for a folder that is no dataset, and for a
    groups.csv or decisions.csv that can't be understood. A decision about a file that is not there has no effect."""
    root = root.expanduser().resolve()
    decided = label_decisions.read(root)
    record = Record("scans", _RECORD, root)
    folders, left_out = label_folders.checked(root)
    reachable = label_folders.reachable(root)
    looked_through = [(label, list(walk.files(str(folder), reachable))) for label, folder in folders]
    left_out += [item for _, items in looked_through for item in items if isinstance(item, LeftOut)]
    listed = [item for label, items in looked_through for item in _listed(root, label, items)]
    photos: list[Photo] = []
    excluded: list[Photo] = []
    refused = [Refused(_text(_inside(root, path)), reason) for path, reason in sorted(left_out)]
    record.only([item.file for item in listed])
    try:
        for done, (item, found) in enumerate(_looked(record, listed), start=1):
            photo = _photo(item, found)
            if isinstance(photo, Photo) and (decision := decided.get(item.file)):
                if decision.choice == "exclude":
                    excluded.append(photo)
                    photo = Refused(photo.file, EXCLUDED)
                else:
                    photo = replace(photo, label=decision.label or photo.label)
            if isinstance(photo, Photo):
                photos.append(photo)
            else:
                refused.append(photo)
            if progress:
                progress(done, len(listed))
    finally:
        # A page that is left half way goes on from there.
        record.write()
    return Scan(root, tuple(photos), tuple(refused), listed_groups(root), tuple(excluded))


class _Listed(NamedTuple):
    file: str
    label: Label
    path: str
    stamp: Stamp


def _listed(root: Path, label: Label, items: Sequence[os.DirEntry[str] | LeftOut]) -> list[_Listed]:
    """The files of a label's folder, sorted as paths are: folder by folder."""
    found = [
        _Listed(_inside(root, entry.path), label, entry.path, _stamp(entry))
        for entry in items if not isinstance(entry, LeftOut)
    ]  # fmt: skip
    return sorted(found, key=lambda item: item.file.split("/"))


def _inside(root: Path, path: str) -> str:
    """A path below the dataset as it is called there."""
    return path[len(str(root).rstrip(os.sep)) + 1 :].replace(os.sep, "/")


def _text(name: str) -> str:
    """A file's name, which may hold bytes that are no text, fit to be written."""
    return name.encode(errors="replace").decode()


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    try:
        status = entry.stat()
    except OSError:
        return None, None, None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _looked(record: Record, listed: Sequence[_Listed]) -> Iterator[tuple[_Listed, inspect_file.Found]]:
    """Each file, in order, with what is known or is found now."""
    chunks = [listed[start : start + _CHUNK] for start in range(0, len(listed), _CHUNK)]
    fresh = [[item for item in chunk if record.known(item.file, item.stamp) is None] for chunk in chunks]
    looked = _look_at([[(item.path, item.file) for item in items] for items in fresh if items])
    for chunk, items in zip(chunks, fresh, strict=True):
        if items:
            for item, found in zip(items, next(looked), strict=True):
                record.note(item.file, item.stamp, found)
        for item in chunk:
            entry = record.known(item.file, item.stamp)
            assert entry is not None
            yield item, entry[0]


def _look_at(work: Sequence[Sequence[tuple[str, str]]]) -> Iterator[list[inspect_file.Found]]:
    """What `examine.look` finds of the (path, file)s of each chunk, in order."""
    if sum(map(len, work)) < _MANY:
        yield from Parallel(n_jobs=-1, backend="threading", return_as="generator")(
            delayed(inspect_file.look_at)(items) for items in work
        )
        return
    # Threads share what may be decoded at one time; processes get a part each, and leave larger pictures to this one.
    share = LARGEST_PIXELS // cpu_count()
    looked = Parallel(n_jobs=-1, backend="loky", return_as="generator")(
        delayed(inspect_file.look_at)(items, share) for items in work
    )
    for items, found in zip(work, looked, strict=True):
        yield [one if one is not None else _look_here(*item) for item, one in zip(items, found, strict=True)]


def _look_here(path: str, file: str) -> inspect_file.Found:
    found = inspect_file.look(path, file)
    # This process may decode pictures of any size that is read at all.
    assert found is not None
    return found


def _photo(item: _Listed, found: inspect_file.Found) -> Photo | Refused:
    if isinstance(found, str):
        return Refused(_text(item.file), found)
    width, height, digest, phash = found
    return Photo(item.file, item.label, width, height, digest, phash, _person(item.file))


def listed_groups(root: Path) -> dict[str, str]:
    """groups.csv as file -> group; empty where there is none. Raises UserError for one that can't be understood."""
    path = root / GROUPS_FILE
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"file", "group"} <= set(rows.fieldnames or ()):
                raise UserError(f"{path} must begin with a line that names the columns file and group.")
            listed = {row["file"].replace("\\", "/").strip(): row["group"] for row in rows if row["file"]}
            return {file: (group or "").strip() for file, group in listed.items() if not file.startswith(".")}
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a readable CSV file: {error}.") from None


def _person(file: str) -> str:
    parts = file.split("/")
    return parts[1] if len(parts) == 3 else ""


def as_rows(items: tuple[Refused, ...]) -> list[dict[str, str]]:
    """Refused files as rows with the columns file and reason."""
    return [asdict(item) for item in items]
