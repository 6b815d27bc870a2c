"""How the pages open with many runs and photos: seconds of server time and memory, each in a process of its own.

    python -m benchmarks.dashboard [--runs 1000] [--epochs 60] [--photos 100000] [--curves 50] [--reloads 50]

Runs and photos are made in a temporary folder, which is removed at the end. A page's time is that of its script, run by
Streamlit's AppTest after every module was imported: "first" with empty caches, "again" the median of five more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
from streamlit.testing.v1 import AppTest

from benchmarks import dashboard_made
from core.data import split as splits
from core.data.scan import scan
from core.paths import PROJECT

_PAGES = {"Home": "Home.py", "Runs": "pages/2_Runs.py", "Compare": "pages/3_Compare.py"}
_TIMEOUT = 600


def main() -> None:
    """Make runs and photos, measure, and print two tables."""
    args = _arguments()
    if args.measure:
        print(json.dumps(_MEASURES[args.measure](args)))
        return
    with tempfile.TemporaryDirectory(prefix="masklab-dashboard-") as folder:
        os.environ |= {"MASKLAB_HOME": folder, "MASKLAB_DATA": f"{folder}/datasets"}
        _measure_runs(args)
        if args.photos:
            _measure_photos(args)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--curves", type=int, default=50, help="How many runs Compare overlays.")
    parser.add_argument("--reloads", type=int, default=50, help="How often each page is opened anew for its memory.")
    parser.add_argument("--measure", choices=sorted(_MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--query", default="{}", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_runs(args: argparse.Namespace) -> None:
    started = time.perf_counter()
    ids = dashboard_made.runs(args.runs, args.epochs)
    print(f"{args.runs} runs of {args.epochs} epochs, made in {time.perf_counter() - started:.0f} s\n")
    print("| page | first (s) | again (s) | memory after the first (MB) | after "
          f"{args.reloads} more sessions (MB) |")  # fmt: skip
    print("|---|---|---|---|---|")
    for name in _PAGES:
        query = {"runs": ",".join(ids[: args.curves])} if name == "Compare" else {}
        told = _child(args, name, query=json.dumps(query))
        title = f"{name}, {min(args.curves, args.runs)} curves" if query else name
        print(f"| {title} | {told['first']:.2f} | {told['again']:.2f} | {told['before']:.0f} | {told['after']:.0f} |",
              flush=True)  # fmt: skip


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
    print(f"\nData page: {told['first']:.1f} s with the photos known, {told['again']:.2f} s again, "
          f"{told['after']:.0f} MB at its highest")  # fmt: skip


def _child(args: argparse.Namespace, what: str, query: str = "{}", folder: str = "") -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.dashboard", "--measure", what, "--query", query, "--folder", folder,
               "--reloads", str(args.reloads)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        sys.exit(f"{what}: {told.stderr}")
    return json.loads(told.stdout.splitlines()[-1])


def _page(name: str) -> Callable[[argparse.Namespace], dict[str, float]]:
    def measure(args: argparse.Namespace) -> dict[str, float]:
        query = json.loads(args.query)
        _import_all(name)
        first, again = _open(name, query)
        before = _memory()
        for _ in range(args.reloads):
            _open(name, query, again=0)
        return {"first": first, "again": again, "before": before, "after": _memory()}

    return measure


def _data(args: argparse.Namespace) -> dict[str, float]:
    _import_all("Data")
    first, again = _open("Data", {})
    return {"first": first, "again": again, "after": _peak()}


def _import_all(name: str) -> None:
    """Open the page in an empty home, which imports what the server has imported long before."""
    own = dict(os.environ)
    with tempfile.TemporaryDirectory() as empty:
        os.environ |= {"MASKLAB_HOME": empty, "MASKLAB_DATA": f"{empty}/datasets"}
        _open(name, {}, again=0)
    os.environ.update(own)


def _open(name: str, query: dict[str, str], again: int = 5) -> tuple[float, float]:
    """Seconds of the page's first script run in a new session, and of the median run after it."""
    app = AppTest.from_file(str(PROJECT / "Home.py"), default_timeout=_TIMEOUT)
    page = _PAGES.get(name, f"pages/1_{name}.py")
    if page != "Home.py":
        app.switch_page(page)
    for key, value in query.items():
        app.query_params[key] = value
    taken = []
    for _ in range(1 + again):
        started = time.perf_counter()
        app.run()
        taken.append(time.perf_counter() - started)
        if app.exception:
            sys.exit(app.exception[0].message)
    return taken[0], median(taken[1:] or taken)


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


_MEASURES = {name: _page(name) for name in _PAGES} | {"photos": _photos, "Data": _data}

if __name__ == "__main__":
    main()
