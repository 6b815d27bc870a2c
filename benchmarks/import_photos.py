"""How fast photos are imported from a ZIP, and with how much memory.

    python -m benchmarks.import_photos photos.zip           # one that is there
    python -m benchmarks.import_photos --drawn 20000        # one with so many small drawn photos, made first

Each import goes into a new dataset in a temporary folder (TMPDIR says where), in a process of its own.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.collect.imports import members
from core.data.collect.imports.bring_in import Wanted, bring_in
from core.data.collect.imports.tally import Tally
from core.data.synthetic.demo import draw_face
from core.schema.labels import TWO_CLASSES

# Faces that are drawn; others are made of these by their colours, which takes less time.
_DRAWN, _SIDE = 20, 160


def main() -> None:
    """Print photos, seconds, photos per second and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zip", type=Path, nargs="?")
    parser.add_argument("--drawn", type=int, metavar="N")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = args.zip
        if args.drawn:
            path = Path(scratch, "drawn.zip")
            draw(path, args.drawn)
        if args.here:
            _measure(path, Path(scratch))
        else:
            subprocess.run([sys.executable, "-m", "benchmarks.import_photos", str(path), "--here"], check=True)


def _measure(path: Path, root: Path) -> None:
    for label in TWO_CLASSES:
        (root / label).mkdir()
    before, started = _peak(), time.perf_counter()
    for turn in ("first", "repeated"):
        tally = Tally()
        with path.open("rb") as file:
            bring_in(root, [members.of_zip(file, path.name)], Wanted(), tally, lambda done, total: None)
        seconds = time.perf_counter() - started
        print(
            f"{turn}: {path.stat().st_size / 1e6:,.0f} MB; {tally.words()}; {seconds:.1f} s, "
            f"{tally.done / seconds:,.0f} photos/s; peak {_peak():,.0f} MB, of which {before:,.0f} MB before",
            flush=True,
        )
        started = time.perf_counter()


def draw(path: Path, count: int) -> None:
    """A ZIP of so many small drawn photos of 500 people."""
    random = np.random.default_rng(0)
    faces = [np.asarray(draw_face(TWO_CLASSES[number % 2], random, _SIDE)) for number in range(_DRAWN)]
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            face = faces[number % _DRAWN]
            shade = random.integers(-30, 30, (1, 1, 3))
            out = io.BytesIO()
            Image.fromarray((face + shade).clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
            label = TWO_CLASSES[number % 2]
            archive.writestr(f"{label}/person{number % 500}/{number}.jpg", out.getvalue())


def _peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
