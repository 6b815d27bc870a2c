"""Boxes and labels that come with photos, in whatever format: lists are read at once, and what lies beside a photo in a
file of its own when the photo's turn comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from core.data.collect.imports import coco, members, table, voc, yolo
from core.data.collect.imports.marks import Entry, Marks, resolve
from core.data.collect.imports.members import Member
from core.data.collect.imports.names import Parts, Refusal

SUFFIXES = (".txt", ".names", ".xml", ".json", ".csv", ".yaml", ".yml")
UNUSED = "neither a photo nor boxes or labels of one"
# The largest file of each kind that is read, in bytes: an object in JSON takes ten times its text in memory.
_LARGEST_LIST, _LARGEST_BESIDE = 40_000_000, 1_000_000
# Folders of photos, and of their annotations beside them.
_PHOTOS, _BESIDE = ("images", "image", "jpegimages", "imgs"), ("labels", "annotations")


class Annotations:
    """All of a ZIP or folder. `problems`: files of it that can't be used, with the reason."""

    def __init__(self, photos: Sequence[Parts], files: Mapping[Parts, Member]) -> None:
        self.problems: dict[Parts, str] = {}
        self._files = {tuple(part.lower() for part in parts): (parts, member) for parts, member in files.items()}
        self._used: set[Parts] = set()
        self._classes: dict[Parts, dict[int, str]] = {}
        entries: list[Entry] = []
        for parts, member in files.items():
            try:
                entries += self._listed(parts, member)
            except Refusal as refusal:
                self.problems[parts] = str(refusal)
        self._marks = resolve(entries, photos)

    def of(self, photo: Parts) -> Marks:
        """What is said of a photo. Raises Refusal where it can't be understood."""
        found = Marks()
        found.add(self._marks.pop(photo, Marks()))
        for parts, member in self._beside(photo):
            self._used.add(parts)
            text = _text(member, _LARGEST_BESIDE)
            found.add(voc.marks(text) if _suffix(parts) == ".xml" else Marks(yolo.boxes(text, self._named(parts))))
        if found.refusal:
            raise Refusal(found.refusal)
        return found

    def unused(self) -> Iterator[tuple[Parts, str]]:
        """Files that said nothing of any photo, with the reason."""
        for parts, _ in self._files.values():
            if parts in self.problems or parts not in self._used:
                yield parts, self.problems.get(parts, UNUSED)

    def _listed(self, parts: Parts, member: Member) -> list[Entry]:
        """The entries of a list; what names classes is remembered."""
        suffix, folder = _suffix(parts), parts[:-1]
        found: list[Entry] = []
        if suffix == ".json":
            found = coco.entries(members.read(member, _LARGEST_LIST), folder)
        elif suffix == ".csv":
            found = table.entries(_text(member, _LARGEST_LIST), folder)
        elif suffix in (".yaml", ".yml"):
            self._classes[folder] = yolo.classes_of_yaml(_text(member, _LARGEST_BESIDE))
        elif suffix == ".names" or parts[-1].lower() == "classes.txt":
            self._classes[folder] = yolo.classes_of_lines(_text(member, _LARGEST_BESIDE))
        if found or self._classes.get(folder):
            self._used.add(parts)
        return found

    def _beside(self, photo: Parts) -> Iterator[tuple[Parts, Member]]:
        """The text and XML file of a photo: in its folder, or in the one for annotations beside it."""
        *folders, name = (part.lower() for part in photo)
        stem = PurePosixPath(name).stem
        places = {tuple(folders): None}
        for own in _BESIDE:
            places[(*folders, own)] = places[(*folders[:-1], own)] = None
            for place, folder in enumerate(folders):
                if folder in _PHOTOS:
                    places[(*folders[:place], own, *folders[place + 1 :])] = None
        for suffix in (".txt", ".xml"):
            found = (self._files.get((*place, stem + suffix)) for place in places)
            if (first := next(filter(None, found), None)) and (suffix == ".xml" or self._classes or _apart(first[0])):
                yield first

    def _named(self, parts: Parts) -> dict[int, str]:
        """The classes named nearest above a text file, else anywhere."""
        above = [parts[:depth] for depth in range(len(parts) - 1, -1, -1)]
        named = (self._classes[place] for place in (*above, *self._classes) if self._classes.get(place))
        if classes := next(named, None):
            return classes
        raise Refusal("the classes of its boxes have no names: add data.yaml or classes.txt")


def _apart(parts: Parts) -> bool:
    """Whether it lies in a folder for annotations, so that it can be nothing else."""
    return any(part.lower() in _BESIDE for part in parts[:-1])


def _suffix(parts: Parts) -> str:
    return PurePosixPath(parts[-1]).suffix.lower()


def _text(member: Member, most: int) -> str:
    try:
        return members.read(member, most).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("not a text in UTF-8") from None
