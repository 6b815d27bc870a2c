"""One HTML file with all that is known of one run or several; it asks for nothing from anywhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from core.data.disturb import SEVERITIES
from core.evaluation.wording import sentences
from core.machine.environment import machine_facts
from core.report import command, figures, pictures, settings, words
from core.report.material import Material
from core.report.private import without_places
from core.report.rendering import TEMPLATES, environment
from core.report.together import compared
from core.schema.labels import COLOURS, SYMBOLS
from core.text.markup import one_line

_STRONG, _EMPHASIS = re.compile(r"\*\*(.+?)\*\*"), re.compile(r"\*(.+?)\*")


def page(materials: Sequence[Material], photos: bool = False) -> str:
    """The whole file as text. `photos` puts some test photos into it, which then show people."""
    return _environment().get_template("page.html").render(
        runs=[_run(material, photos) for material in materials],
        together=compared(materials) if len(materials) > 1 else None,
        photos=photos,
        facts=machine_facts(),
        plotly=Markup(get_plotlyjs()),
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        draw=Markup((TEMPLATES / "draw.js").read_text(encoding="utf-8")),
    )  # fmt: skip


def refused(material: Material) -> list[tuple[str, str]]:
    """(file, reason) of every refused file, without the places of this machine."""
    folder = material.config.folder
    return [(one_line(row["file"]), without_places(row["reason"], folder)) for row in material.refused]


def _run(material: Material, photos: bool) -> dict[str, Any]:
    test = material.report.test
    charts = {
        "counts": [figures.counts(material)],
        "curves": figures.curves({material.run.name: material.metrics}) if material.metrics else [],
        "labels": [figures.confusion(test), figures.per_class(test)],
        "calibration": [figures.reliability(test)],
        "door": [figures.tradeoff(test)],
        "slices": [figures.sliced(material)] if material.slices else [],
        "stress": [figures.stressed(material)] if material.stress else [],
    }
    return {
        "material": material,
        "verdict": words.verdict(material),
        "split": words.split(material),
        "limits": words.limits(material),
        "gap": sentences.training_gap(material.metrics, material.report.best_epoch),
        "settings": settings.table(material.config),
        "refused": refused(material),
        "charts": charts,
        "command": command.line(material.config),
        "wrong": pictures.most_wrong(material) if photos else [],
        "samples": pictures.samples(material) if photos else [],
    }


def _environment() -> Environment:
    made = environment(autoescape=True)
    made.globals |= {"colours": COLOURS, "symbols": SYMBOLS, "severities": SEVERITIES}
    made.filters |= {"bold": _bold, "kind": figures.kind_title}
    return made


def _bold(text: str) -> Markup:
    """Markdown's ** and * of our own sentences as HTML; all else is escaped."""
    return Markup(_EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", str(escape(text)))))
