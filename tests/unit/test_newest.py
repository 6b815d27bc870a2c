"""A viewer who is slow gets the newest frame, not the next of a queue."""

from __future__ import annotations

import asyncio

import av
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay

from core.ui.newest import newest_only


class Camera(MediaStreamTrack):
    """Gives the frames 0 to 9 at once, and then no more."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._next = 0

    async def recv(self) -> av.VideoFrame:
        if self._next == 10:
            await asyncio.Event().wait()
        frame = av.VideoFrame(16, 16)
        frame.pts, self._next = self._next, self._next + 1
        await asyncio.sleep(0)
        return frame


async def _second_frame(relay: MediaRelay) -> int:
    viewer = relay.subscribe(Camera())
    await viewer.recv()
    for _ in range(100):
        await asyncio.sleep(0)
    return (await viewer.recv()).pts


def test_a_slow_viewer_gets_the_newest_frame():
    relay = MediaRelay()
    assert asyncio.run(_second_frame(relay)) == 1
    newest_only(relay)
    assert asyncio.run(_second_frame(relay)) == 9
