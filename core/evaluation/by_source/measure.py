"""One network's numbers on the photos of each source, the worst first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from core.data.collect.sources import UNKNOWN
from core.evaluation.by_source import told
from core.evaluation.compare.shared_photos import operating_point
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run import predictions as saved
from core.evaluation.one_run.bootstrap import Shares
from core.evaluation.one_run.predictions import Predictions
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT
from core.schema.result import Rate, SourceResult
from core.store.runs import Run


def of_run(run: Run) -> tuple[SourceResult, ...]:
    """A finished run's test photos, at its operating point. Raises UserError where it has no predictions."""
    return by_source(saved.of_run(run, "test"), told.of_run(run), operating_point(run))


def by_source(
    predictions: Predictions, sources: Mapping[str, str], point: OperatingPoint, seen: Collection[str] = ()
) -> tuple[SourceResult, ...]:
    """The numbers of each source (`sources` is file -> source; others are of an unknown one), by rising balanced
    accuracy; nothing where all photos are of one source. `seen` are files from whose group the network has learnt.

    As in `measure`, photos of a label that the network does not know count at the operating point alone.
    """
    named = np.array([sources.get(file, UNKNOWN) for file in predictions.files])
    names = np.unique(named)
    if len(names) < 2:
        return ()
    found = [_result(str(name), predictions.only(named == name), point, seen) for name in names]
    return tuple(sorted(found, key=lambda one: (_share(one), one.source)))


def _share(one: SourceResult) -> float:
    # What can't be measured is not the worst.
    return 2.0 if one.balanced_accuracy is None else one.balanced_accuracy


def _result(source: str, own: Predictions, point: OperatingPoint, seen: Collection[str]) -> SourceResult:
    right, passed, compliant = own.guess == own.true, point.passes(own.mask_probability), own.true == str(COMPLIANT)
    hits = np.stack([*[right] * len(own.classes), passed, ~passed], axis=1)
    of = np.stack([*(own.true == str(label) for label in own.classes), ~compliant, compliant], axis=1)
    found = bootstrap.shares(hits, of, own.groups)
    rates = [_rate(hits[:, at] & of[:, at], of[:, at], found, at) for at in range(of.shape[1])]
    occurring = [at for at in range(len(own.classes)) if rates[at].of]
    balanced = found.mean(occurring) if occurring else None
    return SourceResult(
        source=source,
        photos=len(own),
        groups=len(np.unique(own.groups)),
        seen=sum(file in seen for file in own.files),
        balanced_accuracy=balanced and balanced.value,
        balanced_accuracy_interval=balanced and balanced.interval,
        recall={own.classes[at]: rates[at] for at in occurring},
        misses=rates[-2],
        false_alarms=rates[-1],
    )


def _rate(hits: np.ndarray, of: np.ndarray, found: Shares, at: int) -> Rate:
    own = found[at] if of.any() else None
    return Rate(count=int(hits.sum()), of=int(of.sum()), share=own and own.value, interval=own and own.interval)
