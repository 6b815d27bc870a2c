"""What axe-core finds on every page, in light and dark: how many places of each impact, and which.

    python -m benchmarks.accessibility [--narrow]

A home with drawn faces and two finished runs is made in a temporary folder. Every section that can be opened is open.
axe-core does not look at the text of charts: that its contrast is 4.5 is looked at here. What is Streamlit's own, and
can't be mended from outside, is counted apart: `THEIRS` names it place by place.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from benchmarks.addresses import PATHS, address
from tests.browser.harness import chromium, new_page, rest, serve
from tests.fixtures.home_fixtures import furnish, home_of

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IMPACTS = ("critical", "serious", "moderate", "minor")
# Rule, a pattern of the place's HTML, and why it stays.
THEIRS = (
    ("aria-dialog-name", 'data-testid="stToast"', "a toast is a dialog without a name, and Streamlit takes none"),
    ("empty-table-header", 'role="columnheader"', "the head of a table's index: Streamlit's table has no name for it"),
    ("presentation-role-conflict", 'data-testid="stFileUploaderDropzone"', "the uploader's own roles"),
)
WIDE, _NARROW = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
_FOLDED = ":is([data-testid=stMain], [data-testid=stSidebar]) details:not([open]) > summary:visible"
_AXE = "() => axe.run(document, {resultTypes: ['violations']})"
# Plotly itself chooses the ink on a heat map's cells.
_CHART_TEXT = """() => {
    const chart = '.js-plotly-plot text:not(.heatmaplayer text)';
    const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
    const light = colour => {
        const [r, g, b] = numbers(colour).slice(0, 3).map(
            part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
        );
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const paper = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor;
    const behind = text => {
        if (!text.classList.contains('bartext-inside')) return paper;
        return getComputedStyle(text.parentNode.querySelector('path')).fill;
    };
    return [...document.querySelectorAll(chart)].filter(text => text.textContent).map(text => {
        const [ink, ground] = [getComputedStyle(text).fill, behind(text)];
        return {html: text.outerHTML, ink, ground, contrast: ground.startsWith('rgb') ? contrast(ink, ground) : 21};
    }).filter(text => text.contrast < 4.5);
}"""


@dataclass(frozen=True)
class Finding:
    """One place that a rule finds fault with: its HTML and what is wrong with it, in axe's words."""

    rule: str
    impact: str
    html: str
    why: str

    @property
    def theirs(self) -> bool:
        """Whether it is Streamlit's own and listed."""
        return any(rule == self.rule and pattern in self.html for rule, pattern, _ in THEIRS)

    @property
    def grave(self) -> bool:
        """Whether somebody can't use the page for it."""
        return self.impact in IMPACTS[:2]


def look(page: Page) -> list[Finding]:
    """What axe-core finds on the page as it stands, frames within it too, and chart text that is hard to read."""
    for frame in page.frames:
        frame.evaluate(AXE_SCRIPT)
    found = [
        Finding(broken["id"], node["impact"], node["html"], node["failureSummary"].splitlines()[1].strip())
        for broken in page.evaluate(_AXE)["violations"] for node in broken["nodes"]
    ]  # fmt: skip
    return found + [
        Finding("chart-text", "serious", text["html"], f"{text['ink']} on {text['ground']}: {text['contrast']:.1f}")
        for text in page.evaluate(_CHART_TEXT)
    ]


def look_at(page: Page, url: str) -> Iterator[tuple[str, list[Finding]]]:
    """Open an address with all that is folded there; yields each theme and what is found in it."""
    page.goto(url)
    rest(page)
    folded = page.locator(_FOLDED)
    for _ in range(folded.count()):
        folded.first.click()
        rest(page)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        rest(page)
        yield theme, look(page)


def main() -> None:
    """Print the table, and below it each place once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--narrow", action="store_true", help="As wide as a phone.")
    narrow = parser.parse_args().narrow
    looked = []
    with tempfile.TemporaryDirectory(prefix="masklab-axe-") as folder:
        home = Path(folder) / "home"
        os.environ |= home_of(home)
        newest, other = furnish()
        server = serve(home)
        try:
            with chromium() as browser:
                page = new_page(browser, viewport=_NARROW if narrow else WIDE)
                for name in PATHS:
                    found = look_at(page, f"{server.url}/{address(name, newest, other)}")
                    looked += [(name, theme, findings) for theme, findings in found]
        finally:
            server.kill()
    _print(looked)


def _print(looked: Sequence[tuple[str, str, list[Finding]]]) -> None:
    print(f"| page | theme | {' | '.join(IMPACTS)} | Streamlit's own |\n|{'---|' * (len(IMPACTS) + 3)}")
    where: dict[tuple[str, str, str], set[str]] = {}
    for name, theme, found in looked:
        ours = [finding for finding in found if not finding.theirs]
        counted = Counter(finding.impact for finding in ours)
        cells = [str(counted[impact]) for impact in IMPACTS] + [str(len(found) - len(ours))]
        print(f"| {name} | {theme} | {' | '.join(cells)} |")
        for finding in ours:
            # Files that Streamlit serves have a new name each time.
            what = re.sub(r"[0-9a-f]{56,64}", "…", finding.html)[:160]
            where.setdefault((finding.impact, finding.rule, f"{what}: {finding.why}"), set()).add(f"{name}, {theme}")
    print()
    for (impact, rule, what), names in sorted(where.items()):
        print(f"- {impact}, {rule}: {what} ({'; '.join(sorted(names))})")


if __name__ == "__main__":
    main()
