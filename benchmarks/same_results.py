"""Proof that a change of the code moved no number: `python -m benchmarks.same_results PHOTOS --write before.json` in
the old checkout, `... --against before.json` in the new one, on the same machine. Digests of what trainings (every
network, one resumed, one robust) and `evaluate`, `compare` and `stress` wrote, without times and versions. It knows the
command line alone, so that it can be copied into an older checkout."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
COMMON = ["--image_size", "64", "--batch_size", "16", "--epochs", "2", "--precision", "float32", "--seed", "7"]
TRAININGS = {
    "MobileNet": ["--weights", "starter.pth", "--mode", "retrain"],
    "MobileNet frozen, kept views": ["--weights", "starter.pth", "--views", "2"],
    "ResNet": ["--backbone", "ResNet", "--mode", "retrain", "--weights", "none"],
    "ResNetLogit": ["--backbone", "ResNetLogit", "--wrong_mask", "False", "--weights", "none"],
    "BasicCNN": ["--backbone", "BasicCNN", "--weights", "none"],
    "robust": ["--backbone", "BasicCNN", "--weights", "none", "--robust", "True"],
    "resumed": ["--backbone", "BasicCNN", "--weights", "none", "--epochs", "6"],
}
TABLES = ("metrics.csv", "predictions.csv", "split.csv")
# What differs from one time or checkout to the next, and the version of the report's schema.
PASSING = {"seconds", "took", "facts", "digest", "schema_version",
           "created", "started", "run", "runs", "runtime", "started_at"}  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Print a row per file; with --against, exit with 1 where one differs."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("photos", type=Path, help="A folder with one sub-folder per label, all three of them.")
    reader.add_argument("--write", type=Path, metavar="FILE", help="Keep the digests.")
    reader.add_argument("--against", type=Path, metavar="FILE", help="Digests to compare with.")
    asked = reader.parse_args(words)
    known = json.loads(asked.against.read_text(encoding="utf-8")) if asked.against else {}
    found = {}
    with TemporaryDirectory() as home:
        for name, digest in digests(asked.photos.resolve(), Path(home)):
            found[name] = digest
            verdict = {None: "", digest: "identical"}.get(known.get(name), "DIFFERENT")
            print(f"| {name} | {digest[:16]} | {verdict} |", flush=True)
    if asked.write:
        asked.write.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 1 if known and known != found else 0


def digests(photos: Path, home: Path) -> Iterator[tuple[str, str]]:
    """What was written, and its digest."""
    folders = {}
    for name, options in TRAININGS.items():
        before = set(_runs(home))
        command = ["train", str(photos), *COMMON, *options]
        if name == "resumed":
            _killed_and_resumed(home, command)
        else:
            _command(home, command)
        (folder,) = set(_runs(home)) - before
        folders[name] = folder
        for table in TABLES:
            yield f"{name}: {table}", _digest(_rows(folder / table))
        yield f"{name}: report.json", _digest(_lasting(json.loads((folder / "report.json").read_text())))
    yield from _answers(photos, home, folders)


def _answers(photos: Path, home: Path, folders: dict[str, Path]) -> Iterator[tuple[str, str]]:
    out = home / "out.json"
    model = str(next((home / "models").glob("MobileNet-retrain-*.pth")))
    pair = [str(folders[name]) for name in ("MobileNet", "ResNetLogit")]
    commands = {
        "evaluate": ["evaluate", model, str(photos)],
        "compare": ["compare", *pair],
        "stress": ["stress", model, str(photos), "--photos", "40"],
    }
    for name, command in commands.items():
        _command(home, [*command, "--json", str(out)])
        yield f"{name} --json", _digest(_lasting(json.loads(out.read_text(encoding="utf-8"))))


def _killed_and_resumed(home: Path, command: list[str]) -> None:
    """Kill a training once it has two epochs, and resume it."""
    before = set(_runs(home))
    with subprocess.Popen(_line(command), env=_environment(home), cwd=PROJECT, stdout=subprocess.DEVNULL) as following:
        while not (started := set(_runs(home)) - before) or _epochs(next(iter(started))) < 2:
            if following.poll() is not None:
                raise RuntimeError("The training to be killed ended on its own.")
            time.sleep(0.02)
        folder = next(iter(started))
        os.kill(json.loads((folder / "process.json").read_text())["pid"], signal.SIGKILL)
        following.wait()
    _command(home, ["train", "--resume", folder.name])


def _epochs(folder: Path) -> int:
    table = folder / "metrics.csv"
    return table.read_text().count("\n") - 1 if table.is_file() else 0


def _runs(home: Path) -> list[Path]:
    return [path for path in (home / "runs").glob("[!.]*") if path.is_dir()]


def _line(command: list[str]) -> list[str]:
    return [sys.executable, "face_mask_detector.py", *command]


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"MASKLAB_HOME": str(home), "CUDA_VISIBLE_DEVICES": ""}


def _command(home: Path, command: list[str]) -> None:
    asked = {"env": _environment(home), "cwd": PROJECT, "capture_output": True, "text": True}
    done = subprocess.run(_line(command), **asked, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        return [{name: value for name, value in row.items() if not name.startswith(("seconds", "crc", "images_per"))}
                for row in csv.DictReader(file)]  # fmt: skip


def _lasting(value: object) -> object:
    if isinstance(value, str):
        # Labels and names stay; sentences may be worded anew.
        return "" if " " in value else value
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in PASSING}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
