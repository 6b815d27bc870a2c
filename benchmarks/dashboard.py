"""How the pages open with many runs and photos: seconds of server time and memory, each in a process of its own.

    python -m benchmarks.dashboard [--runs 30 1000] [--epochs 60] [--photos 100000] [--curves 50] [--reloads 50]
    python -m benchmarks.dashboard --browser [--runs 2 1000]      # the times of every page as a browser has them

Runs and photos are made in a temporary folder, which is removed at the end. A page's time is that of its script, run by
Streamlit's AppTest after every module was imported. "First" is with empty caches, "visit" the median of three new
sessions after it, "click" that of five more runs of one session's page, of which each changes something where the page
has something to change. Live's player, which a browser draws, has no part in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from unittest.mock import patch

import psutil
from streamlit.testing.v1 import AppTest

from benchmarks import dashboard_made
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.store import runs
from core.store.paths import PROJECT
from core.ui.compare import folds
from core.ui.evaluate import links

_TIMEOUT = 600
_VISITS, _CLICKS = 3, 5
_NEWEST, _CURVES = "the newest run", "so many runs as --curves says"
_MODEL = "the newest run's network"


def _another_epoch(app: AppTest) -> None:
    epochs = app.sidebar.number_input(key="form_epochs")
    epochs.set_value(epochs.value + 1)


@dataclass(frozen=True)
class View:
    """A page's file and query, and what a click changes in it."""

    file: str
    query: dict[str, str] = field(default_factory=dict)
    click: Callable[[AppTest], None] | None = None


_EVALUATE = {"evaluate_model": _MODEL}
VIEWS = {
    "Home, a change in the form": View("Home.py", click=_another_epoch),
    "Data": View("pages/1_Data.py"),
    "Runs": View("pages/2_Runs.py"),
    "Runs, one run": View("pages/2_Runs.py", {"run": _NEWEST}),
    "Compare, as it opens": View("pages/3_Compare.py"),
    "Compare, many curves": View("pages/3_Compare.py", {"runs": _CURVES, "view": folds.CURVES}),
    "Evaluate, test result": View("pages/4_Evaluate.py", _EVALUATE | {"view": links.RESULT}),
    "Evaluate, most wrong": View("pages/4_Evaluate.py", _EVALUATE | {"view": links.WRONG}),
    "Evaluate, slices": View("pages/4_Evaluate.py", _EVALUATE | {"view": links.SLICES}),
    "Evaluate, stress": View("pages/4_Evaluate.py", _EVALUATE | {"view": links.STRESS}),
    "Live": View("pages/5_Live.py", {"live_model": _MODEL}),
}


