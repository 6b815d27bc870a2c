"""Photos brought into a dataset, one at a time: each is there whole or not at all, so that an import that broke off is
simply repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from core.data.collect import burst, keep_photo, new_dataset, sources
from core.data.collect.imports import crops, kinds, members, names
from core.data.collect.imports.annotations import Annotations
from core.data.collect.imports.marks import Box, Marks
from core.data.collect.imports.members import Member
from core.data.collect.imports.names import Parts, Refusal
from core.data.collect.imports.tally import SHOWN, Refused, Tally, short
from core.data.collect.inbox.from_photos import Find, Inbox
from core.data.dataset import label_folders
from core.data.images import decode
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label

Progress = Callable[[int, int], object]
# A photo is checked on a picture of about this side, which JPEG's decoder makes in less time.
_SIDE = 128
# How many photos' sources are noted at once: a killed import has noted those before.
_NOTED = 200


@dataclass(frozen=True)
class Wanted:
    """What is said of all photos of an import: a label instead of that of folders and classes, a person, and where
    they come from (each may be empty). With `find` no photo has a label yet: their faces go into the inbox."""

    label: Label | None = None
    person: str = ""
    source: str = ""
    find: Find | None = None


def bring_in(root: Path, batches: Iterable[Sequence[Member]], wanted: Wanted, tally: Tally, progress: Progress) -> None:
    """Import each batch, whose members may speak of each other, into the dataset at `root`; `tally` is kept up to date
    and `progress` is called before each photo, so that an import may be broken off there.

    Raises UserError for a folder that is no dataset, where nothing more can be written, and for more files or bytes
    than are imported at once: what was imported until then stays.
    """
    person = new_dataset.folder_name(wanted.person) if wanted.person.strip() else ""
    label_folders.checked(root)
    wanted = replace(wanted, person=person, source=" ".join(wanted.source.split()))
    work = _Import(root, wanted, tally, progress)
    try:
        for batch in batches:
            work.take(batch)
    finally:
        work.note_sources()


class _Import:
    def __init__(self, root: Path, wanted: Wanted, tally: Tally, progress: Progress) -> None:
        self._root, self._wanted, self._tally, self._progress = root, wanted, tally, progress
        self._known = sources.read(root)
        self._inbox = Inbox(root, wanted.find) if wanted.find else None
        self._sources: dict[str, str] = {}
        self._photos = self._bytes = 0

    def take(self, batch: Sequence[Member]) -> None:
        photos, beside = self._sorted(batch)
        annotations = Annotations([parts for parts, _ in photos], beside)
        self._tally.total += len(photos)
        self._photos += len(photos)
        if self._photos > members.MOST_FILES:
            raise UserError(f"More than {members.MOST_FILES:,} photos at once: import them in parts.")
        for parts, member in photos:
            self._progress(self._tally.done, self._tally.total)
            try:
                self._photo(parts, member, annotations)
            except Refusal as refusal:
                self._tally.refuse("/".join(parts), str(refusal))
            self._tally.done += 1
            if len(self._sources) >= _NOTED:
                self.note_sources()
        self._progress(self._tally.done, self._tally.total)
        for parts, reason in annotations.unused():
            self._tally.refuse("/".join(parts), reason)

    def note_sources(self) -> None:
        found, self._sources = self._sources, {}
        sources.note(self._root, found)

    def _sorted(self, batch: Sequence[Member]) -> tuple[list[tuple[Parts, Member]], dict[Parts, Member]]:
        """Photos, and the files that may say something of them; all others are refused or passed over."""
        photos: list[tuple[Parts, Member]] = []
        beside: dict[Parts, Member] = {}
        for member in batch:
            try:
                parts = names.parts_of(member.path)
                if names.is_leftover(member.path):
                    self._tally.leftovers += 1
                    continue
                if member.refusal:
                    raise Refusal(member.refusal)
                kind = kinds.kind(parts)
            except Refusal as refusal:
                self._tally.refuse(member.path, str(refusal))
                continue
            if kind is kinds.Kind.BESIDE:
                beside[parts] = member
            else:
                photos.append((parts, member))
        return photos, beside

    def _photo(self, parts: Parts, member: Member, annotations: Annotations) -> None:
        if kinds.kind(parts) is kinds.Kind.VIDEO:
            self._video(parts, member, annotations.of(parts))
            return
        data = members.read(member)
        self._within(len(data))
        marks = annotations.of(parts)
        if self._inbox:
            self._faces(self._inbox, parts, data, self._wanted.source or marks.source)
            return
        if marks.boxes:
            self._crops(parts, data, marks, self._wanted.source or marks.source)
            return
        label, person, source = self._said(parts, marks)
        try:
            decode.decode_bytes(data, _SIDE)
        except decode.PhotoError as error:
            raise Refusal(str(error)) from None
        self._keep(label, person, parts[-1], data, source)

    def _said(self, parts: Parts, marks: Marks) -> tuple[Label, str, str]:
        """Label, person and source of a file. Raises Refusal where nothing says its label."""
        label, person = names.placed(parts)
        if marks.label:
            label = self._label(marks.label)
            if label is None:
                raise Refusal(f"{marks.label[:SHOWN]} is no label")
        label = self._wanted.label or label
        if label is None:
            raise Refusal("no folder in its path is a label's: choose one label for all, or put it in such a folder")
        return label, self._wanted.person or marks.person or person, self._wanted.source or marks.source

    def _video(self, parts: Parts, member: Member, marks: Marks) -> None:
        label, person, source = self._said(parts, marks)
        if not person:
            raise Refusal("who is in the video is not said: name the person, or put it in a folder of theirs")
        stem = names.safe(PurePosixPath(parts[-1]).stem, new_dataset.MOST_NAME - len("-0000000.jpg"))
        tally, seen = self._tally, 0
        with burst.opened(member, self._root) as (expected, pictures):
            tally.total += expected
            try:
                for at, face, left_out in pictures:
                    if left_out:
                        tally.left_out[Refused(short("/".join(parts)), left_out)] += 1
                    else:
                        self._within(len(face))
                        self._keep(label, person, f"{stem}-{round(at * 1000):07}.jpg", face, source)
                    seen, tally.done = seen + 1, tally.done + 1
                    self._progress(tally.done, max(tally.total, tally.done))
            finally:
                tally.total += seen - expected

    def _faces(self, inbox: Inbox, parts: Parts, data: bytes, source: str) -> None:
        stem = names.safe(PurePosixPath(parts[-1]).stem)
        try:
            faces = inbox.take(data, stem, self._wanted.person, source, short("/".join(parts)))
        except decode.PhotoError as error:
            raise Refusal(str(error)) from None
        self._tally.waiting += faces.kept
        self._tally.there += faces.there
        if faces.small:
            self._tally.refuse("/".join(parts), f"{faces.small} faces smaller than {decode.SMALLEST_SIDE} pixels")
        elif not faces.kept + faces.there:
            raise Refusal("no face found")

    def _crops(self, parts: Parts, data: bytes, marks: Marks, source: str) -> None:
        own: list[tuple[int, Box]] = []
        for number, box in enumerate(marks.boxes, 1):
            if self._label(box.name):
                own.append((number, box))
            else:
                self._tally.unknown[box.name[:SHOWN] or "without a name"] += 1
        # All are cut before one is written: a photo that turns out to be damaged leaves nothing.
        stem = names.safe(PurePosixPath(parts[-1]).stem, new_dataset.MOST_NAME - len("-500.jpg"))
        for number, box, face, refusal in crops.cut(data, marks, own):
            label = self._label(box.name)
            if refusal or label is None:
                self._tally.refuse("/".join(parts), f"box {number}: {refusal}")
                continue
            self._within(len(face))
            self._keep(label, self._wanted.person or marks.person or stem, f"{stem}-{number}.jpg", face, source)

    def _label(self, name: str) -> Label | None:
        return self._wanted.label or labels.from_folder(name)

    def _keep(self, label: Label, person: str, name: str, data: bytes, source: str) -> None:
        kept = keep_photo.keep(self._root, label, names.safe(person) if person else "", names.safe(name), data)
        if kept.new:
            self._tally.added[label] += 1
        else:
            self._tally.there += 1
        if source and kept.file not in self._known:
            self._sources[kept.file] = source

    def _within(self, size: int) -> None:
        self._bytes += size
        if self._bytes > members.MOST_BYTES:
            raise UserError(
                f"More than {members.MOST_BYTES / 1e9:.0f} GB unpacked: what was imported until then stays; import the "
                "rest in parts."
            )
