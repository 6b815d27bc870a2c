"""The decoded photos on disk: right pixels always, whatever happens to the photos, the files, the disk or a process."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.data import cache
from core.data import kept as keeping
from core.data.cache import SquareCache
from core.data.dataset import FacePhotos
from core.data.demo import draw_scene
from core.data.ledger import ENTRY
from core.data.photos import PhotoError, decode
from core.data.preprocess import Preprocessing
from core.data.split import Row
from core.labels import TWO_CLASSES, Label
from core.paths import PROJECT
from tests.support import picture, wait_for

SIDE = 48
SQUARE_BYTES = 3 * SIDE**2
# Fills a cache once its standard input says so; writes each square's bytes to the file it is told.
FILL = f"""
import sys
from pathlib import Path
import numpy as np
from core.data import cache
from core.data import kept as keeping
cache._CHUNK = 1
print("ready", flush=True)
sys.stdin.readline()
own = cache.SquareCache({SIDE})
files = [Path(name) for name in sys.argv[2:]]
np.save(sys.argv[1], own.take(np.array(list(own.locate(files)))))
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Twelve photos of their own, some of which are larger than the square and some smaller."""
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = [folder / f"{number}.{form}" for number, form in enumerate(["jpg", "png", "webp"] * 4)]
    for number, path in enumerate(paths):
        picture(number, 40 + 30 * number, 60 + 20 * number).save(path)
    return paths


def direct(files: list[Path], side: int = SIDE) -> np.ndarray:
    return np.stack([Preprocessing(side).pixels(decode(path, 2 * side)) for path in files])


def squares(files: list[Path], **options) -> np.ndarray:
    own = SquareCache(SIDE, **options)
    return own.take(np.array(list(own.locate(files))))


def kept(suffix: str = ".squares") -> list[Path]:
    return sorted(cache.folder().rglob(f"*{suffix}"))


def photos_of(files: list[Path], side: int = SIDE) -> FacePhotos:
    rows = [Row(path.name, Label.MASK, path.name, "train") for path in files]
    return FacePhotos(files[0].parent, rows, TWO_CLASSES, Preprocessing(side))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a full disk, writing beyond this size fails in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_kept_is_what_decoding_gives(files: list[Path]):
    for _ in range(2):
        assert np.array_equal(squares(files), direct(files))
    assert [path.stat().st_size for path in kept()] == [len(files) * SQUARE_BYTES]


def test_a_batch_is_channels_last_and_in_the_order_asked_for(files: list[Path]):
    photos = photos_of(files)
    photos.fill()
    batch = photos.load([7, 2, 7])
    expected = torch.from_numpy(direct([files[7], files[2], files[7]])).permute(0, 3, 1, 2)
    assert torch.equal(batch.pixels, expected) and batch.items == [7, 2, 7]
    assert batch.pixels.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(photos[2][0], batch.pixels[1])
    batch.pixels.zero_()
    assert torch.equal(photos.load([7, 2, 7]).pixels, expected), "a batch is a copy"
    assert photos.load([]).pixels.shape == (0, 3, SIDE, SIDE)


def test_one_worker_and_two_keep_the_same_bytes(files: list[Path]):
    contents = []
    for workers in (1, 2):
        squares(files, workers=workers)
        contents.append([path.read_bytes() for path in kept() + kept(".index")])
        cache.clear()
    assert contents[0] == contents[1]


def test_a_reduced_scale_loses_nothing_to_see(tmp_path: Path):
    pixels, _ = draw_scene(["mask", "no_mask"], np.random.default_rng(3), (2400, 1800))
    pixels.save(tmp_path / "large.jpg", quality=92)
    assert decode(tmp_path / "large.jpg", 2 * 224).size == (600, 450)
    reduced = squares_of(tmp_path / "large.jpg", 224)
    whole = Preprocessing(224).pixels(decode(tmp_path / "large.jpg"))
    # In levels of 255. Reduced to the square's own side, the mean is over 1 on photos.
    difference = np.abs(reduced.astype(float) - whole)
    assert difference.mean() < 0.5 and difference.max() <= 12


def squares_of(path: Path, side: int) -> np.ndarray:
    own = SquareCache(side)
    return own.take(np.array(list(own.locate([path]))))[0]


def test_a_copy_under_another_name_is_not_kept_twice(files: list[Path], tmp_path: Path):
    squares(files)
    size = kept()[0].stat().st_size
    copies = [Path(shutil.copy(path, tmp_path / f"copy-{path.name}")) for path in files]
    assert np.array_equal(squares(copies + files[:1]), direct(copies + files[:1]))
    assert [path.stat().st_size for path in kept()] == [size]


def test_every_size_has_its_own(files: list[Path]):
    squares(files)
    assert np.array_equal(squares_of(files[0], 32), direct(files[:1], 32)[0])
    assert len(kept()) == 2


@pytest.mark.parametrize("settled", [0, 2_000_000_000])
def test_a_changed_photo_is_never_served_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: int):
    """Also when it keeps its size and its time."""
    monkeypatch.setattr(cache, "_SETTLED_NS", settled)
    path = tmp_path / "photo.bmp"
    picture(1).save(path)
    before = path.stat()
    squares([path])
    picture(2).save(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert np.array_equal(squares([path]), direct([path]))


def test_an_unchanged_photo_is_noted_once(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "_SETTLED_NS", 0)
    for _ in range(2):
        squares(files)
        assert (cache.folder() / "names").stat().st_size == len(files) * ENTRY


def test_a_damaged_photo_is_told_and_others_are_served(files: list[Path]):
    photos_of(files).fill()
    files[3].write_bytes(b"no picture")
    files[5].unlink()
    photos = photos_of(files)
    seen = []
    photos.fill(lambda *count: seen.append(count))
    assert seen == [(done, len(files)) for done in range(1, len(files) + 1)]
    assert [item.file for item in photos.lost] == [files[3].name, files[5].name]
    batch = photos.load(range(len(files)))
    assert batch.items == [item for item in range(len(files)) if item not in (3, 5)]
    assert len(photos.lost) == 2
    with pytest.raises(PhotoError, match="gone"):
        photos[5]


def test_progress_may_end_it(files: list[Path]):
    def stop(done: int, total: int) -> None:
        raise InterruptedError

    photos = photos_of(files)
    with pytest.raises(InterruptedError):
        photos.fill(stop)
    assert torch.equal(photos.load([4]).pixels[0].permute(1, 2, 0), torch.from_numpy(direct(files)[4]))


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
    size = cache.size()
    squares(files)
    assert cache.size() == size, "rebuilt once"


def test_clearing_disturbs_nobody(files: list[Path]):
    photos = photos_of(files)
    photos.load(range(6))
    assert cache.size() > 6 * SQUARE_BYTES
    cache.clear()
    assert cache.size() == 0
    assert torch.equal(photos.load(range(12)).pixels.permute(0, 2, 3, 1), torch.from_numpy(direct(files)))
    assert [path.stat().st_size for path in kept()] == [6 * SQUARE_BYTES]
    assert np.array_equal(squares(files), direct(files))


def test_what_was_not_used_for_longest_goes_first(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "SEGMENT_BYTES", 1)
    monkeypatch.setattr(cache, "_CHUNK", 4)
    squares(files)
    for age, path in enumerate(kept()):
        os.utime(path.with_suffix(".index"), (1000 - age, 1000 - age))
    oldest, used = kept()[2], kept()[1]
    squares([next(path for path in files if direct([path]).tobytes() in used.read_bytes())])
    monkeypatch.setattr(cache, "LIMIT_BYTES", cache.size() + 100)
    other = files[0].parent / "other.png"
    picture(99).save(other)
    assert np.array_equal(squares([other]), direct([other]))
    assert not oldest.exists() and used.exists()
    assert cache.size() <= cache.limit()


def test_it_never_grows_beyond_its_limit(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "LIMIT_BYTES", 5 * SQUARE_BYTES)
    monkeypatch.setattr(cache, "MEMORY_BYTES", 3 * SQUARE_BYTES)
    monkeypatch.setattr(cache, "_CHUNK", 2)
    photos = photos_of(files)
    photos.fill()
    for _ in range(2):
        assert torch.equal(photos.load(range(12)).pixels.permute(0, 2, 3, 1), torch.from_numpy(direct(files)))
    assert 0 < cache.size() <= 5 * SQUARE_BYTES


def test_a_full_disk_ends_nothing(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "_CHUNK", 2)
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
    monkeypatch.setattr(cache, "MEMORY_BYTES", memory)
    own_home.mkdir()
    (own_home / "cache").write_text("a file where the folder should be")
    photos = photos_of(files)
    photos.fill()
    expected = torch.from_numpy(direct(files))
    assert torch.equal(photos.load([3, 1]).pixels.permute(0, 2, 3, 1), expected[[3, 1]])
    assert torch.equal(photos[7][0].permute(1, 2, 0), expected[7])
    files[3].unlink()
    assert photos.load([3]).items == ([3] if memory else []), "what memory holds is kept"


def test_the_command_shows_and_clears(files: list[Path], capsys: pytest.CaptureFixture):
    squares(files)
    keeping.folder().mkdir(parents=True)
    np.save(keeping.folder() / "views.npy", np.zeros((2, 1_000_000), np.float32))
    assert main(["cache"]) == 0 and cache.size()
    said = capsys.readouterr().out
    assert str(cache.folder()) in said and "Cached features and networks: 8 MB of 4,295 MB" in said
    assert main(["cache", "--clear"]) == 0 and cache.size() == keeping.size() == 0
    assert "0 MB of" in capsys.readouterr().out
