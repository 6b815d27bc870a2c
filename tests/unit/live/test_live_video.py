"""classify: records and annotated results from pictures, folders and video; sentences for what cannot be read."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest

from core.data.synthetic.demo import draw_scene, make_clip
from core.inference.predictor import Predictor
from core.live.media import sources
from core.live.media.sources import Frame, open_source
from core.live.media.video import classify
from core.schema.errors import UserError
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import broken_files, picture


@pytest.fixture
def predictor(tmp_path):
    return Predictor(tiny_model(tmp_path / "m.pth"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", (("no_mask", 1.0),), fps=6, seed=3)


def _records(source, predictor, out=None, refused=None):
    """All records of the source that `source` names."""
    return [record for _, found in classify(open_source(str(source), refused), predictor, out) for record in found]


def _scene(path, labels=("mask", "no_mask"), seed=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_scene(labels, np.random.default_rng(seed))[0].save(path)
    return path


def test_a_picture_gives_a_record_a_face(tmp_path, predictor):
    path = _scene(tmp_path / "in" / "two.jpg")
    records = _records(path, predictor, tmp_path / "out")
    assert [record["number"] for record in records] == [1, 2]
    for record in records:
        assert list(record) == ["source", "frame", "time", "box", "label", "confidence", "probabilities", "uncertainty",
                                "unsure", "passes", "note", "number", "state", "since"]  # fmt: skip
        assert (record["source"], record["frame"], record["time"], record["note"]) == (str(path), 0, 0.0, "")
        assert record["confidence"] == record["probabilities"][record["label"]]
        assert record["passes"] == (record["label"] == "mask")
        assert all(type(edge) is int for edge in record["box"])
    assert (tmp_path / "out" / "two.jpg").is_file()


def test_a_picture_without_a_face_is_classified_whole_and_says_so(tmp_path, predictor):
    picture(1, 200, 150).save(tmp_path / "none.png")
    (record,) = _records(tmp_path / "none.png", predictor, tmp_path / "named.png")
    assert record["box"] is None
    assert record["note"] == "no face found: whole picture"
    assert (tmp_path / "named.png").is_file()


def test_a_folder_is_searched_and_what_is_refused_is_told(tmp_path, predictor):
    folder = tmp_path / "in"
    _scene(folder / "a.jpg")
    _scene(folder / "deep" / "er" / "b.png", seed=2)
    reasons, refused = broken_files(folder / "bad"), {}
    (folder / ".hidden.jpg").write_bytes(b"")
    records = _records(folder, predictor, tmp_path / "out", lambda file, why: refused.update({file: why}))
    assert {record["source"] for record in records} == {str(folder / "a.jpg"), str(folder / "deep" / "er" / "b.png")}
    assert (tmp_path / "out" / "deep" / "er" / "b.png").is_file()
    assert {name: word in refused[str(folder / "bad" / name)] for name, word in reasons.items()} == dict.fromkeys(
        reasons, True
    )
    assert len(refused) == len(reasons)


def test_video_gives_times_and_a_browser_playable_result(tmp_path, predictor, clip):
    records = _records(clip, predictor, tmp_path / "out.mp4")
    assert [record["frame"] for record in records] == list(range(6))
    assert [record["time"] for record in records] == pytest.approx([n / 6 for n in range(6)], abs=0.01)
    assert all(list(record)[-3:] == ["number", "state", "since"] for record in records)
    assert {record["number"] for record in records} == {1}
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        times = [frame.time for frame in container.decode(stream)]
    assert times == pytest.approx([record["time"] for record in records], abs=0.01)


def test_a_stopped_run_leaves_a_result_that_plays(tmp_path, predictor, clip):
    records = classify(open_source(str(clip)), predictor, tmp_path)
    next(records), next(records)
    records.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert len(list(container.decode(video=0))) == 2


def test_frames_without_a_face_yield_nothing_but_are_in_the_result(tmp_path, predictor):
    with av.open(str(tmp_path / "grey.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 98, 66, "yuv420p"
        for n in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((66, 98, 3), 40 * n, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    frames = list(classify(open_source(str(tmp_path / "grey.mp4")), predictor, tmp_path / "out"))
    assert [(frame.index, found) for frame, found in frames] == [(n, []) for n in range(5)]
    with av.open(str(tmp_path / "out" / "grey.mp4")) as container:
        assert len(list(container.decode(video=0))) == 5


def test_a_phones_sideways_clip_is_turned_upright(tmp_path, clip):
    data = bytearray(clip.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 16
    data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    (tmp_path / "turned.mp4").write_bytes(data)
    plain = next(open_source(str(clip)).frames).pixels
    turned = next(open_source(str(tmp_path / "turned.mp4")).frames).pixels
    assert np.array_equal(turned, np.rot90(plain, -1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("missing.jpg", "no file or folder"),
        ("97", "Camera 97 does not open"),
        ("http://127.0.0.1:9/live", "does not open"),
        ("words.txt", "neither a picture"),
        ("words.jpg", "not a JPEG"),
        ("half.mp4", "neither a picture"),
        ("empty", "holds no file"),
        ("useless", "None of the 1 files"),
        ("list.m3u8", "neither a picture"),
    ],
)
def test_a_source_that_cannot_be_used_is_a_sentence(tmp_path, monkeypatch, predictor, clip, text, words):
    monkeypatch.chdir(tmp_path)
    for name in ("words.txt", "words.jpg", "useless/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words, not a picture " * 40)
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[:300])
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=words):
        _records(text, predictor)


def test_nothing_is_written_over_an_input_or_with_a_wrong_ending(tmp_path, predictor, clip):
    photo, folder = _scene(tmp_path / "in" / "a.jpg"), tmp_path / "in"
    before = photo.read_bytes(), clip.read_bytes()
    (tmp_path / "link.mp4").symlink_to(clip)
    for source, out in (
        (photo, photo), (photo, folder), (folder, folder), (folder, folder / "out"), (clip, clip), (clip, clip.parent),
        (clip, tmp_path / "link.mp4"), (clip, tmp_path / "out.avi"), (photo, tmp_path / "out.mp4"),
        (folder, tmp_path / "out.jpg"), (photo, clip / "under_a_file"),
    ):  # fmt: skip
        with pytest.raises(UserError):
            classify(open_source(str(source)), predictor, out)
    assert (photo.read_bytes(), clip.read_bytes()) == before


def test_a_camera_is_read_until_it_stops_and_is_let_go(monkeypatch, predictor):
    class Camera:
        released, left = False, 3

        def isOpened(self):
            return True

        def read(self):
            self.left -= 1
            return self.left >= 0, np.zeros((48, 64, 3), np.uint8)

        def release(self):
            Camera.released = True

    monkeypatch.setattr(sources.cv2, "VideoCapture", lambda number: Camera())
    frames = []
    with pytest.raises(UserError, match="Camera 0 stopped"):
        for frame in open_source("0").frames:
            frames.append(frame)
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert isinstance(frames[0], Frame)
    assert Camera.released


def test_a_real_clip_is_found_through_its_whole_length(photos, predictor):
    records = _records(photos / "clips" / "putting_mask_on.mp4", predictor)
    assert len({record["frame"] for record in records}) >= 0.98 * 234