def main() -> None:
    """Make runs and photos, measure, and print the tables."""
    args = _arguments()
    if args.measure:
        print(json.dumps(_MEASURES[args.measure](args)), flush=True)
        # What a page has begun in a thread goes on, and nobody here waits for it.
        os._exit(0)
    for count in args.runs:
        with tempfile.TemporaryDirectory(prefix="masklab-dashboard-") as folder:
            os.environ |= {"MASKLAB_HOME": folder, "MASKLAB_DATA": f"{folder}/datasets"}
            if args.browser:
                _in_a_browser(count, args.epochs)
                continue
            _measure_runs(args, count)
            if args.photos and count == args.runs[-1]:
                _measure_photos(args)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[30, 1000])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--curves", type=int, default=50, help="How many runs Compare overlays at most.")
    parser.add_argument("--reloads", type=int, default=50, help="How often each page is opened anew for its memory.")
    parser.add_argument("--browser", action="store_true", help="Every page in a browser, and nothing else.")
    parser.add_argument("--measure", choices=sorted(_MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--ids", default="[]", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_browser(count: int, epochs: int) -> None:
    from benchmarks import dashboard_browser

    dashboard_made.runs(count, epochs)
    dashboard_browser.measure(count)


def _measure_runs(args: argparse.Namespace, count: int) -> None:
    started = time.perf_counter()
    ids = dashboard_made.runs(count, args.epochs)
    print(f"\n{count} runs of {args.epochs} epochs, made in {time.perf_counter() - started:.0f} s\n")
    print("| page | first (s) | visit (s) | click (s) | memory after the first (MB) | after "
          f"{args.reloads} more sessions (MB) |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for name in VIEWS:
        told = _child(args, name, ids=json.dumps(ids[: args.curves]))
        print(f"| {name} | {told['first']:.2f} | {told['visit']:.2f} | {told['click']:.2f} | {told['before']:.0f} | "
              f"{told['after']:.0f} |", flush=True)  # fmt: skip


def _measure_photos(args: argparse.Namespace) -> None:
    started = time.perf_counter()
    folder = dashboard_made.photos(args.photos)
    print(f"\n{args.photos:,} photos, made in {time.perf_counter() - started:.0f} s\n")
    print("| look | scan (s) | groups (s) | split (s) | memory at its highest (MB) | of which imports (MB) |")
    print("|---|---|---|---|---|---|")
    for look in ("first", "again"):
        told = _child(args, "photos", folder=str(folder))
        print(f"| {look} | {told['scan']:.1f} | {told['groups']:.2f} | {told['split']:.2f} | {told['peak']:.0f} | "
              f"{told['imports']:.0f} |", flush=True)  # fmt: skip
    told = _child(args, "Data")
    print(f"\nData page: {told['first']:.1f} s with the photos known, {told['click']:.2f} s again, "
          f"{told['before']:.0f} MB then")  # fmt: skip


def _child(args: argparse.Namespace, what: str, ids: str = "[]", folder: str = "") -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.dashboard", "--measure", what, "--ids", ids, "--folder", folder,
               "--reloads", str(args.reloads)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        sys.exit(f"{what}: {told.stderr}")
    return json.loads(told.stdout.splitlines()[-1])


def _page(name: str) -> Callable[[argparse.Namespace], dict[str, float]]:
    def measure(args: argparse.Namespace) -> dict[str, float]:
        view, ids = VIEWS[name], json.loads(args.ids)
        with no_browser():
            _import_all(view)
            first, _ = open_page(view, ids)
            visits, clicks = zip(*(open_page(view, ids, _CLICKS) for _ in range(_VISITS)), strict=True)
            before = _memory()
            for _ in range(args.reloads):
                open_page(view, ids)
        return {"first": first, "visit": median(visits), "click": median(clicks), "before": before, "after": _memory()}

    return measure


@contextmanager
def no_browser() -> Iterator[None]:
    """AppTest has none for the player."""
    idle = SimpleNamespace(state=SimpleNamespace(playing=False, signalling=False))
    with patch("core.ui.live.view.mend"), patch("streamlit_webrtc.webrtc_streamer", return_value=idle):
        yield


def _import_all(view: View) -> None:
    """Open the page in an empty home, which imports what the server has imported long before."""
    own = dict(os.environ)
    with tempfile.TemporaryDirectory() as empty:
        os.environ |= {"MASKLAB_HOME": empty, "MASKLAB_DATA": f"{empty}/datasets"}
        open_page(View(view.file), [])
    os.environ.update(own)


def open_page(view: View, ids: list[str], clicks: int = 0) -> tuple[float, float]:
    """Seconds of the page's first script run in a new session, and of the median click after it."""
    app = AppTest.from_file(str(PROJECT / "Home.py"), default_timeout=_TIMEOUT)
    if view.file != "Home.py":
        app.switch_page(view.file)
    for key, value in view.query.items():
        app.query_params[key] = _asked(value, ids)
    taken = []
    for number in range(1 + clicks):
        if number and view.click:
            view.click(app)
        started = time.perf_counter()
        app.run()
        taken.append(time.perf_counter() - started)
        if app.exception:
            sys.exit(app.exception[0].message)
    return taken[0], median(taken[1:] or taken)


def _asked(value: str, ids: list[str]) -> str:
    if value == _MODEL:
        return Path(runs.get(ids[0]).report().model).stem
    return {_NEWEST: ids[0], _CURVES: ",".join(ids)}.get(value, value)


def _photos(args: argparse.Namespace) -> dict[str, float]:
    imports, taken = _peak(), {}
    started = time.perf_counter()
    found = scan(Path(args.folder))
    taken["scan"] = time.perf_counter() - started
    for name, work in (("groups", lambda: splits.find_groups(found)),
                       ("split", lambda: splits.split(found, (0.7, 0.2, 0.1), 0))):  # fmt: skip
        started = time.perf_counter()
        work()
        taken[name] = time.perf_counter() - started
    return taken | {"imports": imports, "peak": _peak()}


def _memory() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak() -> float:
    """The highest memory of this process since it began, in MB. What getrusage tells begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1e3


_MEASURES = {name: _page(name) for name in VIEWS} | {"photos": _photos}

if __name__ == "__main__":
    main()
