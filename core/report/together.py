"""What several runs show side by side: which is better on the same photos, and what training on wrong_mask gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.charts import paired as paired_charts
from core.charts import who_passes as wrong_mask_charts
from core.evaluation.by_source import paired
from core.evaluation.by_source.paired import BySource
from core.evaluation.compare import ablation, repeats, two_runs, under_stress
from core.evaluation.compare import entries as compare
from core.evaluation.compare import wrong_mask_training as wrong_mask
from core.evaluation.compare.entries import Row
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.evaluation.compare.under_stress import Stressed
from core.evaluation.wording import advice
from core.report import settings
from core.report.figures import Chart, chart, curves
from core.report.material import Material
from core.report.private import short, without_places
from core.schema.errors import UserError
from core.store.runs import finished_report


@dataclass(frozen=True)
class WrongMask:
    """The answer to what training on wrong_mask gains, or else why there is none."""

    missing: str = ""
    words: dict[str, str] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Together:
    """`names` are letter -> name of each entry; of the others, each is set against the first (`found`, and `stressed`
    where both have a stress suite). `settings` are those that differ: title -> value of each entry's first run."""

    names: dict[str, str]
    rows: list[Row]
    found: list[Versus]
    stressed: list[Stressed]
    charts: list[Chart]
    curves: list[Chart]
    by_source: list[BySource]
    wrong_mask: WrongMask | None
    ablations: list[list[dict[str, Any]]]
    settings: dict[str, list[str]]


def compared(materials: Sequence[Material]) -> Together:
    """Two or more runs; the first is the reference. Raises UserError when a model file is damaged."""
    runs = [material.run for material in materials]
    entries = repeats.entries(runs)
    rows = compare.table(entries)
    found = two_runs.against(entries[0], entries[1:]) if len(entries) > 1 else []
    comparable = [entry for entry, one in zip(entries[1:], found, strict=True) if one.paired]
    return Together(
        names={entry.letter: _name(entry) for entry in entries},
        rows=rows,
        found=found,
        stressed=under_stress.against(entries[0], comparable),
        charts=_charts(entries, rows, found),
        curves=curves({entry.letter: entry.runs[0].metrics() for entry in entries}),
        by_source=paired.against(entries[0], comparable),
        wrong_mask=_wrong_mask(entries) if comparable else None,
        ablations=[own.as_rows() for own in ablation.find(runs)],
        settings=_settings(entries),
    )


def _charts(entries: Sequence[Entry], rows: Sequence[Row], found: Sequence[Versus]) -> list[Chart]:
    figures = [paired_charts.forest(found)] if any(one.paired for one in found) else []
    figures += [paired_charts.strip(rows)] if any(len(entry.runs) > 1 for entry in entries) else []
    return list(map(chart, figures))


def _wrong_mask(entries: Sequence[Entry]) -> WrongMask | None:
    """None unless exactly one entry has two classes and exactly one three."""
    two, three = ([entry for entry in entries if len(finished_report(entry.runs[0]).labels) == n] for n in (2, 3))
    if len(two) != 1 or len(three) != 1:
        return None
    try:
        answer = wrong_mask.ask(two[0], three[0])
    except UserError as error:
        return WrongMask(missing=without_places(str(error), three[0].runs[0].config.folder))
    figures = wrong_mask_charts.calls(answer), wrong_mask_charts.door(answer.at_the_door)
    return WrongMask("", advice.sentences(answer), tuple(map(chart, figures)))


def _settings(entries: Sequence[Entry]) -> dict[str, list[str]]:
    configs = [entry.runs[0].config for entry in entries]
    different = repeats.differences([entry.runs[0] for entry in entries])
    return {
        settings.title(name): [settings.shown(name, getattr(config, name)) for config in configs] for name in different
    }


def _name(entry: Entry) -> str:
    # Namesakes are told apart by their folders, too, whose last two parts may be a user's.
    dataset = entry.runs[0].config.dataset
    return entry.name.replace("/".join(dataset.split("/")[-2:]), short(dataset))
