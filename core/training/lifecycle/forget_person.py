"""Forget a person: delete their photos, what was noted about them and everything that was made of them, and say which
networks have learnt from them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.data.cache import network_outputs, resized_images
from core.data.collect import photo_bin, sources
from core.data.collect.inbox import crops
from core.data.collect.inbox import table as inbox
from core.data.collect.staging import place
from core.data.dataset import hand_tables, inspect_file, label_decisions, label_folders, scan, scan_cache
from core.data.dataset import split as splits
from core.data.dataset.versions import manifest
from core.data.dataset.versions.manifest import Entry
from core.data.images import thumbnail
from core.evaluation.versions.known import runs_of
from core.networks import model_info
from core.schema.errors import UserError
from core.store import jobs, paths
from core.store.runs import Run


@dataclass(frozen=True)
class Traces:
    """What there is of a person: `files` relative to the dataset with forward slashes, those in its bin and inbox among
    them; the file names of networks in models/ that were trained on any of them or selected by them; `runs` with
    pictures that may show them; `versions` are runs whose manifest has rows about them, or can't be read."""

    person: str
    files: tuple[str, ...]
    models: tuple[str, ...]
    runs: tuple[Run, ...]
    versions: tuple[Run, ...]


def people(root: Path) -> list[str]:
    """The persons of a dataset: its folders below the labels', and the groups of groups.csv. Raises UserError for a
    folder that is no dataset."""
    return sorted({*(folder.name for folder in _folders(root)), *_groups(root).values()} - {""})


def find(root: Path, person: str) -> Traces:
    """Look for a person's traces. Raises UserError for a folder that is no dataset, and where it has nothing of a
    person of that name."""
    root = root.resolve()
    known = person in people(root)
    folders = [folder for folder in _folders(root) if folder.name == person]
    inside = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    listed = {root / file for file, group in _groups(root).items() if group == person}
    inside |= {path for path in listed if path.is_file() and path.resolve().is_relative_to(root)}
    found = sorted(inside)
    files = tuple(path.relative_to(root).as_posix() for path in found)
    digests = {inspect_file.digest_of(path) for path in found}
    named, damaged = _told(root, _about(person, files, digests)) if person else ((), ())
    if not known and not named:
        raise UserError(f"There is nothing of {person!r} in {root}: choose a person's folder or a group of groups.csv.")
    return Traces(person, files, _learnt(digests), _shown(root, set(files)), named + damaged)


def forget(root: Path, person: str) -> Traces:
    """Delete all of it but the networks, whose weights can't forget, and the names of files in runs' tables of what was
    split, refused and predicted. In the versions that runs were given their rows go, and a version that can't be read
    goes whole, as do decoded photos, cached features, records of folders and what is being uploaded. Raises UserError
    as `find` does, and where something can't be deleted; what is left is found again."""
    traces = find(root, person)
    # Maps and sharpness that are being worked out would bring back what is deleted here.
    jobs.end_about()
    try:
        _forget_versions(root, traces)
        resized_images.clear()
        network_outputs.clear()
        scan_cache.clear()
        thumbnail.clear()
        # Nobody knows who is in what is on its way.
        place.clear(root)
        for run in traces.runs:
            run.augmented_file.unlink(missing_ok=True)
        for file in traces.files:
            (root / file).unlink(missing_ok=True)
        for folder in _folders(root):
            if folder.name == person:
                shutil.rmtree(folder)
        # The last of them names the person's group: until then they are found again.
        hand_tables.drop_rows(root / label_decisions.FILE, traces.files)
        sources.drop(root, traces.files)
        inbox.drop(root, traces.files)
        hand_tables.drop_rows(root / scan.GROUPS_FILE, traces.files)
    except OSError as error:
        raise UserError(
            f"Not all of {person} could be deleted ({error.strerror}: {error.filename}): make it writable, and forget "
            "them again."
        ) from None
    return traces


def _about(person: str, files: Collection[str], digests: Collection[str]) -> Callable[[Entry], bool]:
    """Whether a version's entry is of the person: by name, by file, or by content that lies elsewhere by now."""
    return lambda entry: (
        person in (entry.group, entry.folder) or entry.file in files or entry.digest in digests
    )  # fmt: skip


def _told(root: Path, about: Callable[[Entry], bool]) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """The runs whose version has such entries, and those whose version can't be read, so that it may."""
    named: list[Run] = []
    damaged: list[Run] = []
    for run in runs_of(root):
        try:
            version = manifest.read(run.version_file)
        except UserError:
            damaged.append(run)
        else:
            if version and any(map(about, version.entries)):
                named.append(run)
    return tuple(named), tuple(damaged)


def _forget_versions(root: Path, traces: Traces) -> None:
    about = _about(traces.person, set(traces.files), {inspect_file.digest_of(root / file) for file in traces.files})
    for run in traces.versions:
        try:
            version = manifest.read(run.version_file)
        except UserError:
            version = None
        if version is None:
            run.version_file.unlink(missing_ok=True)
        else:
            manifest.write(manifest.without(version, about), run.version_file)


def _folders(root: Path) -> list[Path]:
    """Persons' folders, by label, in the dataset and in its bin; and the groups of its inbox, there and in the bin."""
    names = [folder.name for _, folder in label_folders.label_folders(root)]
    tops = [root, *(top for top in [root / photo_bin.FOLDER] if not top.is_symlink())]
    places = [top / name for top in tops for name in names]
    # A label's folder may be a link; what another one leads to is not of this dataset.
    places += [top / crops.FOLDER for top in tops if not (top / crops.FOLDER).is_symlink()]
    return sorted(item for place in places if place.is_dir() for item in place.iterdir() if _is_person(item))


def _groups(root: Path) -> dict[str, str]:
    """groups.csv as file -> group, with what lies in the bin, which a scan passes over."""
    columns = ("file", "group")
    _, rows = hand_tables.read(root / scan.GROUPS_FILE, columns, columns)
    return {hand_tables.file_of(row): row["group"].strip() for _, row in rows}


def _is_person(item: Path) -> bool:
    return item.is_dir() and not item.is_symlink() and not item.name.startswith(".")


def _learnt(digests: Collection[str]) -> tuple[str, ...]:
    found = []
    for path in sorted(paths.models_dir().glob("*.pth")):
        # A damaged network can't be used, so that it tells nothing of anyone.
        with suppress(UserError):
            if not model_info.read(path).seen.isdisjoint(digests):
                found.append(path.name)
    return tuple(found)


def _shown(root: Path, files: Collection[str]) -> tuple[Run, ...]:
    found = []
    for run in runs_of(root):
        # What can't be read is not of a person who can be told.
        with suppress(UserError):
            if any(row.file in files for row in splits.read(run.split_file)):
                found.append(run)
    return tuple(found)

