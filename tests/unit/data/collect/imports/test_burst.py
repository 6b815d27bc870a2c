"""A video of one person becomes a burst: clear pictures of one face, no two alike, and what was left out is counted."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from core.data.collect import burst
from core.data.collect.imports import members
from core.data.collect.imports.bring_in import Wanted, bring_in
from core.data.collect.imports.tally import Refused, Tally
from core.data.dataset.scan import scan
from core.data.dataset.split import find_groups
from core.data.synthetic.demo import draw_scene
from core.schema.labels import Label

Film = Callable[..., Path]
CODECS = {".mp4": "libx264", ".mov": "libx264", ".avi": "mpeg4", "webm": "libvpx"}


def black() -> np.ndarray:
    return np.zeros((480, 640, 3), np.uint8)


def person(seed: int, *labels: str) -> np.ndarray:
    return np.asarray(draw_scene(labels or ["mask"], np.random.default_rng(seed))[0])


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """A video that shows each picture for half a second, at 10 a second."""

    def make(*shown: np.ndarray, name: str = "clip.mp4") -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as out:
            stream = out.add_stream(CODECS[name[-4:]], rate=10)
            stream.bit_rate = 8_000_000
            stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
            for picture in shown:
                for _ in range(5):
                    out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode(None))
        return path

    return make


def brought(root: Path, files: dict[str, bytes], **wanted: object) -> Tally:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    tally = Tally()
    bring_in(root, [members.of_zip(data, "set.zip")], Wanted(**wanted), tally, lambda done, total: None)
    return tally


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "clip.mov", "clip.webm"])
def test_a_video_becomes_a_burst_of_its_person(root, inside, film, name):
    path = film(person(1), black(), person(2), person(1, "mask", "no_mask"), person(1), name=name)
    tally = Tally()
    counts: list[tuple[int, int]] = []
    bring_in(root, [[members.of_file(path)]], Wanted(Label.MASK, "Anna"), tally, lambda *count: counts.append(count))
    assert inside() == ["mask/Anna/clip-0000000.jpg", "mask/Anna/clip-0001000.jpg"]
    assert tally.left_out == {
        Refused(name, "too dark"): 2, Refused(name, "two faces"): 2, Refused(name, burst.ALIKE): 4,
    }  # fmt: skip
    assert tally.words() == "2 photos added (mask 2), 8 pictures of videos left out"
    assert tally.table()[0] == (name, f"{burst.ALIKE}: 4 pictures left out")
    assert counts[-1] == (11, 11)
    assert all(done <= total for done, total in counts)
    assert len(set(find_groups(scan(root)).of.values())) == 1
    again = Tally()
    bring_in(root, [[members.of_file(path)]], Wanted(Label.MASK, "Anna"), again, lambda done, total: None)
    assert (again.added.total(), again.there) == (0, 2)


def test_label_and_person_come_from_folders_or_must_be_said(root, inside, film):
    data = film(person(1)).read_bytes()
    tally = brought(root, {"mask/ben/1.mp4": data, "mask/2.mp4": data, "ben/3.mp4": data, "no_mask/carla/x.txt": b"?"})
    assert inside() == ["mask/ben/1-0000000.jpg"]
    reasons = {file: reason for file, reason in tally.refused}
    assert "name the person" in reasons["mask/2.mp4"]
    assert "label" in reasons["ben/3.mp4"]
    # Unpacked beside the photos, and gone.
    assert not [path for path in root.iterdir() if path.name not in ("mask", "no_mask", "wrong_mask")]


def test_a_broken_or_endless_video_is_one_sentence(root, inside, film, monkeypatch):
    whole = film(*(person(seed) for seed in range(6))).read_bytes()
    avi = film(*(person(seed) for seed in range(6)), name="half.avi").read_bytes()
    tally = brought(root, {
        "mask/a/none.mp4": b"", "mask/a/words.webm": b"no video at all" * 99,
        "mask/a/cut.mp4": whole[: len(whole) // 2],
        "mask/a/list.mov": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    })  # fmt: skip
    assert inside() == []
    assert [reason for _, reason in tally.refused] == ["as a video it can't be read; is it damaged?"] * 4
    assert brought(root, {"mask/a/half.avi": avi[: len(avi) * 2 // 3]}).added.total() >= 2, "what can be read of it"
    monkeypatch.setattr(burst, "MOST_MINUTES", 1 / 60)
    [long] = brought(root, {"mask/b/long.mp4": whole}).refused
    assert "cut it" in long.reason
    # One that does not say how long it is.
    monkeypatch.setattr("core.data.images.video.seconds", lambda container: None)
    [endless] = brought(root, {"mask/c/endless.mp4": whole}).refused
    assert endless.reason.startswith("does not end")
    assert math.isclose(len(list((root / "mask/c").iterdir())), 3, abs_tol=1), "those of the first second stay"


def test_no_bomb_is_unpacked(root, film, monkeypatch):
    monkeypatch.setattr(burst, "LARGEST", 1000)
    [large] = brought(root, {"mask/a/1.mp4": film(person(1)).read_bytes()}).refused
    assert "cut the video" in large.reason
    monkeypatch.setattr(burst, "LARGEST", 10**9)
    monkeypatch.setattr(burst, "_MOST_PIXELS", 1000)
    [wide] = brought(root, {"mask/a/1.mp4": film(person(1)).read_bytes()}).refused
    assert "megapixels" in wide.reason
