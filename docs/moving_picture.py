"""Draw the README's moving picture: `python -m docs.moving_picture`.

A drawn person without a mask, with one, and with one below the nose, labelled by the starter network as on Live.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image

from core.data.synthetic.demo import make_clip
from core.inference.predictor import Predictor
from core.live.draw import annotate
from core.live.media.sources import open_source
from core.live.media.video import follow
from core.store import paths

_SCRIPT = (("no_mask", 2.4), ("mask", 2.6), ("wrong_mask", 2.4))
_SIZE, _SHOWN, _FPS = (640, 480), (480, 360), 15
# Every other frame is shown.
_STEP = 2
_QUALITY = 55


def main() -> None:
    """Write docs/images/moving.webp, and say how large it is."""
    target = Path(__file__).parent / "images" / "moving.webp"
    predictor = Predictor(paths.STARTER_FILE)
    with tempfile.TemporaryDirectory() as folder:
        clip = make_clip(Path(folder) / "clip.mp4", _SCRIPT, _SIZE, _FPS, seed=12)
        with closing(follow(open_source(str(clip)), predictor, None)) as frames:
            shown = [
                Image.fromarray(annotate(frame.pixels, people)).resize(_SHOWN, Image.Resampling.LANCZOS)
                for frame, people in frames if frame.index % _STEP == 0
            ]  # fmt: skip
    first, *rest = shown
    first.save(
        target, save_all=True, append_images=rest, duration=1000 * _STEP // _FPS, loop=0, quality=_QUALITY, method=6
    )
    print(f"{target}: {len(shown)} pictures, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
