"""Open what a user wants classified: a picture, a folder of pictures, a video file, a camera or a stream address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from core.data.images import video
from core.data.images.decode import SUFFIXES, PhotoError, decode
from core.data.images.video import VideoError
from core.schema.errors import UserError

Refused = Callable[[str, str], None]
"""Called with a file that is left out and the reason."""

_ADDRESS = re.compile(r"^(rtsp|rtsps|rtmp|http|https|udp|tcp)://", re.IGNORECASE)
_STREAM_SECONDS = (10.0, 10.0)


@dataclass(frozen=True)
class Frame:
    """One picture: RGB uint8 (H, W, 3), where it is from, its number in its file and its time in seconds from 0."""

    source: str
    index: int
    time: float
    pixels: np.ndarray


@dataclass(frozen=True)
class Source:
    """An opened source. `frames` can be gone through once and holds one picture at a time; `seconds` is the length of
    a video file where the file says it; `files` are the input files, which nothing may overwrite; `root` is the folder
    they were searched in, None for a single file."""

    name: str
    still: bool
    frames: Generator[Frame]
    files: tuple[Path, ...] = ()
    root: Path | None = None
    seconds: float | None = None


def open_source(text: str, refused: Refused | None = None) -> Source:
    """The source that `text` names: a path, a camera number or an address (rtsp, rtmp, http, https, udp, tcp).

    A folder is searched with its sub-folders, and what cannot be decoded in it goes to `refused(file, reason)`.
    Raises UserError for what is missing, neither picture nor video, or does not open.
    """
    if text.isdecimal():
        return _camera(int(text))
    if _ADDRESS.match(text):
        return _stream(text)
    path = Path(text).expanduser()
    if not path.exists():
        raise UserError(f"There is no file or folder {path}: check the path.")
    if path.is_dir():
        return _folder(path, refused or (lambda file, reason: None))
    return _file(path)


def _folder(folder: Path, refused: Refused) -> Source:
    files = tuple(sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path, folder)))
    if not files:
        raise UserError(f"{folder} holds no file: give a folder of pictures.")
    return Source(folder.name, True, _pictures(files, refused), files, folder)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _pictures(files: tuple[Path, ...], refused: Refused) -> Generator[Frame]:
    used = False
    for path in files:
        try:
            pixels = np.asarray(decode(path))
        except PhotoError as error:
            refused(str(path), str(error))
            continue
        used = True
        yield Frame(str(path), 0, 0.0, pixels)
    if not used:
        raise UserError(f"None of the {len(files)} files in {files[0].parent} is a picture that can be used.")


def _file(path: Path) -> Source:
    try:
        pixels = np.asarray(decode(path))
    except PhotoError as error:
        if path.suffix.lower() in SUFFIXES:
            raise UserError(f"{path} cannot be used: {error}.") from None
        return _video(path)
    return Source(path.stem, True, _only(Frame(str(path), 0, 0.0, pixels)), (path,))


def _only(frame: Frame) -> Generator[Frame]:
    yield frame


def _video(path: Path) -> Source:
    try:
        container = video.opened(path)
    except VideoError as error:
        raise UserError(f"{path} is neither a picture (JPEG, PNG, WebP, BMP) nor a video: {error}.") from None
    return Source(path.stem, False, _decoded(container, str(path)), (path,), seconds=video.seconds(container))


def _stream(address: str) -> Source:
    try:
        container = av.open(address, timeout=_STREAM_SECONDS)
        if not container.streams.video:
            raise UserError(f"{address} sends no pictures.")
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"The stream {address} does not open ({reason}): check the address, the camera and its password."
        ) from None
    return Source("stream", False, _live(_pixels(_decoded(container, address)), address))


def _camera(number: int) -> Source:
    # OpenCV's own warnings would stand beside the one sentence that says the same.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    camera = cv2.VideoCapture(number)
    if not camera.isOpened():
        camera.release()
        raise UserError(
            f"Camera {number} does not open: check that it is plugged in, that no other program uses it, and that you "
            "may read it; the first camera is 0."
        )

    def pictures() -> Generator[np.ndarray]:
        try:
            while True:
                works, bgr = camera.read()
                if not works:
                    raise UserError(f"Camera {number} stopped sending pictures: was it unplugged?")
                yield cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        finally:
            camera.release()

    return Source(f"camera{number}", False, _live(pictures(), str(number)))


def _pixels(frames: Generator[Frame]) -> Generator[np.ndarray]:
    with closing(frames):
        for frame in frames:
            yield frame.pixels


def _live(pictures: Generator[np.ndarray], name: str) -> Generator[Frame]:
    """Frames timed by this machine's clock, as they come."""
    started = time.monotonic()
    with closing(pictures):
        for index, pixels in enumerate(pictures):
            yield Frame(name, index, time.monotonic() - started, pixels)


def _decoded(container: av.container.InputContainer, name: str) -> Generator[Frame]:
    """A container's frames, turned upright; packets that cannot be decoded are left out."""
    with container:
        try:
            for index, (at, picture) in enumerate(video.pictures(container)):
                yield Frame(name, index, at, video.upright(picture))
        except VideoError as error:
            raise UserError(f"{name}: {error}.") from None
