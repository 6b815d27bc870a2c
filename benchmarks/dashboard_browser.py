"""How long each page takes in a browser: `python -m benchmarks.dashboard --browser --runs 2 1000`.

"First" is when the page's title is there, "settled" when its script has run through and nothing is still to come, both
in seconds after the address was asked for. Cold is the first look at a server that has just been started and has its
files in the disk's cache; warm is the median of three looks after it. The browser has its own files; it and the server
share this machine.
"""

from __future__ import annotations

from statistics import median

from playwright.sync_api import Page

from benchmarks.addresses import PATHS, address
from core.store import runs
from tests.browser.harness import PENDING, chromium, new_page, serve

_LOOKS, _QUIET_MS = 3, 700
# Notes the first frame with the title, and since when nothing has been at work.
_WATCH = f"""(() => {{
    const look = () => {{
        const app = document.querySelector('[data-testid=stApp]');
        const title = document.querySelector('[data-testid=stMain] h1');
        if (title) window.first ??= performance.now();
        const idle = title && app.dataset.testScriptState === 'notRunning' && !document.querySelector({PENDING!r});
        window.settled = idle ? window.settled ?? performance.now() : null;
        requestAnimationFrame(look);
    }};
    look();
}})()"""
_DONE = f"() => window.settled && performance.now() - window.settled > {_QUIET_MS}"


def measure(count: int) -> None:
    """Print the times of every page with so many runs, which are in MASKLAB_HOME."""
    newest, other = [run for run in runs.every() if run.report()][:2]
    print(f"\n{count} runs: seconds until the first content, and until all is there\n")
    print("| page | cold: first | settled | warm: first | settled |\n|---|---|---|---|---|")
    with chromium() as browser:
        page = new_page(browser, viewport={"width": 1366, "height": 800})
        page.add_init_script(_WATCH)
        port = _fetch_files(page)
        for name in PATHS:
            looks = _looks(page, port, address(name, newest, other))
            warm = [median(part) for part in zip(*looks[1:], strict=True)]
            print(f"| {name} | {' | '.join(f'{seconds:.1f}' for seconds in (*looks[0], *warm))} |", flush=True)


def _fetch_files(page: Page) -> int:
    """Let the browser keep the app's own files, which are the port's."""
    server = serve(runs.every()[0].folder.parents[1], OMP_NUM_THREADS="2")
    try:
        for path in ("", "Live", "Compare"):
            page.goto(f"{server.url}/{path}")
            page.wait_for_function(_DONE)
    finally:
        server.kill()
    return int(server.url.rsplit(":", 1)[1])


def _looks(page: Page, port: int, path: str) -> list[tuple[float, float]]:
    """(first, settled) of each look at a page of a new server, the cold one first."""
    server = serve(runs.every()[0].folder.parents[1], port, OMP_NUM_THREADS="2")
    try:
        return [_look(page, f"{server.url}/{path}") for _ in range(1 + _LOOKS)]
    finally:
        server.kill()


def _look(page: Page, url: str) -> tuple[float, float]:
    page.goto("about:blank")
    page.goto(url, wait_until="commit")
    page.wait_for_function(_DONE)
    first, settled = page.evaluate("() => [window.first / 1000, window.settled / 1000]")
    return first, settled
