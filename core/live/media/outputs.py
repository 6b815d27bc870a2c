"""Write annotated pictures and video, never over an input."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from PIL import Image

from core.data.images.decode import SUFFIXES
from core.live.media.sources import Frame, Source
from core.schema.errors import UserError

_CLOCK = Fraction(1, 90_000)
_QUALITY = {"preset": "veryfast", "crf": "23"}
# The index in front lets a browser play before it has the whole file.
_INDEX_FIRST = {"movflags": "+faststart"}


class Output(Protocol):
    """Takes annotated pictures in order; `close` must be called, also after a failure."""

    def write(self, frame: Frame, pixels: np.ndarray) -> None: ...

    def close(self) -> None: ...


def open_output(out: Path, source: Source) -> Output:
    """Where annotated pictures go: a folder, or one file for one picture or video (.mp4).

    Raises UserError where that would overwrite an input, the ending does not fit, or nothing can be written there.
    """
    out = out.expanduser()
    names_file = bool(out.suffix) and not out.is_dir()
    try:
        if source.still:
            return _pictures(out, source, names_file)
        if names_file and out.suffix.lower() != ".mp4":
            raise UserError(f"{out} does not end in .mp4: annotated video is written as H.264 in .mp4.")
        path = out if names_file else out / f"{source.name}.mp4"
        _check_free(path, source)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("wb").close()
        return VideoFile(path)
    except OSError as error:
        raise UserError(f"Nothing can be written to {out}: {error.strerror}.") from None


def _pictures(out: Path, source: Source, names_file: bool) -> Output:
    if names_file:
        if source.root:
            raise UserError(f"{out} is one file, but the source is a folder of pictures: give a folder.")
        if out.suffix.lower() not in SUFFIXES:
            raise UserError(f"{out} does not end in one of {', '.join(SUFFIXES)}: the source is a picture.")
        _check_free(out, source)
        out.parent.mkdir(parents=True, exist_ok=True)
        return PictureFiles(out.parent, None, out.name)
    if source.root and out.resolve().is_relative_to(source.root.resolve()):
        raise UserError(f"{out} lies in the folder that is classified: choose a folder outside {source.root}.")
    for file in source.files:
        _check_free(out / file.name, source)
    out.mkdir(parents=True, exist_ok=True)
    return PictureFiles(out, source.root)


def _check_free(path: Path, source: Source) -> None:
    if path.resolve() in {file.resolve() for file in source.files}:
        raise UserError(f"{path} is the source itself and would be overwritten: choose another place for the result.")


class PictureFiles:
    """Writes each picture into `folder`: under `name`, or under its own name and in the sub-folder it has in `root`."""

    def __init__(self, folder: Path, root: Path | None, name: str | None = None) -> None:
        self._folder, self._root, self._name = folder, root, name

    def write(self, frame: Frame, pixels: np.ndarray) -> None:
        """Save one picture in the format of its ending. Raises UserError where the disk refuses."""
        source = Path(frame.source)
        path = self._folder / (self._name or (source.relative_to(self._root) if self._root else source.name))
        if path.suffix.lower() not in SUFFIXES:
            path = path.with_name(path.name + ".png")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, quality=92)
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror or error}.") from None

    def close(self) -> None:
        """Nothing is held open."""


class VideoFile:
    """An H.264 .mp4 that browsers play; keeps the frames' own times. Even sides: an odd last row or column is cut."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container = av.open(str(path), "w", format="mp4", container_options=_INDEX_FIRST)
        self._stream: av.VideoStream | None = None
        self._last = -1

    def write(self, frame: Frame, pixels: np.ndarray) -> None:
        """Add one picture, shown from its frame's time. Raises UserError where the disk refuses."""
        height, width = (side - side % 2 for side in pixels.shape[:2])
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", options=_QUALITY)
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = _CLOCK
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format="rgb24")
        self._last = max(self._last + 1, round(frame.time / _CLOCK))
        picture.pts, picture.time_base = self._last, _CLOCK
        try:
            self._container.mux(self._stream.encode(picture))
        except (av.FFmpegError, OSError) as error:
            raise UserError(f"{self._path} cannot be written: {error}.") from None

    def close(self) -> None:
        """Finish the file; what was written so far plays, also after an interrupted run."""
        with self._container:
            if self._stream is not None:
                self._container.mux(self._stream.encode())
