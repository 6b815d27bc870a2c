"""The decoded photos on disk: right pixels whatever happens to the files, the disk or a process that writes them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.cache import resized_images
from core.data.cache.key_value_log import ENTRY
from core.store.paths import PROJECT
from tests.fixtures.cache_support import SIDE, SQUARE_BYTES, direct, kept, photos_of, squares, twelve_photos
from tests.fixtures.support import picture, wait_for

# Fills a cache once its standard input says so; writes each square's bytes to the file it is told.
FILL = f"""
import sys
from pathlib import Path
import numpy as np
from core.data.cache import network_outputs as keeping
from core.data.cache import resized_images as cache
cache._CHUNK = 1
print("ready", flush=True)
sys.stdin.readline()
own = cache.SquareCache({SIDE})
files = [Path(name) for name in sys.argv[2:]]
np.save(sys.argv[1], own.take(np.array(list(own.locate(files)))))
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return twelve_photos(tmp_path / "photos")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a full disk, writing beyond this size fails in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def start(out: Path, files: list[Path]) -> subprocess.Popen:
    words = [sys.executable, "-c", FILL, str(out), *map(str, files)]
    return subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_the_same_and_others(faces: Path, tmp_path: Path):
    files = sorted(faces.rglob("*.jpg"))
    shares = [files[:45], files[15:]]
    running = [start(tmp_path / f"{number}.npy", share) for number, share in enumerate(shares)]
    assert [process.stdout.readline() for process in running] == ["ready\n"] * 2
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(60) for process in running] == [0, 0]
    for process in running:
        process.stdin.close()
        process.stdout.close()
    for number, share in enumerate(shares):
        assert np.array_equal(np.load(tmp_path / f"{number}.npy"), direct(share))
    assert sum(path.stat().st_size for path in kept()) == len(files) * SQUARE_BYTES, "none is kept twice"
    assert np.array_equal(squares(files), direct(files))


def test_a_killed_writer_loses_only_time(faces: Path, tmp_path: Path):
    files = sorted(faces.rglob("*.jpg"))
    process = start(tmp_path / "never.npy", files)
    process.stdout.readline()
    process.stdin.write("go\n")
    process.stdin.flush()
    wait_for(lambda: kept(".index"))
    process.kill()
    process.communicate()
    assert np.array_equal(squares(files), direct(files))


def half_an_entry(path: Path) -> None:
    with path.with_suffix(".index").open("ab") as file:
        file.write(bytes(ENTRY // 2))


def spoilt_entry(path: Path) -> None:
    _spoil(path.with_suffix(".index"), 3 * ENTRY + 5)


def spoilt_square(path: Path) -> None:
    _spoil(path, 3 * SQUARE_BYTES + 99)


def half_a_square(path: Path) -> None:
    os.truncate(path, path.stat().st_size - SQUARE_BYTES // 2)


def square_without_entry(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(SQUARE_BYTES))


def no_index(path: Path) -> None:
    path.with_suffix(".index").unlink()


def _spoil(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 255]))


@pytest.mark.parametrize(
    "harm", [half_an_entry, spoilt_entry, spoilt_square, half_a_square, square_without_entry, no_index]
)
def test_what_is_torn_or_damaged_is_never_served(files: list[Path], harm):
    squares(files[:8])
    mapped = photos_of(files[:4]) if harm is not half_a_square else None
    if mapped:
        mapped.fill()
    before = mapped and mapped.load(range(4)).pixels
    harm(kept()[0])
    for _ in range(2):
        assert np.array_equal(squares(files), direct(files))
    if mapped and harm is not spoilt_square:
        assert torch.equal(mapped.load(range(4)).pixels, before), "a mapped square is never written over"
    size = resized_images.size()
    squares(files)
    assert resized_images.size() == size, "rebuilt once"


def test_what_was_not_used_for_longest_goes_first(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resized_images, "SEGMENT_BYTES", 1)
    monkeypatch.setattr(resized_images, "_CHUNK", 4)
    squares(files)
    for age, path in enumerate(kept()):
        os.utime(path.with_suffix(".index"), (1000 - age, 1000 - age))
    oldest, used = kept()[2], kept()[1]
    squares([next(path for path in files if direct([path]).tobytes() in used.read_bytes())])
    monkeypatch.setattr(resized_images, "LIMIT_BYTES", resized_images.size() + 100)
    other = files[0].parent / "other.png"
    picture(99).save(other)
    assert np.array_equal(squares([other]), direct([other]))
    assert not oldest.exists() and used.exists()
    assert resized_images.size() <= resized_images.limit()


def test_it_never_grows_beyond_its_limit(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resized_images, "LIMIT_BYTES", 5 * SQUARE_BYTES)
    monkeypatch.setattr(resized_images, "MEMORY_BYTES", 3 * SQUARE_BYTES)
    monkeypatch.setattr(resized_images, "_CHUNK", 2)
    photos = photos_of(files)
    photos.fill()
    for _ in range(2):
        assert torch.equal(photos.load(range(12)).pixels.permute(0, 2, 3, 1), torch.from_numpy(direct(files)))
    assert 0 < resized_images.size() <= 5 * SQUARE_BYTES


def test_a_full_disk_ends_nothing(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resized_images, "_CHUNK", 2)
    photos = photos_of(files)
    with largest_file(5 * SQUARE_BYTES + 10):
        photos.fill()
    assert kept()[0].stat().st_size == 4 * SQUARE_BYTES, "half a square is not left behind"
    assert torch.equal(photos.load(range(12)).pixels.permute(0, 2, 3, 1), torch.from_numpy(direct(files)))
    assert np.array_equal(squares(files), direct(files))
    assert sum(path.stat().st_size for path in kept()) == len(files) * SQUARE_BYTES, "and goes on when there is room"


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_a_folder_that_may_not_be_written(
    files: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch, memory: int
):
    monkeypatch.setattr(resized_images, "MEMORY_BYTES", memory)
    own_home.mkdir()
    (own_home / "cache").write_text("a file where the folder should be")
    photos = photos_of(files)
    photos.fill()
    expected = torch.from_numpy(direct(files))
    assert torch.equal(photos.load([3, 1]).pixels.permute(0, 2, 3, 1), expected[[3, 1]])
    assert torch.equal(photos[7][0].permute(1, 2, 0), expected[7])
    files[3].unlink()
    assert photos.load([3]).items == ([3] if memory else []), "what memory holds is kept"
