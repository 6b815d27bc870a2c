"""What Compare says first: the verdict, a chart of the differences, and one of misses and false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts import paired as charts
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.evaluation.versions import added_since
from core.evaluation.wording import version_words
from core.text.markup import plain
from core.ui.common.parts import chart
from core.ui.compare import reads

_CARD, _CHART = 110, 280
_HELP = (
    "A miss: someone without a well-worn mask passes. A false alarm: someone who wears a mask well is stopped. Both at "
    "each network's own operating point; where only one of two knows wrong_mask, misses are of bare faces. A "
    "difference is shown where its 95 % interval on the shared test photos excludes 0 (of several comparisons, after "
    "Holm's adjustment). “No difference is shown” is not “no difference”. More in the [Glossary](Glossary)."
)


class Frame:
    """The places of the verdict and the two charts, which shimmer until they are filled."""

    def __init__(self) -> None:
        self._card = st.skeleton(_CARD)
        left, right = st.columns(2)
        self._charts = left.skeleton(_CHART), right.skeleton(_CHART)

    def fill(self, reference: Entry, others: Sequence[Entry]) -> list[Versus]:
        """Compare, and show what comes out. Raises UserError when a run has no predictions."""
        found: list[Versus] = []
        try:
            found = reads.against(reference, others)
            _words(self._card.container(border=True), reference, others, found)
        finally:
            self._draw(found)
        return found

    def _draw(self, found: Sequence[Versus]) -> None:
        if not any(one.paired for one in found):
            for place in self._charts:
                place.empty()
            return
        difference, mistakes = self._charts
        with difference.container():
            chart(charts.forest(found), "compare_forest")
        with mistakes.container():
            chart(charts.mistakes(found), "compare_mistakes")


def _words(place: st.delta_generator.DeltaGenerator, reference: Entry, others: Sequence[Entry],
           found: Sequence[Versus]) -> None:  # fmt: skip
    if len(found) == 1:
        place.markdown(f"## {plain(found[0].verdict)}", help=_HELP)
    else:
        lines = [f"- {plain(one.verdict)}" for one in found]
        place.markdown(f"## Against {reference.letter}", help=_HELP)
        place.markdown("\n".join(lines))
    place.caption(" · ".join(f"**{entry.letter}** {plain(entry.name)}" for entry in (reference, *others)))
    more = " See how they do on the photos added since, below." if any(
        added_since.differ(reference, other) for other in others
    ) else ""  # fmt: skip
    place.caption(version_words.of_entries((reference, *others)) + more)
    if len(found) == 1 and found[0].paired:
        notes = [found[0].evidence, found[0].on_which_photos if found[0].incomplete else ""]
        place.caption(plain(" ".join(filter(None, notes))))
