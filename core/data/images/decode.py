"""Decode one picture file into RGB, or say in a sentence why it is refused.

However many threads decode, the pictures at work in one process have together no more pixels than the largest that is
read: 120 million, which take 1 GB at most, or 2.5 GB where they are transparent or have 16 bits.
"""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
SMALLEST_SIDE = 32
# More than the 108 megapixels of large phone photos. A small file can claim any number.
LARGEST_PIXELS = 120_000_000
_WHITE = (255, 255, 255)
# To which a large picture is reduced while it is decoded, as JPEG's decoder does.
_SCALES = (8, 4, 2)
# A smaller one takes little memory as it is, and a face cut from a webcam's picture keeps its very pixels.
_LARGE_PIXELS = 4_000_000
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


class PhotoError(ValueError):
    """The file is refused; the message is the reason, fit for the user to read."""


class TooManyHereError(PhotoError):
    """The picture has more pixels than the caller wanted decoded."""


class _Room:
    """Pixels that may be at work at one time; who wants more waits until others are done."""

    def __init__(self, pixels: int) -> None:
        self._free, self._changed = pixels, threading.Condition()

    @contextmanager
    def taken(self, pixels: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: pixels <= self._free)
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()


_room = _Room(LARGEST_PIXELS)


def decode(path: Path, wanted_side: int | None = None) -> Image.Image:
    """The picture as RGB, turned upright.

    `wanted_side` (pixels) lets a large picture be reduced to a half, quarter or eighth whose sides are still at least
    that long, which takes less memory, and for JPEG less time. Raises PhotoError with the reason.
    """
    return decode_with_size(path, wanted_side)[0]


def decode_with_size(
    path: Path, wanted_side: int | None = None, most_pixels: int = LARGEST_PIXELS
) -> tuple[Image.Image, tuple[int, int]]:
    """The same, and the whole picture's (width, height) as it is stored: not turned, not reduced. Raises PhotoError,
    and TooManyHereError where more than `most_pixels` would have to be decoded."""
    with _opened(path) as file:
        return _decode(file, wanted_side, most_pixels)


def read(path: Path) -> bytes:
    """The file as it is, for `decode_bytes`. Raises PhotoError."""
    with _opened(path) as file:
        return file.read()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        if path.stat().st_size == 0:
            raise PhotoError("the file is empty")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise PhotoError("the file is gone") from None
    except PermissionError:
        raise PhotoError("the file may not be read: check its permissions") from None
    except OSError as error:
        raise PhotoError(f"the file could not be read: {error.strerror}") from None


def decode_bytes(data: bytes, wanted_side: int | None = None) -> Image.Image:
    """The same for a picture held in memory, as an upload is. Raises PhotoError."""
    if not data:
        raise PhotoError("the file is empty")
    return _decode(io.BytesIO(data), wanted_side)[0]


def _decode(
    file: BinaryIO, wanted_side: int | None, most_pixels: int = LARGEST_PIXELS
) -> tuple[Image.Image, tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a bomb below twice its limit; the limit here is ours and checked below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=FORMATS)
        size = image.size
        _check_size(*size)
        if wanted_side:
            image.draft(None, (wanted_side, wanted_side))
        pixels = _at_work(image, size)
        if pixels > most_pixels:
            raise TooManyHereError(_too_many(*size, most_pixels))
        with _room.taken(pixels):
            image.load()
            return _reduced(_rgb(_upright(image)), size, wanted_side), size
    except UnidentifiedImageError:
        raise PhotoError("not a JPEG, PNG, WebP or BMP picture") from None
    except Image.DecompressionBombError:
        raise PhotoError(f"too many pixels for one photo (at most {_millions(LARGEST_PIXELS)})") from None
    except PhotoError:
        raise
    except Exception as error:
        # Decoders raise a dozen kinds of error for scrambled bytes; none may stop a scan.
        raise PhotoError(_reason(error)) from None


def _at_work(image: Image.Image, size: tuple[int, int]) -> int:
    # A progressive JPEG is held whole until its last scan, at whatever scale it is decoded.
    return math.prod(size if image.info.get("progressive") else image.size)


def _reduced(image: Image.Image, size: tuple[int, int], wanted_side: int | None) -> Image.Image:
    """What JPEG's decoder has not reduced itself of a picture that was (width, height) large."""
    fits = min(size) // wanted_side if wanted_side and math.prod(size) > _LARGE_PIXELS else 1
    scale = next((scale for scale in _SCALES if scale <= fits), 1)
    return image.reduce(scale) if scale > 1 and max(image.size) == max(size) else image


def _check_size(width: int, height: int) -> None:
    if width * height > LARGEST_PIXELS:
        raise PhotoError(_too_many(width, height, LARGEST_PIXELS))
    if min(width, height) < SMALLEST_SIDE:
        raise PhotoError(f"too small ({width} x {height}; both sides must have {SMALLEST_SIDE} pixels)")


def _too_many(width: int, height: int, most: int) -> str:
    return f"too many pixels for one photo ({width} x {height}; at most {_millions(most)})"


def _millions(pixels: int) -> str:
    return f"{pixels / 1e6:.0f} megapixels: a larger one may be a decompression bomb"


def _upright(image: Image.Image) -> Image.Image:
    # ImageOps.exif_transpose writes the EXIF block anew too, and fails on blocks that are merely odd.
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey would be clipped, not scaled, by Pillow's own conversion.
        grey = np.asarray(image).astype(np.float32) / 257
        return Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        page = Image.new("RGB", rgba.size, _WHITE)
        page.paste(rgba, mask=rgba.getchannel("A"))
        return page
    return image if image.mode == "RGB" else image.convert("RGB")


def _reason(error: Exception) -> str:
    text = str(error)
    if "truncated" in text or isinstance(error, EOFError):
        return "truncated: the end of the file is missing"
    return f"damaged: {text or type(error).__name__}"
