"""What the tests of incoming photos share."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tests.fixtures.support import picture


@pytest.fixture
def photo_bytes() -> Callable[[int], bytes]:
    """A small JPEG, another for each seed."""

    def draw(seed: int) -> bytes:
        out = io.BytesIO()
        picture(seed).save(out, "JPEG")
        return out.getvalue()

    return draw
