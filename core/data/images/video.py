"""A video file, picture by picture: only containers that can't lead elsewhere are opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import av
import numpy as np

# Play-lists and text "formats" would let a file make this machine open others; only these containers are read.
_CONTAINERS = "mov,mp4,m4a,3gp,matroska,webm,avi,mpegts,mpeg,mpegvideo,mjpeg,ogg,asf,flv,gif,h264,hevc,m4v"
_FILE_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
# Where a file does not say how fast it is.
_RATE = 25


class VideoError(ValueError):
    """The video can't be read, or no further; the message is the reason, fit for the user to read."""


def opened(file: Path | IO[bytes]) -> av.container.InputContainer:
    """The container of a video, to be closed. Raises VideoError for anything else."""
    try:
        source = str(file.resolve()) if isinstance(file, Path) else file
        container = av.open(source, "r", options=_FILE_OPTIONS)
    except (av.FFmpegError, OSError):
        raise VideoError("it can't be read; is it damaged?") from None
    if not container.streams.video:
        container.close()
        raise VideoError("it holds sound but no pictures")
    return container


def seconds(container: av.container.InputContainer) -> float | None:
    """How long it lasts, where the file says so."""
    return container.duration / av.time_base if container.duration else None


def pictures(container: av.container.InputContainer) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every picture that can be decoded with its time in seconds from the first one; packets that can't be are left
    out. Raises VideoError where it breaks off, and where there is none."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    rate = float(stream.average_rate or _RATE)
    index, start = 0, None
    for picture in _decodable(container, stream):
        at = picture.time if picture.time is not None else index / rate
        start = at if start is None else start
        yield max(0.0, at - start), picture
        index += 1
    if not index:
        raise VideoError("it holds no picture that can be decoded; is it damaged?")


def upright(picture: av.VideoFrame) -> np.ndarray:
    """A picture as RGB, uint8 (H, W, 3), turned as the camera was held."""
    pixels = np.rot90(picture.to_ndarray(format="rgb24"), picture.rotation // 90)
    return np.ascontiguousarray(pixels)


def _decodable(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            found = packet.decode() if packet else ()
        except av.error.InvalidDataError:
            continue
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"it stopped ({error.strerror or error})") from None
        if packet is None:
            return
        yield from found
