"""The candidates for the starter: what each scores on sources that it never saw, from the runs of this home that leave
one source out.

    python -m benchmarks.candidates [SOURCE ...]

One row for each set of settings that was tried, the best mean first: balanced accuracy with its 95 % interval on the
photos of each source that was left out, over the labels that the source has, then the mean and the worst of them; in
brackets the recall of wrong_mask. Only settings with a run for each of these sources are in it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from statistics import fmean

from core.schema.labels import Label
from core.schema.train_config import TrainConfig, fill_in
from core.store import runs
from core.store.runs import Run

Settings = tuple[tuple[str, str], ...]
_BESIDE = {"dataset", "held_out_source", "precision"}


def main(sources: list[str]) -> None:
    """Print the table."""
    found: dict[Settings, dict[str, Run]] = defaultdict(dict)
    for run in runs.every():
        if run.config.held_out_source and run.report():
            found[_settings(run.config)].setdefault(run.config.held_out_source, run)
    wanted = sources or sorted({source for each in found.values() for source in each})
    rows = sorted((_row(settings, each, wanted) for settings, each in found.items() if set(wanted) <= set(each)),
                  reverse=True)  # fmt: skip
    print("| settings | " + " | ".join(wanted) + " | mean | worst |\n|" + "---|" * (len(wanted) + 3))
    print("\n".join(words for _, words in rows))


def _settings(config: TrainConfig) -> Settings:
    """What differs from the defaults of its network."""
    usual = TrainConfig.model_validate(fill_in({"dataset": "x", "backbone": config.backbone, "mode": config.mode}))
    return tuple(
        (name, f"{value:g}" if isinstance(value, float) else str(value))
        for name, value in config.model_dump().items() if name not in _BESIDE and value != getattr(usual, name)
    )  # fmt: skip


def _row(settings: Settings, each: dict[str, Run], sources: list[str]) -> tuple[float, str]:
    shares, cells = [], []
    for source in sources:
        report = each[source].report()
        assert report is not None
        test = report.test
        low, high = test.balanced_accuracy_interval
        shares.append(test.balanced_accuracy)
        wrong = test.per_class.get(Label.WRONG_MASK)
        recall = f" ({100 * wrong.recall:.1f})" if wrong and wrong.recall is not None else ""
        cells.append(f"{100 * shares[-1]:.1f}, {100 * low:.1f} to {100 * high:.1f}{recall}")
    named = ", ".join(f"{name} {value}" for name, value in settings)
    return fmean(shares), f"| {named} | {' | '.join(cells)} | {100 * fmean(shares):.1f} | {100 * min(shares):.1f} |"


if __name__ == "__main__":
    main(sys.argv[1:])
