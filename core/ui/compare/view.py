"""The Compare page: which entry is better, in one verdict and two charts; then the folded parts of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts import paired as charts
from core.evaluation.compare import entries, repeats, student_reports
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.report import settings
from core.store import runs
from core.store.runs import Run
from core.text.markup import plain
from core.ui.common import report_button
from core.ui.common.parts import chart, part
from core.ui.compare import address, choice, curves, folds, new_source, stress, tables, verdict
from core.ui.compare.sources import by_source
from core.ui.compare.versions import added


def show() -> None:
    """Choose runs and see them side by side."""
    finished = [run for run in runs.every() if run.summary()]
    if not finished:
        st.info("Nothing to compare yet: train a network, then a second one.", icon=":material/compare_arrows:")
        st.page_link("Home.py", label="Home", icon=":material/home:")
        with st.expander("What the two reports published"):
            _published()
        return
    known = repeats.entries(finished)
    linked = address.followed()
    chosen, reference = _choose(finished, known, linked)
    frame = verdict.Frame() if reference else None
    if not reference:
        st.info("Choose two or more runs to see whether one is better.", icon=":material/compare_arrows:")
    others = [entry for entry in chosen if entry is not reference]
    # The page stands before anything is worked out: what follows fills it.
    places, found = folds.show(_parts(chosen), linked), []
    if frame and reference:
        with part():
            found = frame.fill(reference, others)
    work = _work(finished, known, chosen, found, linked)
    if reference:
        work[folds.ADDED] = partial(added.show, reference, others)
        work[folds.BY_SOURCE] = partial(by_source.show, reference, others)
    for name, place in places.items():
        with place, part():
            work[name]()


def _choose(finished: Sequence[Run], known: Sequence[Entry], linked: bool) -> tuple[list[Entry], Entry | None]:
    """The chosen entries and the one that the others are set against, None where there are no others."""
    left, right = st.columns([3, 2])
    with left:
        chosen = choice.pick(finished, known, linked)
    with right:
        return chosen, choice.pick_reference(chosen, linked) if len(chosen) > 1 else None


def _parts(chosen: Sequence[Entry]) -> list[str]:
    first, last = ([folds.ADDED], [folds.SETTINGS, folds.STRESS]) if len(chosen) > 1 else ([], [])
    sourced = [folds.BY_SOURCE] if len(chosen) > 1 and by_source.known(chosen) else []
    own = [*first, folds.CURVES, folds.NUMBERS, *sourced, folds.NEW_SOURCE, *last] if chosen else []
    return [*own, folds.WRONG_MASK, folds.ABLATION, *([folds.REPORT] if chosen else []), folds.PUBLISHED]


def _work(
    finished: Sequence[Run], known: Sequence[Entry], chosen: Sequence[Entry], found: Sequence[Versus], linked: bool
) -> dict[str, Callable[[], None]]:
    """What fills each folded part."""
    return {
        folds.CURVES: partial(curves.show, chosen, linked),
        folds.NUMBERS: partial(_numbers, chosen, found),
        folds.NEW_SOURCE: partial(new_source.of_entries, chosen),
        folds.SETTINGS: partial(_settings, chosen),
        folds.STRESS: partial(_stress, chosen, found),
        folds.WRONG_MASK: partial(_wrong_mask, known, chosen),
        folds.ABLATION: partial(_ablation, finished),
        folds.REPORT: lambda: report_button.show([run for entry in chosen for run in entry.runs]),
        folds.PUBLISHED: _published,
    }


def _numbers(chosen: Sequence[Entry], found: Sequence[Versus]) -> None:
    rows = entries.table(chosen)
    tables.accuracies(rows)
    if any(len(entry.runs) > 1 for entry in chosen):
        chart(charts.strip(rows), "compare_strip")
    if any(one.paired for one in found):
        st.markdown(f"**Against {found[0].reference}**")
        tables.differences(found)
        notes = [one.evidence for one in found] + [one.on_which_photos for one in found if one.incomplete]
        st.caption(plain(" ".join(filter(None, notes))))


def _stress(chosen: Sequence[Entry], found: Sequence[Versus]) -> None:
    by_letter = {entry.letter: entry for entry in chosen}
    comparable = [by_letter[one.other] for one in found if one.paired]
    if not comparable or not stress.show(by_letter[found[0].reference], comparable):
        st.caption("No two of these runs have a stress suite of shared photos: run it on Evaluate, under Stress.")


def _wrong_mask(known: Sequence[Entry], chosen: Sequence[Entry]) -> None:
    # Photos, and where one of the two has never been shown some of them, a network: only for who wants to see it.
    from core.ui.compare import wrong_mask

    if pair := wrong_mask.pick(known, chosen):
        wrong_mask.show(pair)


def _ablation(finished: Sequence[Run]) -> None:
    from core.ui.compare import ablation_view

    if not ablation_view.show(finished, "compare"):
        st.caption("It takes four runs that differ in learning rate and augmentation alone: start them on Home.")


def _settings(chosen: Sequence[Entry]) -> None:
    configs = [entry.runs[0].config for entry in chosen]
    names = repeats.differences([entry.runs[0] for entry in chosen])
    if not names:
        st.caption("None: these runs have the same configuration.")
        return
    values = {settings.title(name): [settings.shown(name, getattr(one, name)) for one in configs] for name in names}
    st.dataframe(pd.DataFrame(values, index=[entry.letter for entry in chosen]).T, width="stretch")


def _published() -> None:
    st.caption(
        "Reported by their authors, **not measured here**, on other photos. Report A: "
        f"{student_reports.SOURCE_A}. Its 65 (two classes) and about 105 (three classes) test photos leave an interval "
        f"of some five to eight points either way. Report B: {student_reports.SOURCE_B}. It has no test photos. "
        f"{student_reports.LOSSES}"
    )
    tables.reported()
