"""What the upload in the browser sends, checked: nothing in it is trusted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MOST_AT_ONCE = 2000
"""Files or parts of files that one message is about."""
# No disk has a longer path.
_MOST_PATH = 5000
_MOST_BYTES = 1_000_000_000_000_000

Name = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Count = Annotated[int, Field(ge=0, le=_MOST_BYTES)]
Path = Annotated[str, Field(max_length=_MOST_PATH)]
Parts = Annotated[
    list[Annotated[tuple[Count, Count, Count], Field(strict=False)]], Field(max_length=MOST_AT_ONCE)
]


class _Message(BaseModel):
    """`upload` is what the browser calls all that it sends for one dataset, `window` itself; the same message may come
    twice, with the same `id`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Name
    upload: Name
    window: Name
    folder: Path


class Offer(_Message):
    """Files that are to be sent: path and size in bytes. `first` and `last` of such messages."""

    kind: Literal["offer"]
    first: bool
    last: bool
    files: Annotated[list[Annotated[tuple[Path, Count], Field(strict=False)]], Field(max_length=MOST_AT_ONCE)]


class Check(_Message):
    """Parts of files (number, start, length) of which the digests are asked for."""

    kind: Literal["check"]
    parts: Parts


class Anew(_Message):
    """Numbers of files that are not what is there of them."""

    kind: Literal["anew"]
    files: Annotated[list[Count], Field(max_length=MOST_AT_ONCE)]


class Sent(_Message):
    """All pieces are sent."""

    kind: Literal["sent"]


class Drop(_Message):
    """What was sent is not wanted any more."""

    kind: Literal["drop"]


class Piece(_Message):
    """Parts of files, whose bytes come after it one after another."""

    parts: Parts


Message = Offer | Check | Anew | Sent | Drop
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def read(sent: Any) -> Message | None:
    """What a browser sent; None for what the upload does not send."""
    try:
        return _MESSAGE.validate_python(sent)
    except ValidationError:
        return None


def read_piece(line: bytes | bytearray) -> Piece | None:
    """The line before a piece; None for any other."""
    try:
        return Piece.model_validate_json(line)
    except ValidationError:
        return None
