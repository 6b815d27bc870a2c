"""The photos of a version among those that are in the dataset now, known by their content."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from core.data.dataset.scan import Photo, Refused, Scan
from core.data.dataset.versions import manifest
from core.data.dataset.versions.manifest import Entry, Version

GONE = "not there any more"
CHANGED = "its content changed"


@dataclass(frozen=True)
class Found:
    """`scan` has the version's photos that are there, with its labels, persons and sources, and refuses the others;
    `version` is what these make; `missing` is file -> why it is not among them."""

    scan: Scan
    version: Version
    missing: dict[str, str]


def find(scan: Scan, version: Version) -> Found:
    """A photo that was moved or renamed since is taken from where it is now; one whose content is another is not
    taken."""
    here = {photo.file: photo for photo in (*scan.photos, *scan.excluded)}
    places = _places(here, [entry for entry in version.entries if entry.used])
    refused_now = {item.file: f"refused now: {item.reason}" for item in scan.refused}
    photos, entries, missing = [], [], {}
    groups: dict[str, str] = {}
    sources: dict[str, str] = {}
    for entry in version.entries:
        photo = places.get(entry.file)
        if not entry.used:
            entries.append(entry)
        elif photo is None:
            missing[entry.file] = CHANGED if entry.file in here else refused_now.get(entry.file, GONE)
        else:
            # The person's folder is the one that it lay in: the version's groups count.
            photos.append(replace(photo, label=entry.label, folder=entry.folder))
            entries.append(_at(entry, photo.file))
            groups |= {photo.file: entry.group} if entry.group else {}
            sources |= {photo.file: entry.source} if entry.source else {}
    refused = tuple(Refused(file, reason) for file, reason in missing.items())
    made = manifest.make(entries)
    same = version if made.id == version.id else made
    return Found(Scan(scan.root, tuple(photos), refused, groups, (), sources), same, missing)


def _places(here: dict[str, Photo], wanted: list[Entry]) -> dict[str, Photo]:
    """File of the version -> the photo that it is now."""
    found = {entry.file: photo for entry in wanted if (photo := here.get(entry.file)) and photo.digest == entry.digest}
    taken = {photo.file for photo in found.values()}
    others: dict[str, list[Photo]] = defaultdict(list)
    for photo in here.values():
        if photo.file not in taken:
            others[photo.digest].append(photo)
    for entry in wanted:
        if entry.file not in found and others[entry.digest]:
            found[entry.file] = others[entry.digest].pop(0)
    return found


def _at(entry: Entry, file: str) -> Entry:
    """The entry at the place where the photo lies now, of the same person."""
    if file == entry.file:
        return entry
    moved = replace(entry, file=file)
    return moved if moved.person == entry.person else replace(moved, group=entry.person)
