"""What the camera in the browser sends, checked: nothing in it is trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.data.collect import incoming, sources
from core.data.collect.new_dataset import MOST_NAME
from core.schema.labels import Label

# Milliseconds since 1970, in 1970 to 2100: a phone's clock may be wrong.
_LATEST = 4_102_444_800_000

Id = Annotated[str, Field(pattern=r"^[0-9a-f-]{8,40}$")]


class Photo(BaseModel):
    """One picture. It names what was chosen when it was taken, which may be chosen otherwise by the time it comes; `at`
    is in milliseconds since 1970, `number` counts a browser's pictures."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["photo"]
    id: Id
    folder: Annotated[str, Field(max_length=4096)]
    label: Annotated[Label, Field(strict=False)]
    person: Annotated[str, Field(min_length=1, max_length=MOST_NAME)]
    source: Annotated[str, Field(max_length=sources.MOST_NAME)]
    at: Annotated[int, Field(ge=0, lt=_LATEST)]
    number: Annotated[int, Field(ge=0, lt=1_000_000)]
    picture: Annotated[str, Field(max_length=incoming.MOST_LETTERS)]

    @property
    def name(self) -> str:
        """The file's name: the same each time that this picture is sent."""
        at = datetime.fromtimestamp(self.at / 1000, UTC)
        return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}-{self.number}.jpg"


class TakeBack(BaseModel):
    """The ids of pictures that are to go again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["back"]
    id: Id
    photos: Annotated[list[Id], Field(max_length=10_000)]


Message = Annotated[Photo | TakeBack, Field(discriminator="kind")]
_MESSAGE: TypeAdapter[Photo | TakeBack] = TypeAdapter(Message)


def read(sent: Any) -> Photo | TakeBack | None:
    """What a browser sent; None for what the camera does not send."""
    try:
        return _MESSAGE.validate_python(sent)
    except ValidationError:
        return None
