"""Drawn demo faces: portraits, a dataset, webcam-like scenes and clips, made in code from a seed.

For users without photos, for screenshots, for tests, and as a fake webcam.
"""

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from core.data.synthetic.canvas import Canvas, backdrop, develop
from core.data.synthetic.face import paint_person
from core.data.synthetic.person import Person, make_mask, make_person, make_shot

SUPERSAMPLE = 2
PORTRAIT_UNITS = 2.62
"""Side of a portrait in face units: the face's height of 1.87 and a fifth of the side or so around it."""
FACE_MIDDLE = 0.08
"""Height of the face box's middle in face units."""
JPEG_QUALITY = 92


def draw_face(label: str, rng: np.random.Generator, size: int = 192, person: Person | None = None) -> Image.Image:
    """One square RGB portrait of `size` pixels per side: a face with a margin around it, as a detector's widened box.

    `label` is mask, no_mask or wrong_mask (under the nose or on the chin); any other raises ValueError. Without a
    `person` a new one is made. The same generator state gives the same picture.
    """
    person = person or make_person(rng)
    shot = make_shot(label, rng)
    side = size * SUPERSAMPLE
    pixels = backdrop(rng, side, side)
    unit = side / PORTRAIT_UNITS * rng.uniform(0.92, 1.06)
    cx, cy = side / 2 + rng.normal(0, 0.03, 2) * side
    cx -= np.sin(shot.yaw) * 0.2 * unit
    paint_person(Canvas(pixels), person, shot, cx, cy - FACE_MIDDLE * unit, unit)
    return Image.fromarray(develop(pixels, (size, size), shot.tint, rng))


