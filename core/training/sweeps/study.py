"""Which trainings a sweep is made of: variants (one setting, the ablation, report A's table, a grid), each trained
once, with several seeds, or once a grouped fold; or one setting, trained without each source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.evaluation.compare.student_reports import ABLATION, ABLATION_FACTOR
from core.schema.errors import UserError
from core.schema.setting_words import bounds
from core.schema.train_config import LEAST_FOLDS, MOST_FOLDS, TrainConfig, make
from core.store.sweeps import REPORT_A_TABLE, Kind

Repetition = Literal["repeats", "folds"]
# Least and most trainings of a variant.
COUNTS: dict[Repetition, tuple[int, int]] = {"repeats": (2, 20), "folds": (LEAST_FOLDS, MOST_FOLDS)}
MOST_ROWS = 200
# How many times the learning rate an ablation's baseline takes.
FACTOR, LEAST_FACTOR, MOST_FACTOR = ABLATION_FACTOR, 1.1, 1000.0
_TITLES: dict[Kind, str] = {
    "report_a": REPORT_A_TABLE, "ablation": "Ablation of learning rate and augmentation",
}  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One training of a sweep; `name` tells it from the others, `group` is what repeats and folds of one variant
    share."""

    name: str
    group: str
    config: TrainConfig


def one(config: TrainConfig) -> list[Planned]:
    """The config as the only variant; it needs no name beside its seeds or folds."""
    return [Planned("", "", config)]


def ablation(config: TrainConfig, factor: float = FACTOR) -> list[Planned]:
    """The config at `factor` times its learning rate and without augmentation, then with its own rate, with
    augmentation, and with both. Raises UserError when the factor or that rate is out of bounds."""
    if not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise UserError(f"factor: choose {LEAST_FACTOR:g} to {MOST_FACTOR:g}, not {factor:g}.")
    # Rounded, because 3e-4 times 10 is 0.0029999999999999996.
    high = float(f"{factor * config.learning_rate:.6g}")
    most = bounds("learning_rate")["le"]
    if high > most:
        raise UserError(
            f"learning_rate: the ablation's baseline takes {factor:g} times {config.learning_rate:g}, above {most:g}; "
            "choose a lower one."
        )
    settings = [(rate, on) for on in (False, True) for rate in (high, config.learning_rate)]
    return [
        Planned(name, name, _changed(config, learning_rate=rate, augment=on))
        for name, (rate, on) in zip(ABLATION, settings, strict=True)
    ]


def without_each(config: TrainConfig, sources: Sequence[str]) -> list[Planned]:
    """The config trained once without each of these sources, and tested on it. Raises UserError for too many."""
    few_enough(len(sources))
    return [Planned(source, source, _changed(config, held_out_source=source)) for source in sources]


def repeated(variants: Sequence[Planned], repetition: Repetition | None, count: int = 0) -> list[Planned]:
    """The rows of a sweep: each variant once, or `count` times.

    repeats: seeds from the variant's own on, each with a split and an order of photos of its own. folds: grouped folds
    of one seed, each tested once. Raises UserError for a count that is out of bounds and for too many rows.
    """
    if repetition is None:
        few_enough(len(variants))
        return list(variants)
    least, most = COUNTS[repetition]
    if not least <= count <= most:
        raise UserError(f"{repetition}: choose {least} to {most} trainings, not {count}.")
    few_enough(len(variants) * count)
    rows = [_again(variant, repetition, count, number) for variant in variants for number in range(count)]
    if len({row.config for row in rows}) < len(rows):
        raise UserError("seed: repeats choose the seeds themselves: leave seed out of the grid.")
    return rows


def title(kind: Kind, rows: Sequence[Planned]) -> str:
    """What a sweep of these rows is called."""
    if kind in _TITLES:
        return _TITLES[kind]
    first = rows[0].config
    if kind == "grid":
        varied = [name for name in TrainConfig.model_fields if len({getattr(row.config, name) for row in rows}) > 1]
        return f"Grid over {', '.join(name.replace('_', ' ') for name in varied) or 'one setting'}"
    if kind == "sources":
        return f"Leave one of {len(rows)} sources out, {first.backbone} {first.mode}"
    return f"{len(rows)} {'folds' if kind == 'folds' else 'seeds'} of {first.backbone} {first.mode}"


def few_enough(rows: int) -> None:
    """Raises UserError when these are more rows than a sweep may have."""
    if rows > MOST_ROWS:
        raise UserError(f"These are {rows} trainings; a sweep has {MOST_ROWS} at most: choose fewer values.")


def _again(variant: Planned, repetition: Repetition, count: int, number: int) -> Planned:
    config = variant.config
    if repetition == "folds":
        changed, own = _changed(config, folds=count, fold=number), f"fold {number}"
    else:
        changed, own = _changed(config, seed=config.seed + number), f"seed {config.seed + number}"
    return Planned(f"{variant.name} · {own}" if variant.name else own, variant.group, changed)


def _changed(config: TrainConfig, **values: Any) -> TrainConfig:
    return make(config.model_dump() | values)
