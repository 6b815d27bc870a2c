"""How fast photos are uploaded by a real browser and imported, and how much memory the server takes meanwhile.

    python -m benchmarks.upload_photos --drawn 20000 --folder PHOTOS   # ZIPs of so many small drawn photos and of a
                                                              # folder, made first, one after the other
    python -m benchmarks.upload_photos --folder PHOTOS --loose   # a folder's files, as they are
    python -m benchmarks.upload_photos --zip photos.zip       # one that is there
    python -m benchmarks.upload_photos --drawn 2000 --no-import   # uploaded, and not imported

Each has a server of its own; all of it lies in a temporary folder (TMPDIR says where). Needs a browser, as tests do.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from benchmarks.import_photos import draw
from core.schema.labels import THREE_CLASSES
from tests.browser.harness import Server, chromium, new_page, serve, settle

# Milliseconds: gigabytes on a busy machine.
_PATIENCE = 3_600_000
_EVERY = 0.05


class Memory:
    """The server's resident memory in MB: now, and the most since it was last asked for."""

    def __init__(self, server: Server) -> None:
        self._process, self._most = psutil.Process(server.process.pid), 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def now(self) -> float:
        """Of the server and its children."""
        processes = [self._process, *self._process.children(recursive=True)]
        return sum(one.memory_info().rss for one in processes) / 1e6

    def most(self) -> float:
        """The peak since the last call."""
        most, self._most = max(self._most, self.now()), 0.0
        return most

    def _watch(self) -> None:
        try:
            while True:
                self._most = max(self._most, self.now())
                time.sleep(_EVERY)
        except psutil.Error:
            return


def main() -> None:
    """Print megabytes, seconds and memory of the upload and of the import."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=int, metavar="N")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--zip", type=Path)
    parser.add_argument("--loose", action="store_true")
    parser.add_argument("--no-import", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for path in _made(args, Path(scratch)):
            print(path, flush=True)
            with tempfile.TemporaryDirectory() as place:
                _upload(path, Path(place, "home"), not args.no_import)


def _made(args: argparse.Namespace, scratch: Path) -> Iterator[Path]:
    if args.drawn:
        draw(scratch / "drawn.zip", args.drawn)
        yield scratch / "drawn.zip"
    if args.folder and args.loose:
        yield args.folder
    elif args.folder:
        _pack(args.folder, scratch / "folder.zip")
        yield scratch / "folder.zip"
    if args.zip:
        yield args.zip


def _upload(path: Path, home: Path, imported: bool) -> None:
    for label in THREE_CLASSES:
        (home / "datasets" / "room" / label).mkdir(parents=True)
    server = serve(home)
    try:
        with chromium() as browser:
            _measure(new_page(browser), server, path, imported)
    finally:
        server.kill()


def _measure(page: Page, server: Server, path: Path, imported: bool) -> None:
    page.goto(f"{server.url}/Data")
    settle(page)
    page.get_by_role("radio", name="Add photos").click()
    page.get_by_role("radio", name="Upload").click()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_enabled()
    settle(page)
    memory = Memory(server)
    before, started = memory.now(), time.perf_counter()
    size = _size(path) / 1e6
    page.locator("input[webkitdirectory]" if path.is_dir() else "input.files").set_input_files(path)
    expect(page.get_by_text("All of it is here")).to_be_visible(timeout=_PATIENCE)
    seconds = time.perf_counter() - started
    print(f"memory before: {before:,.0f} MB")
    rate = f"{size:,.0f} MB in {seconds:.1f} s, {size / seconds:,.1f} MB/s"
    print(f"upload: {rate}; peak {memory.most():,.0f} MB", flush=True)
    if not imported:
        return
    started = time.perf_counter()
    page.get_by_role("button", name="Import").click()
    done = page.get_by_test_id("stAlert")
    expect(done).to_be_visible(timeout=_PATIENCE)
    print(f"import: {time.perf_counter() - started:.1f} s; peak {memory.most():,.0f} MB; {done.inner_text()}")


def _pack(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for place, _, files in os.walk(folder, followlinks=True):
            for name in files:
                archive.write(Path(place, name), Path(place, name).relative_to(folder))


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    main()
