"""The decoded photos on disk: what is kept is what decoding gives, of every photo and size, and is never stale."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.data.cache import network_outputs as keeping
from core.data.cache import resized_images
from core.data.cache.key_value_log import ENTRY
from core.data.cache.resized_images import SquareCache
from core.data.images.decode import PhotoError, decode
from core.data.images.preprocessing import Preprocessing
from core.data.synthetic.demo import draw_scene
from tests.fixtures.cache_support import SIDE, SQUARE_BYTES, direct, kept, photos_of, squares, twelve_photos
from tests.fixtures.support import picture


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return twelve_photos(tmp_path / "photos")


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
        resized_images.clear()
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
    monkeypatch.setattr(resized_images, "_SETTLED_NS", settled)
    path = tmp_path / "photo.bmp"
    picture(1).save(path)
    before = path.stat()
    squares([path])
    picture(2).save(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert np.array_equal(squares([path]), direct([path]))


def test_an_unchanged_photo_is_noted_once(files: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resized_images, "_SETTLED_NS", 0)
    for _ in range(2):
        squares(files)
        assert (resized_images.folder() / "names").stat().st_size == len(files) * ENTRY


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


def test_clearing_disturbs_nobody(files: list[Path]):
    photos = photos_of(files)
    photos.load(range(6))
    assert resized_images.size() > 6 * SQUARE_BYTES
    resized_images.clear()
    assert resized_images.size() == 0
    assert torch.equal(photos.load(range(12)).pixels.permute(0, 2, 3, 1), torch.from_numpy(direct(files)))
    assert [path.stat().st_size for path in kept()] == [6 * SQUARE_BYTES]
    assert np.array_equal(squares(files), direct(files))


def test_the_command_shows_and_clears(files: list[Path], capsys: pytest.CaptureFixture):
    squares(files)
    keeping.folder().mkdir(parents=True)
    np.save(keeping.folder() / "views.npy", np.zeros((2, 1_000_000), np.float32))
    assert main(["cache"]) == 0 and resized_images.size()
    said = capsys.readouterr().out
    assert str(resized_images.folder()) in said and "Cached features and networks: 8 MB of 4,295 MB" in said
    assert main(["cache", "--clear"]) == 0 and resized_images.size() == keeping.size() == 0
    assert "0 MB of" in capsys.readouterr().out
