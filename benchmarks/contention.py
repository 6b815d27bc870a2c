"""What runs a network beside other work: `classify`, `evaluate` and `stress`, alone and beside busy processes.

    python -m benchmarks.contention PHOTOS [--before CHECKOUT] [--busy 0 1 2] [--turns 3]

PHOTOS has one sub-folder per label. CHECKOUT is another checkout of this project (`git worktree add ../before COMMIT`),
which takes turns with this one. A busy process uses one processor all the time. With b of them, work that uses c
processors of c has c / (c + b) of the machine: its fair share takes (c + b) / c times as long as alone. Every command
has run once before it is timed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.starts import command as seconds_of
from core.store.paths import PROJECT

_MODEL = Path("models") / "starter.pth"
_STRESSED = "40"


def main() -> None:
    """Print a table of seconds, and of seconds over those of a fair share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout of the project")
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 1, 2], help="how many busy processes, in turn")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    checkouts = [args.before.resolve(), PROJECT] if args.before else [PROJECT]
    commands = _commands(args.photos.resolve())
    took: dict[tuple[str, Path, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASKLAB_HOME"] = folder
        for checkout in checkouts:
            for command in commands.values():
                seconds_of(checkout, *command)
        for turn in range(args.turns):
            for count in args.busy:
                for what, command in commands.items():
                    for checkout in checkouts:
                        with busy(count):
                            seconds = seconds_of(checkout, *command)
                        took.setdefault((what, checkout, count), []).append(seconds)
                        print(f"turn {turn + 1}, {count} busy, {checkout.name}, {what}: {seconds:.1f} s", flush=True)
    _table(took, checkouts, args.busy)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but use a processor."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _commands(photos: Path) -> dict[str, list[str]]:
    one = next(photo for photo in sorted(photos.glob("*/*")) if photo.is_file())
    count = sum(file.is_file() for file in photos.glob("*/*"))
    return {
        "`classify` one photo": ["classify", str(_MODEL), str(one)],
        f"`evaluate` {count} photos": ["evaluate", str(_MODEL), str(photos)],
        f"`stress` {_STRESSED} photos": ["stress", str(_MODEL), str(photos), "--photos", _STRESSED],
    }


def _table(took: dict[tuple[str, Path, int], list[float]], checkouts: Sequence[Path], counts: Sequence[int]) -> None:
    cores = os.cpu_count() or 1
    names = ["before", "now"][-len(checkouts) :]
    print(f"\n{cores} processors; seconds: median (range), and times as long as a fair share")
    print("| | " + " | ".join(f"{name}, {count} busy" for count in counts for name in names) + " |")
    print("|---|" + "---|" * len(counts) * len(names))
    for what in dict.fromkeys(what for what, _, _ in took):
        cells = []
        for count in counts:
            for checkout in checkouts:
                own = took[what, checkout, count]
                fair = median(took[what, checkout, counts[0]]) * (cores + count) / (cores + counts[0])
                cells.append(f"{median(own):.1f} ({min(own):.1f}–{max(own):.1f}), {median(own) / fair:.2f}")
        print(f"| {what} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
