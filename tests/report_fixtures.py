"""A trained run that a test may change, and a page taken apart."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from core import runs
from core.runs import METRICS, Run
from core.sealed import seal, unseal
from tests.processes import Finished


def copied(finished: Finished, home: Path, photos: Path) -> Run:
    """A copy of the undisturbed run in this (not yet existing) home, with photos of its own."""
    shutil.copytree(finished.home, home)
    run = runs.get(finished.run.id)
    return told(run, dataset=str(shutil.copytree(run.config.folder, photos)))


def told(run: Run, **settings: Any) -> Run:
    """The run as if it had been told so."""
    config = run.folder / "config.json"
    config.write_text(seal(unseal(config.read_text()) | settings))
    return Run(run.folder)


def completed(run: Run) -> Run:
    """A run of tests/compare_fixtures.py with what it lacks for a report."""
    run.append_metrics(dict.fromkeys(METRICS, 1))
    return run


class Taken(HTMLParser):
    """A page's elements: `tags` (counts), `attributes` (name, value) and `text` outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        return re.sub(r"[ \n]+", " ", "".join(self._text))

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The charts' figures."""
        return [json.loads(value) for name, value in self.attributes if name == "data-figure"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self._text.append(data)
