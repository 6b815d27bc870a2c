"""The rows of the table: runs, and sweeps with all of theirs as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean

from core.store.run_summary import Summary
from core.ui.runs.table.run_rows import Group, RunRow


@dataclass(frozen=True)
class Line:
    """A row: one run, or those of a sweep (`group`) that fit the filters."""

    runs: tuple[RunRow, ...]
    group: Group | None = None

    @property
    def name(self) -> str:
        return self.group.name if self.group else self.runs[0].name

    @property
    def started(self) -> datetime:
        """When the run began; of a sweep the newest."""
        return max(one.started for one in self.runs)

    @property
    def opens(self) -> dict[str, str]:
        """The query of its page."""
        return {"sweep": self.group.id} if self.group else {"run": self.runs[0].run.id}

    @property
    def results(self) -> list[Summary]:
        """Those of its finished runs."""
        return [one.result for one in self.runs if one.result]

    @property
    def test(self) -> float | None:
        """Test accuracy, 0..1; of a sweep the mean."""
        return mean(result.test for result in self.results) if self.results else None

    @property
    def validation(self) -> float | None:
        """Validation accuracy of the kept epoch, 0..1; of a sweep the mean."""
        return mean(result.validation for result in self.results) if self.results else None

    @property
    def state(self) -> str:
        """A run's state, or how many of a sweep's runs are in which."""
        states = [one.state for one in self.runs]
        if self.group is None:
            return states[0]
        return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))

    def common(self, name: str) -> str:
        """A fact that all its runs share, or "several"."""
        values = {getattr(one, name) for one in self.runs}
        return values.pop() if len(values) == 1 else "several"


def lines(runs: Sequence[RunRow], fold: bool) -> list[Line]:
    """A line per run; with `fold`, one for all runs of a sweep, where the first of them stands."""
    groups: dict[str, list[RunRow]] = defaultdict(list)
    for one in runs:
        groups[one.group.id if fold and one.group else one.run.id].append(one)
    return [Line(tuple(own), own[0].group if fold else None) for own in groups.values()]
