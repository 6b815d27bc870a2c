"""A network's model card in Markdown, with the sections that Hugging Face's cards have."""

from __future__ import annotations

import re
import shlex
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from core.report import command, words
from core.report.figures import kind_title
from core.report.material import Material
from core.report.rendering import environment
from core.text.markup import plain


def card(material: Material) -> str:
    """The card as text."""
    text = _environment().get_template("card.md").render(
        material=material,
        config=material.config,
        report=material.report,
        test=material.report.test,
        verdict=words.verdict(material),
        labels=words.labels(material),
        split=words.split(material),
        limits=words.limits(material),
        refused=len(material.refused),
        command=Markup(command.line(material.config)),
        facts=material.report.facts,
    )  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", text)


def _environment() -> Environment:
    # What a template writes is escaped, unless it is a Markup.
    made = environment(finalize=_escaped)
    made.filters |= {"ours": Markup, "kind": kind_title, "shell": lambda text: Markup(shlex.quote(text))}
    return made


def _escaped(value: Any) -> str:
    return str(value) if isinstance(value, Markup) else plain(str(value))
