"""Decoding: what is read and how, what is refused and why."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from core.data.dataset import inspect_file
from core.data.dataset.scan import scan
from core.data.images import decode as photos
from core.data.images.decode import PhotoError, decode, decode_bytes, decode_with_size
from core.store.paths import PROJECT
from tests.fixtures.support import broken_files, picture, png_header

TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def encoded(image: Image.Image, form: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def difference(image: Image.Image, other: Image.Image) -> float:
    assert image.size == other.size
    return float(np.abs(np.asarray(image, float) - np.asarray(other, float)).mean())


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_undone(orientation: int, form: str):
    upright = picture(4, 48, 80)
    turn = TURNS[orientation]
    stored = upright.transpose(turn) if turn is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = decode_bytes(encoded(stored, form, exif=exif.tobytes(), quality=95))
    assert read.mode == "RGB"
    assert difference(read, upright) < 3


def test_an_odd_exif_block_does_not_cost_the_photo():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a face"
    stored = picture(4, 48, 80).transpose(Image.Transpose.ROTATE_90)
    data = encoded(stored, "JPEG", exif=exif.tobytes(), quality=95)
    # The description's tag becomes that of the resolution, which should be a number and now is text.
    odd = data.replace(b"\x01\x0e\x00\x02", b"\x01\x1a\x00\x02").replace(b"\x0e\x01\x02\x00", b"\x1a\x01\x02\x00")
    assert odd != data
    assert difference(decode_bytes(odd), picture(4, 48, 80)) < 3


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})])
def test_lossless_formats_are_exact(form: str, options: dict):
    assert difference(decode_bytes(encoded(picture(5), form, **options)), picture(5)) == 0


def test_jpeg_is_close():
    assert difference(decode_bytes(encoded(picture(5), "JPEG", quality=95)), picture(5)) < 3


def test_the_first_picture_of_a_multi_picture_jpeg():
    data = encoded(picture(5), "MPO", save_all=True, append_images=[picture(6)], quality=95)
    assert difference(decode_bytes(data), picture(5)) < 3


def test_grey_keeps_its_values():
    grey = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1)))
    read = np.asarray(decode_bytes(encoded(grey, "PNG")))
    assert (read == np.asarray(grey)[..., None]).all()
    black_white = Image.new("1", (40, 40), 1)
    assert np.asarray(decode_bytes(encoded(black_white, "PNG"))).min() == 255


def test_sixteen_bit_grey_is_scaled_not_clipped():
    values = np.tile((np.arange(64) * 1024).astype(np.uint16), (64, 1))
    read = np.asarray(decode_bytes(encoded(Image.fromarray(values), "PNG")))
    assert np.abs(read[..., 0].astype(float) - values / 257).max() <= 1
    assert (read[..., 0] == read[..., 2]).all()


def test_transparency_shows_white():
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[:, :20], rgba[:, 20:40], rgba[:, 40:] = (10, 200, 30, 255), (10, 200, 30, 0), (0, 0, 0, 128)
    read = np.asarray(decode_bytes(encoded(Image.fromarray(rgba), "PNG"))).astype(int)
    assert read[0, 0].tolist() == [10, 200, 30]
    assert read[0, 30].tolist() == [255, 255, 255]
    assert np.abs(read[0, 50] - 127).max() <= 1


def test_grey_with_alpha_shows_white():
    pixels = np.zeros((40, 40, 2), np.uint8)
    pixels[:20] = (90, 255)
    read = np.asarray(decode_bytes(encoded(Image.fromarray(pixels, "LA"), "PNG")))
    assert read[0, 0].tolist() == [90, 90, 90]
    assert read[30, 0].tolist() == [255, 255, 255]


def test_a_palette_with_a_transparent_colour():
    image = Image.new("P", (40, 40), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(0, (0, 0, 20, 40))
    read = np.asarray(decode_bytes(encoded(image, "PNG", transparency=0)))
    assert read[0, 0].tolist() == [255, 255, 255]
    assert read[0, 30].tolist() == [0, 0, 255]


def test_cmyk_jpeg():
    cmyk = np.zeros((40, 80, 4), np.uint8)
    cmyk[:, 40:] = (0, 255, 255, 0)
    read = np.asarray(decode_bytes(encoded(Image.fromarray(cmyk, "CMYK"), "JPEG", quality=95))).astype(int)
    assert np.abs(read[20, 10] - (255, 255, 255)).max() < 8
    assert np.abs(read[20, 70] - (255, 0, 0)).max() < 8


def test_a_large_jpeg_is_decoded_small_but_not_too_small(tmp_path: Path):
    picture(7, 2000, 1200).save(tmp_path / "large.jpg", quality=90)
    small = decode(tmp_path / "large.jpg", wanted_side=200)
    assert 200 <= min(small.size) < 400
    assert difference(small, picture(7, 2000, 1200).resize(small.size)) < 4
    assert decode(tmp_path / "large.jpg").size == (2000, 1200)


def test_each_broken_file_has_its_reason(tmp_path: Path):
    for name, word in broken_files(tmp_path).items():
        with pytest.raises(PhotoError, match=word):
            decode(tmp_path / name)
        with pytest.raises(PhotoError, match=word):
            decode_bytes((tmp_path / name).read_bytes())


@pytest.mark.parametrize("form", ["PNG", "WEBP", "BMP"])
def test_the_end_is_missing(form: str):
    data = encoded(picture(8), form)
    with pytest.raises(PhotoError, match=r"truncated|damaged"):
        decode_bytes(data[: len(data) // 2])


def test_a_bomb_is_refused_by_its_header_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    broken_files(tmp_path)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("the bomb was decoded"))
    for name in ("bomb.png", "lesser_bomb.png"):
        assert (tmp_path / name).stat().st_size < 200
        with pytest.raises(PhotoError, match="bomb"):
            decode(tmp_path / name)


def test_sizes_at_the_limit(monkeypatch: pytest.MonkeyPatch):
    assert decode_bytes(encoded(picture(9, 32, 32), "PNG")).size == (32, 32)
    with pytest.raises(PhotoError, match="31 x 32"):
        decode_bytes(encoded(picture(9, 31, 32), "PNG"))
    monkeypatch.setattr(photos, "LARGEST_PIXELS", 64 * 64)
    assert decode_bytes(encoded(picture(9), "PNG")).size == (64, 64)
    with pytest.raises(PhotoError, match="65 x 64"):
        decode_bytes(encoded(picture(9, 65, 64), "PNG"))


def test_the_limit_is_one_number_in_code_and_words(tmp_path: Path):
    (tmp_path / "large.png").write_bytes(png_header(12_000, 10_001))
    most = f"at most {photos.LARGEST_PIXELS / 1e6:.0f} megapixels"
    with pytest.raises(PhotoError, match=f"12000 x 10001; {most}"):
        decode(tmp_path / "large.png")
    (tmp_path / "larger.png").write_bytes(png_header(50_000, 50_000))
    with pytest.raises(PhotoError, match=most):
        decode(tmp_path / "larger.png")
    assert f"over {photos.LARGEST_PIXELS / 1e6:.0f} megapixels" in (PROJECT / "README.md").read_text()
    assert "200 megapixels" not in Path(photos.__file__).read_text()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "BMP"])
def test_other_large_pictures_are_reduced_as_a_jpeg_is(form: str):
    large = picture(7, 2500, 1800)
    small = decode_bytes(encoded(large, form), wanted_side=330)
    assert small.size == decode_bytes(encoded(large, "JPEG"), wanted_side=330).size == (625, 450)
    assert difference(small, large.resize(small.size)) < 4
    # A face cut from a webcam's picture keeps its pixels.
    assert decode_bytes(encoded(picture(7, 1000, 600), form), wanted_side=130).size == (1000, 600)


@pytest.mark.parametrize(
    ("form", "options", "side", "most"),
    [("PNG", {}, None, 2), ("JPEG", {}, None, 2), ("JPEG", {}, 100, 8), ("JPEG", {"progressive": True}, 100, 2)],
)
def test_many_threads_decode_no_more_pixels_at_once_than_the_largest_photo_has(
    form: str, options: dict, side: int | None, most: int, monkeypatch: pytest.MonkeyPatch
):
    """Room for two and a half of these pictures: a JPEG that is decoded at an eighth takes a 64th of it, but not one
    that is held whole until its last scan."""
    monkeypatch.setattr(photos, "_room", photos._Room(800 * 800 * 5 // 2))
    data, at_work, seen, lock = encoded(picture(8, 800, 800), form, **options), [], [], threading.Lock()
    gathered, real = threading.Barrier(most, timeout=20), ImageFile.ImageFile.load

    def load(image):
        # Whatever is done with a picture loads it; only the first time is there something to decode.
        if not image.tile:
            return real(image)
        with lock:
            at_work.append(1)
            seen.append(len(at_work))
        # Nobody goes on before as many are at work as may be.
        gathered.wait()
        loaded = real(image)
        with lock:
            at_work.pop()
        return loaded

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lambda _: decode_bytes(data, side), range(8)))) == 8
    assert max(seen) == most


def test_a_process_leaves_what_is_more_than_its_part_to_the_one_that_started_it(tmp_path: Path):
    picture(8, 400, 300).save(tmp_path / "large.png")
    assert inspect_file.look_at([(str(tmp_path / "large.png"), "large.png")], 100_000) == [None]
    assert inspect_file.look_at([(str(tmp_path / "large.png"), "large.png")], 120_000) != [None]
    with pytest.raises(PhotoError, match=r"400 x 300; at most 0 megapixels"):
        decode_with_size(tmp_path / "large.png", None, 100_000)


def test_a_file_that_is_gone(tmp_path: Path):
    with pytest.raises(PhotoError, match="gone"):
        decode(tmp_path / "never.jpg")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP"])
def test_scrambled_bytes_are_read_or_refused_but_never_crash(form: str):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a face"
    whole = np.frombuffer(encoded(picture(10, 40, 40), form, exif=exif.tobytes()), np.uint8)
    rng = np.random.default_rng(5)
    refused = 0
    for _ in range(1500):
        data = whole.copy()
        # Most of what a decoder trips over stands in the headers.
        reach = len(data) if rng.random() < 0.3 else min(120, len(data))
        count = rng.integers(1, 6)
        data[rng.integers(0, reach, count)] = rng.integers(0, 256, count)
        try:
            assert decode_bytes(data.tobytes()).mode == "RGB"
        except PhotoError as error:
            refused += 1
            assert str(error)
    assert refused > 0


def test_none_of_them_stops_a_scan(tmp_path: Path):
    root = tmp_path / "faces"
    words = broken_files(root / "mask")
    (root / "no_mask").mkdir()
    picture(11).save(root / "mask" / "good.png")
    picture(12).save(root / "no_mask" / "good.webp")
    found = scan(root)
    assert [photo.file for photo in found.photos] == ["mask/good.png", "no_mask/good.webp"]
    reasons = {item.file: item.reason for item in found.refused}
    assert set(reasons) == {f"mask/{name}" for name in words}
    for name, word in words.items():
        assert word in reasons[f"mask/{name}"]


def test_every_real_photo_is_read(photos: Path):
    found = scan(photos / "dataset_3_classes" / "labeled")
    assert found.refused == ()
    assert len(found.labels) == 3
    assert found.says_groups