def make_dataset(folder: Path, per_class: int = 60, people: int = 40, seed: int = 0,
                 labels: Sequence[str] = ("mask", "no_mask", "wrong_mask"),
                 progress: Callable[[int, int], object] | None = None) -> Path:
    """Write <folder>/<label>/<name>.jpg (192 x 192) and groups.csv (columns file, group), and return the folder.

    `people` identities take turns in every label, so that a group is a person. The same arguments give the same
    files. `progress(done, total)` is called after each picture. The folder appears only once it is complete; raises
    FileExistsError where it already holds something, and ValueError for an unknown label.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} already holds files: choose a new or an empty folder for the drawn faces.")
    cast = [make_person(np.random.default_rng((seed, number))) for number in range(people)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        draft = Path(scratch) / folder.name
        draft.mkdir()
        rows = _write_pictures(draft, labels, per_class, cast, seed, progress)
        with (draft / "groups.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("file", "group"), *rows])
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    return folder


def _write_pictures(draft: Path, labels: Sequence[str], per_class: int, cast: list[Person], seed: int,
                    progress: Callable[[int, int], object] | None) -> list[tuple[str, str]]:
    """Draw every picture into the draft folder; returns the rows of groups.csv."""
    rows: list[tuple[str, str]] = []
    taken: Counter[int] = Counter()
    for number, label in enumerate(labels):
        (draft / label).mkdir()
        for turn in range(per_class):
            who = turn % len(cast)
            # Past the numbers of the cast: numpy takes (seed, 3) and (seed, 3, 0) for the same seed.
            rng = np.random.default_rng((seed, len(cast) + turn, number))
            name = f"{label}/p{who:02d}_{taken[who]}.jpg"
            taken[who] += 1
            draw_face(label, rng, person=cast[who]).save(draft / name, quality=JPEG_QUALITY)
            rows.append((name, f"p{who:02d}"))
            if progress:
                progress(len(rows), len(labels) * per_class)
    return rows


def draw_scene(labels: Sequence[str], rng: np.random.Generator, size: tuple[int, int] = (640, 480),
               people: Sequence[Person] | None = None) -> tuple[Image.Image, list[tuple[int, int, int, int]]]:
    """A webcam-like RGB picture of `size` (width, height) with one person per label, left to right.

    Returns it with the face boxes x0, y0, x1, y1 in pixels, in the order of the labels. Raises ValueError where the
    number of people differs from that of the labels, or a label is unknown.
    """
    if people is not None and len(people) != len(labels):
        raise ValueError(f"{len(people)} people cannot wear {len(labels)} labels: give one person for each label.")
    width, height = (side * SUPERSAMPLE for side in size)
    pixels = backdrop(rng, width, height)
    canvas = Canvas(pixels)
    boxes, tint = [], (1.0, 1.0, 1.0)
    slot = width / max(1, len(labels))
    for index, label in enumerate(labels):
        person = people[index] if people is not None else make_person(rng)
        shot = make_shot(label, rng)
        tint = shot.tint
        unit = min(slot / 2.9, height / 4.2) * rng.uniform(0.85, 1.08)
        cx = slot * (index + 0.5) + rng.normal(0, 0.03) * slot
        cy = height * rng.uniform(0.40, 0.5)
        head = paint_person(canvas, person, shot, cx, cy, unit)
        x0, y0, x1, y1 = (round(edge / SUPERSAMPLE) for edge in head.box())
        boxes.append((x0, y0, x1, y1))
    return Image.fromarray(develop(pixels, size, tint, rng)), boxes


def make_clip(path: Path, script: Sequence[tuple[str, float]] = (("no_mask", 2.0), ("mask", 2.0)),
              size: tuple[int, int] = (640, 480), fps: int = 15, seed: int = 0) -> Path:
    """Write a clip of one moving person whose mask follows the script of (label, seconds), and return its path.

    The suffix chooses the format: .mjpeg is JPEGs one after another, as Chromium's fake webcam reads them (the file
    holds no rate and Chromium plays it at 30 per second); .mp4 is H.264 and needs even sides. Any other suffix, an odd
    side for .mp4 and an unknown label raise ValueError.
    """
    path = Path(path)
    writers = {".mjpeg": _write_mjpeg, ".mp4": _write_mp4}
    if path.suffix.lower() not in writers:
        raise ValueError(f"{path.name}: a clip's name must end in .mjpeg or .mp4.")
    if path.suffix.lower() == ".mp4" and (size[0] % 2 or size[1] % 2):
        raise ValueError(f"An .mp4 clip needs an even width and height, not {size[0]} x {size[1]}.")
    writers[path.suffix.lower()](path, _frames(script, size, fps, seed), size, fps)
    return path


def _frames(script: Sequence[tuple[str, float]], size: tuple[int, int], fps: int, seed: int) -> Iterator[np.ndarray]:
    """The clip's frames, (H, W, 3) uint8 RGB each."""
    rng = np.random.default_rng(seed)
    person, mask = make_person(rng), make_mask(rng)
    width, height = (side * SUPERSAMPLE for side in size)
    scene = backdrop(rng, width, height)
    calm = make_shot("no_mask", rng)
    unit, phases, frame = height / 4.2, rng.uniform(0, 2 * np.pi, 5), 0
    for label, seconds in script:
        worn = make_shot(label, rng, mask)
        for _ in range(round(seconds * fps)):
            time = frame / fps
            sway = np.sin(time * np.array((1.1, 0.7, 0.9, 1.3, 0.5)) + phases)
            blinking = time % 3.1 > 2.95
            shot = replace(calm, position=worn.position, mask=mask, slip=worn.slip, yaw=0.16 * sway[0],
                           pitch=0.05 * sway[1], roll=0.07 * sway[2], mouth_open=0.0,
                           eyes_open=0.25 if blinking else calm.eyes_open)
            pixels = scene.copy()
            paint_person(Canvas(pixels), person, shot, width * (0.5 + 0.03 * sway[3]),
                         height * (0.45 + 0.012 * sway[4]), unit)
            yield develop(pixels, size, calm.tint, rng)
            frame += 1


def _write_mjpeg(path: Path, frames: Iterable[np.ndarray], size: tuple[int, int], fps: int) -> None:
    with path.open("wb") as file:
        for frame in frames:
            _, jpeg = cv2.imencode(".jpg", frame[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
            file.write(jpeg.tobytes())


def _write_mp4(path: Path, frames: Iterable[np.ndarray], size: tuple[int, int], fps: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
