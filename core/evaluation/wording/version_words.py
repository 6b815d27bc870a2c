"""Versions of a dataset as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.data.dataset.versions.difference import KINDS, Difference
from core.data.dataset.versions.manifest import SHORT, Head
from core.evaluation.compare.repeats import Entry
from core.evaluation.versions import known
from core.schema.run_report import PhotosVersion

UNKNOWN = (
    "Which version of the photos it was given is not recorded: the run is older than such records, or has not begun."
)
SAME = "Nothing changed between them."
_NAMED = 20


def named(version: Head | PhotosVersion) -> str:
    """Short id, photos and date.

    >>> named(PhotosVersion(id="3fa94c00" + 24 * "0", photos=1234, when="2026-12-03T10:00:00+00:00"))
    'version 3fa94c00 (1,234 photos, 3 December 2026)'
    """
    return f"version {version.id[:SHORT]} ({version.photos:,} photo{'s' * (version.photos != 1)}, {day(version.when)})"


def day(when: str) -> str:
    """The day of a time in ISO 8601."""
    try:
        told = datetime.fromisoformat(when)
    except ValueError:
        return when
    return f"{told.day} {told:%B %Y}"


def of_entries(entries: Sequence[Entry]) -> str:
    """Which version each entry of a comparison was given, its first run's where it has several; those of one version
    together."""
    letters: dict[str, list[str]] = {}
    for entry in entries:
        version = known.of_run(entry.runs[0])
        letters.setdefault(named(version) if version else "a version that is not recorded", []).append(entry.letter)
    return f"Trained: {'; '.join(f'{_listed(own)} on {version}' for version, own in letters.items())}."


def _listed(letters: Sequence[str]) -> str:
    return " and ".join([", ".join(letters[:-1]), letters[-1]] if len(letters) > 1 else letters)


def changed(found: Difference) -> str:
    """What changed, in one sentence."""
    if not found.changes:
        return SAME
    told = [f"{len(own):,} {KINDS[kind]}" for kind, own in found.changes.items()]
    return f"{', '.join(told)}; {found.same:,} the same."


def missing(found: Mapping[str, str], photos: int, version: str) -> str:
    """Why a training on a version can't have all of its `photos`: `found` is file -> reason."""
    files = [f"{file} ({reason})" for file, reason in list(found.items())[:_NAMED]]
    more = f", and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    are = "photo is" if len(found) == 1 else "photos are"
    return f"{len(found):,} of {photos:,} {are} not as in version {version[:SHORT]}: {', '.join(files)}{more}."
