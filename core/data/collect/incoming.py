"""A picture that a browser's camera sends: its bytes out of the message, and whether it is worth keeping."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import cv2
import numpy as np

from core.data.collect import face_crop
from core.data.faces import attributes, landmarks
from core.data.faces.detector import FaceFinder
from core.data.images.decode import PhotoError

LARGEST_BYTES = 10_000_000
"""Of one picture: at quality 92 a full HD one takes less than 1 MB, one of 12 megapixels about 5 MB."""
PREFIX = "data:image/jpeg;base64,"
MOST_LETTERS = len(PREFIX) + 4 * -(-LARGEST_BYTES // 3)
"""Of the address in which LARGEST_BYTES are sent."""
# Shorter side of the face in pixels. Networks take a crop of 1.4 times as much as 224 pixels or less: a smaller face
# would be enlarged twofold. A webcam's 640 pixels give a face of this size at about an arm and a half.
SMALLEST_FACE = 80
# Score from which a smaller face beside the largest counts: the hair of drawn people is found with up to 0.64, and
# would keep good pictures out.
SURE = 0.7
# 95th percentile of the face's luma, 0..255: dark skin and a black mask have a low mean in good light too. Of 478 real
# web photos of faces the darkest had 59, and 99 of 100 had 99 or more; with a fifth of the light half have 41 or less.
DARKEST_FACE = 50
# Mean luma of a whole picture in which no face is found.
DARKEST = 40
# Variance of the Laplacian of the face at 112 x 112 pixels. Faces of four webcam videos had 97 to 360, those of web
# photos rarely less than 40.
LEAST_SHARPNESS = 35

NO_FACE, TOO_SMALL, TOO_DARK, BLURRED = "no face", "too small: come closer", "too dark", "blurred: hold still"
_NUMBERS = ("no", "one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Judged:
    """`refused`: why the picture is not kept, in plain words, or None. `turned`: where the one face is turned, as
    `attributes.turned_to`; `face`: what is kept of it, a JPEG of the face at the camera's resolution, since networks
    learn from faces, and from whole frames the room too. Without either where it is refused."""

    refused: str | None
    turned: float | None = None
    face: bytes = b""


def judge(rgb: np.ndarray) -> Judged:
    """Whether an RGB picture, uint8 (H, W, 3), shows exactly one face, large, bright and sharp enough."""
    height, width = rgb.shape[:2]
    faces = FaceFinder().find(rgb)
    if not faces:
        # In the dark no face is found: the picture's own brightness tells the two apart.
        return Judged(TOO_DARK if rgb.mean() < DARKEST else NO_FACE)
    several = 1 + sum(other.score >= SURE for other in faces[1:])
    if several > 1:
        return Judged(f"{_NUMBERS[several] if several < len(_NUMBERS) else several} faces")
    traits = attributes.measure(rgb, landmarks.of_face(faces[0], (width, height)))
    if reason := _why_not(traits, _brightest(rgb, faces[0].box)):
        return Judged(reason)
    return Judged(None, attributes.turned_to(np.array(faces[0].points)), face_crop.jpeg(rgb, faces[0].box))


def _brightest(rgb: np.ndarray, box: tuple[float, float, float, float]) -> float:
    """The 95th percentile of the luma within a box in pixels."""
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    luma = cv2.cvtColor(np.ascontiguousarray(rgb[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    return float(np.percentile(luma, 95))


def _why_not(traits: attributes.Traits, brightest: float) -> str | None:
    if traits.face_size < SMALLEST_FACE:
        return TOO_SMALL
    if brightest < DARKEST_FACE:
        return TOO_DARK
    return BLURRED if traits.sharpness < LEAST_SHARPNESS else None


def jpeg_bytes(address: str) -> bytes:
    """The bytes of a JPEG sent as a data address (`data:image/jpeg;base64,…`), as they were made. Raises PhotoError for
    anything else, and for more than LARGEST_BYTES."""
    if not address.startswith(PREFIX):
        raise PhotoError("not a JPEG picture")
    if len(address) > MOST_LETTERS:
        raise PhotoError(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        data = base64.b64decode(address[len(PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        raise PhotoError("damaged on its way") from None
    if len(data) > LARGEST_BYTES:
        raise PhotoError(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    if not data.startswith(b"\xff\xd8\xff"):
        raise PhotoError("not a JPEG picture")
    return data
