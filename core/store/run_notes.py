"""What a run's owner keeps of it: a name, a note, tags and a star."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from core.schema.errors import UserError
from core.store.files.checked_json import seal, unseal

MOST_NAME, MOST_NOTE, MOST_TAG, MOST_TAGS = 80, 4000, 30, 12


@dataclass(frozen=True)
class Notes:
    """What an owner wrote about a run. `name` has at most MOST_NAME characters and `note` MOST_NOTE, of which lines may
    be several; `tags` are at most MOST_TAGS of MOST_TAG characters, none of them twice; none has control characters.

    Raises UserError for what is too long or has such characters.
    """

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    star: bool = False

    def __post_init__(self) -> None:
        _check("name", self.name, MOST_NAME)
        _check("note", self.note.replace("\n", " "), MOST_NOTE)
        for tag in self.tags:
            _check(f"tag {tag[:MOST_TAG]!r}", tag, MOST_TAG)
        if len(self.tags) > MOST_TAGS:
            raise UserError(f"There are {len(self.tags)} tags: keep at most {MOST_TAGS}.")


def tidy(name: str, note: str, tags: list[str], star: bool) -> Notes:
    """As typed, without space around it, empty tags and tags that come twice. Raises UserError as Notes does."""
    kept = dict.fromkeys(tag.strip() for tag in tags if tag.strip())
    return Notes(name.strip(), note.replace("\r\n", "\n").strip(), tuple(kept), star)


def as_text(notes: Notes) -> str:
    """What notes.json holds."""
    return seal(asdict(notes), indent=1)


def of_text(text: str) -> Notes:
    """The notes in a notes.json. A key that is not known is passed over. Raises ValueError where it is none, or not the
    one that was written."""
    content: dict[str, Any] = unseal(text)
    name, note, tags, star = (content.get(key, default) for key, default in asdict(Notes()).items())
    if not (isinstance(name, str) and isinstance(note, str) and isinstance(star, bool)):
        raise ValueError("it holds no notes")
    if not (isinstance(tags, list | tuple) and all(isinstance(tag, str) for tag in tags)):
        raise ValueError("its tags are no list of words")
    try:
        return Notes(name, note, tuple(tags), star)
    except UserError as error:
        raise ValueError(str(error)) from None


def _check(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise UserError(f"The {what} has {len(text):,} characters: shorten it to {most:,}.")
    # Cc are control characters; Cs are halves of characters, which no page can be sent.
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise UserError(f"The {what} has control characters: write it without them.")
