"""What is found out about one file of a dataset: size, digest and perceptual hash, or why it is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.images.decode import LARGEST_PIXELS, PhotoError, TooManyHereError, decode_with_size

# Large enough for a hash of the picture's content, small enough to decode quickly.
_HASHED_SIDE = 128
_SMALL, _LOW = 32, 8
# (width, height, digest, phash) of a usable photo, as scan.Photo says; the reason of a refused file.
Found = tuple[int, int, str, str] | str


def look(path: str, file: str, most_pixels: int = LARGEST_PIXELS) -> Found | None:
    """Look at the file at `path`, which is called `file` in its dataset; None where more than `most_pixels` would have
    to be decoded."""
    if not is_text(file):
        return "its name holds bytes that are no text: rename the file"
    if file.count("/") > 2:
        return "too deep: only one level of folders (a folder per person) is read below a label"
    try:
        image, (width, height) = decode_with_size(Path(path), _HASHED_SIDE, most_pixels)
        digest = digest_of(path)
    except TooManyHereError:
        return None
    except PhotoError as error:
        return str(error)
    except OSError as error:
        return f"the file could not be read: {error.strerror}"
    return width, height, digest, phash(image)


def digest_of(path: str | Path) -> str:
    """Of a file's bytes: by it models know what they were trained on. Raises OSError."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


def look_at(items: Sequence[tuple[str, str]], most_pixels: int = LARGEST_PIXELS) -> list[Found | None]:
    """What `look` finds of each (path, file)."""
    return [look(path, file, most_pixels) for path, file in items]


def phash(image: Image.Image) -> str:
    """The 64-bit perceptual hash as 16 hexadecimal digits, bit for bit that of `imagehash.phash`, in less time: whether
    each of the 8 x 8 lowest frequencies of the cosine transform of 32 x 32 grey pixels is above their median."""
    from scipy.fftpack import dct

    pixels = np.asarray(image.convert("L").resize((_SMALL, _SMALL), Image.Resampling.LANCZOS))
    # Only the rows that are kept are transformed along their length: each is transformed by itself.
    low = dct(dct(pixels, axis=0)[:_LOW], axis=1)[:, :_LOW]
    # The median, which np.median takes longer to find among so few.
    middle = np.sort(low, axis=None)[_LOW * _LOW // 2 - 1 : _LOW * _LOW // 2 + 1].mean()
    return np.packbits(low > middle).tobytes().hex()


def is_text(name: str) -> bool:
    """Whether a file's name can be written: on Linux it may hold any bytes."""
    try:
        name.encode()
        return True
    except UnicodeEncodeError:
        return False
