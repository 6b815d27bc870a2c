"""Entries of a comparison: a run alone, or runs of the same configuration but for seed or fold (repeats), which count
as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from core.schema.train_config import REPEATED, TrainConfig
from core.store import run_names
from core.store.run_summary import Summary
from core.store.runs import Run

# More than so many settings make a name that nobody reads.
_MOST_SETTINGS = 3


@dataclass(frozen=True)
class Entry:
    """`letter` stands for it in sentences, tables and charts; `name` tells it from the others beside it. `runs` are
    finished, in the order of seed and fold."""

    letter: str
    name: str
    runs: tuple[Run, ...]

    @property
    def title(self) -> str:
        return f"{self.letter} · {self.name}"


def entries(runs: Sequence[Run]) -> list[Entry]:
    """Finished runs, in the order of each entry's first. Repeats were given the same version of the photos. Of runs of
    exactly the same configuration, the first is the one that counts among them; the others stand alone."""
    families: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    told: Counter[tuple[object, ...]] = Counter()
    for run in runs:
        config = run.config
        settings = (config.model_dump_json(exclude=set(REPEATED)), *labels(run), _summary(run).version)
        whole = (*settings, config.seed, config.fold)
        families[*settings, told[whole]].append(run)
        told[whole] += 1
    members = [tuple(sorted(family, key=_place)) for family in families.values()]
    names = _names(members)
    return [
        Entry(_letter(index), name + _how_often(family), family)
        for index, (name, family) in enumerate(zip(names, members, strict=True))
    ]


def pairs(a: Entry, b: Entry) -> list[tuple[Run, Run]]:
    """The runs of both entries that belong together: of the same seed and fold; two single runs in any case."""
    if len(a.runs) == len(b.runs) == 1:
        return [(a.runs[0], b.runs[0])]
    partner = {_place(run): run for run in b.runs}
    return [(run, partner[_place(run)]) for run in a.runs if _place(run) in partner]


def differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Settings in which the runs differ: field -> value per run, in the runs' order."""
    told = [run.config for run in runs]
    return {
        name: [_said(getattr(config, name)) for config in told]
        for name in TrainConfig.model_fields
        if any(getattr(config, name) != getattr(told[0], name) for config in told)
    }


def _said(value: Any) -> str:
    # A number from a grid (0.1 + 0.2) is not worth its last digits.
    return f"{value:g}" if isinstance(value, float) else str(value)


def _place(run: Run) -> tuple[int, int]:
    config = run.config
    return config.seed, config.fold


def labels(run: Run) -> Sequence[str]:
    """The labels that a finished run has learnt."""
    return _summary(run).labels


def _summary(run: Run) -> Summary:
    found = run.summary()
    assert found is not None
    return found


def _letter(index: int) -> str:
    again, place = divmod(index, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(again + 1) if again else "")


def _names(families: Sequence[Sequence[Run]]) -> list[str]:
    """What the runs are called; where several are called the same, with the few settings that tell them apart, or the
    id."""
    runs, bases = [family[0] for family in families], [_base(family) for family in families]
    same: dict[str, list[Run]] = defaultdict(list)
    for base, run in zip(bases, runs, strict=True):
        same[base].append(run)
    apart = {run: words for own in same.values() for run, words in zip(own, _apart(own), strict=True)}
    names = [base + apart[run] for base, run in zip(bases, runs, strict=True)]
    often = Counter(names)
    return [name if often[name] == 1 else f"{name} ({run.id})" for name, run in zip(names, runs, strict=True)]


def _base(family: Sequence[Run]) -> str:
    if len(family) == 1:
        return family[0].name
    config = family[0].config
    whole = config.model_copy(update={name: TrainConfig.model_fields[name].default for name in REPEATED})
    return run_names.default(whole.model_copy(update={"folds": 0}), len(labels(family[0])))


def _apart(namesakes: Sequence[Run]) -> list[str]:
    """The settings that tell each of the runs from the others; nothing where there are too many."""
    different = differences(namesakes)
    if not 0 < len(different) <= _MOST_SETTINGS:
        return [""] * len(namesakes)
    # A dataset's last folder is often called the same ("labeled"), so a path is shown from the one above it.
    return [
        f" ({', '.join(f'{name} {_short(values[place])}' for name, values in different.items())})"
        for place in range(len(namesakes))
    ]


def _short(value: str) -> str:
    return "/".join(value.split("/")[-2:])


def _how_often(family: Sequence[Run]) -> str:
    if len(family) == 1:
        return ""
    seeds, folds = {run.config.seed for run in family}, {run.config.fold for run in family}
    words = [f"{len(seeds)} seeds"] if len(seeds) > 1 else []
    words += [f"{len(folds)} of {family[0].config.folds} folds"] if len(folds) > 1 else []
    return ", " + " and ".join(words)
