"""`classify` on video: lines when something changes, the sum at the end, ESC and Ctrl-C, and constant memory."""

from __future__ import annotations

import json
import os
import pty
import re
import tracemalloc
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from core.cli.commands import classify as classify_command
from core.cli.main import main
from core.cli.terminal.tally import Tally
from core.data.synthetic.demo import draw_scene, make_clip
from core.inference.predictor import Predictor
from core.live.media.outputs import VideoFile
from core.live.media.sources import Frame, Source, open_source
from core.live.media.video import classify
from core.schema.labels import THREE_CLASSES
from core.store import paths
from tests.fixtures.cli_support import ENTRY, network
from tests.fixtures.live_fixtures import tiny_model

_LONG = 2000


def _record(number: int, label: str = "mask", state: str = "labelled", passes: bool = True) -> dict:
    return {"number": number, "label": label, "confidence": 0.987, "state": state, "passes": passes}


def test_a_line_is_said_when_something_changes_for_a_person():
    tally = Tally()
    assert tally.add(0.0, [_record(1)]) == ["0.00 s  person 1  mask 99 % pass"]
    assert tally.add(0.1, [_record(1)]) == []
    assert tally.add(0.2, [_record(1, "no_mask", passes=False), _record(2, "no_mask", "turned away")]) == [
        "0.20 s  person 1  no mask 99 % stop", "0.20 s  person 2  turned away",
    ]  # fmt: skip
    assert tally.add(0.3, [_record(2, "mask", "turned away", False)]) == []
    assert tally.add(0.4, [_record(1, "no_mask", passes=False), _record(3, state="changing")]) == []
    assert tally.add(0.5, [_record(1, state="changing"), _record(3)]) == ["0.50 s  person 3  mask 99 % pass"]
    assert tally.add(0.6, [_record(1)]) == ["0.60 s  person 1  mask 99 % pass"]


def test_the_sum_counts_people_frames_and_seconds():
    tally = Tally()
    for frame in range(21):
        people = [_record(1)] if frame <= 10 else [_record(1, "no_mask", passes=False), _record(2, state="too far")]
        tally.add(frame / 10, people)
    tally.add(3.0, [])
    assert tally.summary() == [
        "2 persons; a face in 21 of 22 frames, 0:03 in all.",
        "Seen: mask 1.0 s, no mask 1.0 s, too far 1.0 s.",
        "Decided: pass 1.0 s, stop 1.0 s.",
    ]


def test_what_is_remembered_of_people_does_not_grow():
    tally = Tally()
    for number in range(5000):
        tally.add(number * 1.0, [_record(number)])
    assert tally.people == 4999 and len(tally._said) <= 31


def _source(frames: int, pixels: np.ndarray) -> Source:
    return Source("long", False, (Frame("long", n, n / 15, pixels.copy()) for n in range(frames)))


def test_a_long_video_is_followed_in_constant_memory(tmp_path: Path):
    image, _ = draw_scene(["mask"], np.random.default_rng(1), (160, 120))
    frames = classify(_source(900, np.asarray(image)), Predictor(tiny_model(tmp_path / "m.pth")))
    tally, held = Tally(), []
    tracemalloc.start()
    try:
        for frame, records in frames:
            tally.add(frame.time, records)
            if frame.index in (300, 899):
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # 600 frames of 160 x 120 would be 34 MB; what a record per frame would cost is over 500 kB.
    assert tally.with_face == 900 and held[1] - held[0] < 200_000


@pytest.mark.parametrize(("files", "raised"), [((), False), ((Path("clip.mp4"),), True)])
def test_ctrl_c_is_how_a_camera_ends_and_breaks_a_file_off(
    files: tuple[Path, ...], raised: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
    tmp_path: Path,
):  # fmt: skip
    image, _ = draw_scene(["mask"], np.random.default_rng(1))

    def frames():
        yield from (Frame("0", n, n / 15, np.asarray(image)) for n in range(3))
        raise KeyboardInterrupt

    source = Source("camera", False, frames(), files)
    monkeypatch.setattr(classify_command, "open_source", lambda *_: source)
    model, lines = tiny_model(tmp_path / "m.pth"), tmp_path / "lines.jsonl"
    args = Namespace(model=model, source="0", json=lines, out=None)
    if raised:
        with pytest.raises(KeyboardInterrupt):
            classify_command.run(args)
    else:
        classify_command.run(args)
        assert "a face in 3 of 3 frames" in capsys.readouterr().out
    assert [json.loads(line)["frame"] for line in lines.read_text().splitlines()] == [0, 1, 2]


def test_a_drawn_clip_of_one_frame_a_second_has_one_person_with_a_label(tmp_path: Path, capsys: pytest.CaptureFixture):
    clip = make_clip(tmp_path / "clip.mp4", (("no_mask", 7.0),), size=(320, 240), fps=1, seed=3)
    assert main(["classify", str(paths.STARTER_FILE), str(clip)]) == 0
    first, persons, _, decided = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"4\.00 s  person 1  no mask \d\d % stop", first)
    assert persons == "1 person; a face in 7 of 7 frames, 0:06 in all."
    assert decided == "Decided: stop 3.0 s."


def test_a_real_clip_of_one_frame_a_second_has_one_person_with_a_label(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture
):  # fmt: skip
    path, due = tmp_path / "slow.mp4", 0.0
    slow = VideoFile(path)
    with closing(open_source(str(photos / "clips" / "mask_at_laptop.mp4")).frames) as frames:
        for frame in frames:
            if frame.time >= due:
                slow.write(frame, frame.pixels)
                due += 1.0
    slow.close()
    assert main(["classify", str(paths.STARTER_FILE), str(path)]) == 0
    first, persons, _, decided = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"4\.00 s  person 1  mask (> )?\d\d % pass", first)
    assert persons == "1 person; a face in 10 of 10 frames, 0:09 in all."
    assert decided == "Decided: pass 6.0 s."


def _long_clip(path: Path) -> Path:
    image, _ = draw_scene(["mask"], np.random.default_rng(1), (320, 240))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(_LONG):
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())
    return path


def test_escape_ends_a_video_in_a_terminal_and_leaves_a_result_that_plays(tmp_path: Path):
    model, out = network(tmp_path / "three.pth", THREE_CLASSES), tmp_path / "out.mp4"
    words = [str(word) for word in (*ENTRY, "classify", model, _long_clip(tmp_path / "long.mp4"), "--out", out)]
    child, terminal = pty.fork()
    if not child:
        os.execvp(words[0], words)
    shown = b""
    # A key that is pressed while the network is still being loaded is lost.
    while b"ESC ends" not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, b"\x1b")
    while True:
        try:
            shown += (got := os.read(terminal, 4096))
        except OSError:
            break
        if not got:
            break
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode()
    looked = int(re.search(rb"in \d+ of (\d+) frames", shown)[1])
    assert 0 < looked < _LONG
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) == looked
