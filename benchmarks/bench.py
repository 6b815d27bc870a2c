"""Training, side by side with its peers: one command, one table, every ratio taken within a turn.

    python -m benchmarks.bench [PHOTOS] [--turns 3] [--only ResNet-retrain ...] [--quick] [--profile ResNet-retrain]

For each network, the ways take turns: the machine's limit, the plain recipe (benchmarks/plain.py), ours, ours with
cached augmented features, ours in float32 (first turn), fastai (first two turns, where `make bench` has made its
environment). Every one runs in fresh processes with the same threads; random starting weights, which take as long as
others.

- Ours is a real run in a home of its own, as a user starts it: seconds per epoch are those of metrics.csv after the
  first epoch, which also decodes the photos. They include validation, the checkpoint, and measuring training photos
  again, which the peers do not do. With cached features, the whole time from the start of the process to the last of 60
  epochs counts, against 60 epochs of the plain recipe without its start.
- Plain and fastai are timed, after a step to warm up, on an epoch over a sample of some batches of the photos, with its
  validation; an epoch over all is the time until the first batch was there plus the rest in proportion.
- The share of the limit: operations that an epoch needs (what is trained forward and backward, what is not forward, and
  what is left to do for each measured photo) over what torch.mm does in the epoch's seconds, in bfloat16 where any part
  was computed in it.

On a GPU the plain recipe has 16 workers, and the limit that counts is the same network on random tensors. Without
PHOTOS, faces are drawn into benchmark/. --profile prints where the time of our steps goes instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import torch

from benchmarks import step_profile, table
from benchmarks.trainings import KEPT_EPOCHS, NAMES, TRAININGS, Training, config
from benchmarks.turns import BATCH, FASTAI, FIRST, KEPT, OURS, OURS_FLOAT32, PLAIN, RANDOM, Bench, Turn
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.data.synthetic.demo import make_dataset
from core.schema.presets import REPORT_A
from core.store import paths
from core.training.lifecycle.launch import KEPT_MEMORY

_FOLDER = paths.PROJECT / "benchmark"
_FASTAI = _FOLDER / ".fastai" / "bin" / "python"
# As many photos per label as give about 730 for training; few for a smoke run.
_DRAWN, _DRAWN_QUICK = 350, 40
_GPU_GOAL, _GPU_LIMIT = 5.0, 0.6


def main() -> None:
    """Measure and print a line per way as each network is done."""
    args = _arguments()
    if args.profile:
        _as_a_trainer()
    photos = (args.photos or _drawn(_DRAWN_QUICK if args.quick else _DRAWN)).resolve()
    chosen = [training for training in TRAININGS if training.name in args.only]
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_FOLDER) as scratch:
        os.environ["MASKLAB_HOME"] = scratch
        bench = _bench(photos, Path(scratch), args)
        if args.profile:
            _profile(TRAININGS[NAMES.index(args.profile)], bench)
            return
        _announce(bench, args)
        for training in chosen:
            batches = 1 if args.quick else training.batches
            measured = [bench.turn(training, number, batches) for number in range(args.turns)]
            print("\n".join(lines(training, measured, bench)), flush=True)


def _as_a_trainer() -> None:
    """Begin again with the trainers' settings of memory, which count from a process's start."""
    if not os.environ.keys() >= KEPT_MEMORY.keys():
        again = [sys.executable, "-m", "benchmarks.bench", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | KEPT_MEMORY)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, nargs="?", help="A folder with one sub-folder per label.")
    parser.add_argument("--turns", type=int, help="How often each network is measured (3).")
    parser.add_argument("--only", nargs="+", choices=NAMES, help="These trainings alone.")
    parser.add_argument("--views", type=int, default=8, help="Augmented views per photo whose features are cached.")
    parser.add_argument("--quick", action="store_true", help="A smoke run on few photos: its numbers mean little.")
    parser.add_argument("--profile", choices=NAMES, help="Print the dearest operators of our steps and end.")
    args = parser.parse_args()
    args.turns = args.turns or (1 if args.quick else 3)
    args.only = args.only or (("BasicCNN", "MobileNet-not_retrain") if args.quick else NAMES)
    return args


def _drawn(count: int) -> Path:
    folder = _FOLDER / f"faces-{count}"
    return folder if folder.exists() else make_dataset(folder, per_class=count)


def _bench(photos: Path, scratch: Path, args: argparse.Namespace) -> Bench:
    rows = splits.split(scan(photos), REPORT_A["split"], seed=0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    fastai = _FASTAI if _FASTAI.exists() else None
    return Bench(photos, rows, scratch, device, args.views, 5 if args.quick else KEPT_EPOCHS, fastai)


def _announce(bench: Bench, args: argparse.Namespace) -> None:
    where = torch.cuda.get_device_name() if bench.device == "cuda" else f"{torch.get_num_threads()} threads"
    print(f"{bench.count('train')} training and {bench.count('val')} validation photos, batches of {BATCH}, {where}, "
          f"{args.turns} turn(s): median (range)")  # fmt: skip
    if not bench.fastai:
        print("fastai is left out: `make bench` makes its environment.")
    names = ("training", "recipe", "s per epoch", "photos/s", "times as fast as plain", "of the limit", "goal")
    print("\n" + table.head(*names), flush=True)


def lines(training: Training, measured: Sequence[Turn], bench: Bench) -> list[str]:
    """A line of the table for each way that was measured."""
    shown = []
    for way in (PLAIN, FASTAI, OURS_FLOAT32, FIRST, OURS, KEPT, RANDOM):
        turns = [turn for turn in measured if way in turn.seconds]
        if not turns:
            continue
        seconds = [turn.seconds[way] for turn in turns]
        ratios = [turn.seconds[PLAIN] / turn.seconds[way] for turn in turns]
        shares = _shares(way, turns)
        name = {OURS: f"ours ({turns[-1].precision})", KEPT: f"{KEPT}, {bench.kept_epochs} epochs"}.get(way, way)
        shown.append(table.line(
            training.name, name, table.spread(seconds, 2), f"{bench.count('train') / median(seconds):.1f}",
            table.spread(ratios), f"{table.spread(shares, 0, 100)} %" if shares else "",
            _goals(training, way, bench, median(ratios), median(shares) if shares else 0.0),
        ))  # fmt: skip
    return shown


def _shares(way: str, turns: Sequence[Turn]) -> list[float]:
    """Of what counts as the limit: on a GPU the same network on random tensors, else the matrix product."""
    if way == OURS and RANDOM in turns[0].seconds:
        return [turn.seconds[RANDOM] / turn.seconds[OURS] for turn in turns]
    return [turn.share[way] for turn in turns if way in turn.share]


def _goals(training: Training, way: str, bench: Bench, ratio: float, share: float) -> str:
    """Each goal of the way, and whether its median meets it."""
    fast, limit = {
        OURS: (training.goal, training.limit), OURS_FLOAT32: (1.0, 0.0), FIRST: (0.0, training.limit),
        # Over fewer epochs, the views that are computed first weigh more.
        KEPT: (training.kept if bench.kept_epochs == KEPT_EPOCHS else 0.0, 0.0),
    }.get(way, (0.0, 0.0))  # fmt: skip
    if bench.device == "cuda" and way == OURS:
        fast, limit = (_GPU_GOAL, _GPU_LIMIT) if training.mode == "retrain" else (0.0, 0.0)
    told = [f"{fast:g} times: {_met(ratio >= fast)}"] if fast else []
    told += [f"{limit:.0%} of the limit: {_met(share >= limit)}"] if limit else []
    return ", ".join(told)


def _met(yes: bool) -> str:
    return "met" if yes else "**missed**"


def _profile(training: Training, bench: Bench) -> None:
    own = config(training, bench.photos, epochs=60)
    found = step_profile.top(own, len({row.label for row in bench.rows}))
    print("\n" + table.head("operator", "of the time", "calls"))
    for name, share, calls in found:
        print(table.line(name, f"{100 * share:.1f} %", str(calls)))


if __name__ == "__main__":
    main()
