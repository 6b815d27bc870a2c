"""What several tests share: a tiny configuration, waiting, and pictures that break decoders."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import config as configs
from core.config import TrainConfig
from core.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.networks.registry import NETWORKS

# Every network in each of its modes.
KINDS = [
    (name, mode) for name, spec in NETWORKS.items() for mode in ("not_retrain", "retrain")[spec.retrain_from is None :]
]


def labels_of(backbone: str) -> tuple[Label, ...]:
    """As many labels as a network knows."""
    return TWO_CLASSES if NETWORKS[backbone].one_logit else THREE_CLASSES


def tiny_config(folder: Path, **overrides: Any) -> TrainConfig:
    """A training of seconds: BasicCNN from nothing on 32-pixel squares, in a precision that no measurement chooses."""
    values = {
        "dataset": str(folder), "backbone": "BasicCNN", "weights": "none", "image_size": 32, "epochs": 2,
        "batch_size": 8, "augment": True, "precision": "float32",
    }  # fmt: skip
    return configs.make(values | overrides)


def wait_for(predicate: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The predicate's first true value; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := predicate():
            return value
        time.sleep(0.03)
    raise AssertionError(f"still waiting after {seconds} s")


def picture(seed: int = 0, width: int = 64, height: int = 64) -> Image.Image:
    """A smooth coloured RGB picture, another one for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be width x height."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def broken_files(folder: Path) -> dict[str, str]:
    """Write one file of each refused kind into the folder; returns name -> a word of the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    picture(1).save(folder / "whole.jpg", quality=95)
    whole = (folder / "whole.jpg").read_bytes()
    (folder / "whole.jpg").unlink()
    picture(1).save(folder / "whole.png")
    spoilt = bytearray((folder / "whole.png").read_bytes())
    (folder / "whole.png").unlink()
    spoilt[len(spoilt) // 2 : len(spoilt) // 2 + 8] = b"spoilt!!"
    contents = {
        "empty.jpg": (b"", "empty"),
        "truncated.jpg": (whole[: len(whole) // 2], "truncated"),
        "corrupt.png": (bytes(spoilt), "damaged"),
        "no_header.jpg": (whole[:2] + bytes(200) + whole[200:], "not a JPEG, PNG, WebP or BMP"),
        "text.jpg": (b"these are words, not a picture\n" * 20, "not a JPEG, PNG, WebP or BMP"),
        "bomb.png": (png_header(50_000, 50_000), "decompression bomb"),
        "lesser_bomb.png": (png_header(12_000, 12_000), "decompression bomb"),
    }
    for name, (data, _) in contents.items():
        (folder / name).write_bytes(data)
    picture(2, 31, 64).save(folder / "small.png")
    picture(3).save(folder / "animated.gif")
    return {name: word for name, (_, word) in contents.items()} | {
        "small.png": "too small", "animated.gif": "not a JPEG, PNG, WebP or BMP",
    }  # fmt: skip


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1), of which one at least has an area."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, across) * max(0, down)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)
