"""A stream address that opens: a clip served over HTTP on this machine is read as a live stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.data.synthetic.demo import make_clip
from core.inference.predictor import Predictor
from core.live.media.sources import open_source
from core.live.media.video import classify
from tests.fixtures.live_fixtures import tiny_model


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    make_clip(tmp_path / "served" / "clip.mp4", script=(("no_mask", 0.5),), size=(320, 240), fps=10)
    handler = partial(_Quiet, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/clip.mp4"
        server.shutdown()


def test_a_stream_is_read_to_its_end(address, tmp_path):
    predictor = Predictor(tiny_model(tmp_path / "model.pth"))
    records = [record for _, found in classify(open_source(address), predictor) for record in found]
    assert [record["frame"] for record in records] == list(range(5))
    assert {record["source"] for record in records} == {address}
    assert all(record["time"] >= 0 for record in records)
