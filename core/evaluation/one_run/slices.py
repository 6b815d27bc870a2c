"""Where a network is weak, found without asking: accuracy in fixed slices of the test photos, by what the photos are
like (core/data/faces/attributes.py), not by what came out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc

from core.data.faces.attributes import Traits
from core.data.faces.mask_colour import COLOURS
from core.evaluation.compare.paired import holm
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.one_run.predictions import Predictions
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT, Label

LEAST_PHOTOS, WIDEST = 30, 0.20
_LEVEL = 0.05
# Each axis: what is measured, the limits from which on the next name holds, and the names.
_MEASURED: dict[str, tuple[Callable[[Traits], float | None], tuple[float, ...], tuple[str, ...]]] = {
    "face size": (
        lambda own: own.face_size, (48, 96, 192), ("below 48 px", "48 to 95 px", "96 to 191 px", "192 px or more"),
    ),
    "brightness": (lambda own: own.brightness, (80, 170), ("dark", "normal", "bright")),
    "sharpness": (lambda own: own.sharpness, (50, 250), ("blurred", "soft", "sharp")),
    "head": (lambda own: own.turned, (0.15, 0.4), ("straight on", "half turned", "turned away")),
    "face detector": (lambda own: float(own.face), (0.5,), ("no face found", "face found")),
}  # fmt: skip
_CANT_TELL = "can't tell"
# Every axis with its slices, in their natural order.
AXES = {axis: names for axis, (_, _, names) in _MEASURED.items()} | {"mask colour": (*COLOURS, _CANT_TELL)}


@dataclass(frozen=True)
class Rate:
    """`count` of `of` photos, as a share with its 95 % interval."""

    count: int
    of: int
    share: Estimate


@dataclass(frozen=True)
class Slice:
    """The photos for which `axis` is `name`. `accuracy` and `recall` (label -> rate) count photos whose label the model
    knows; `misses` and `false_alarms` are decisions at the operating point and count all. `p_value` asks whether the
    accuracy differs from that of the axis's other photos, adjusted for the number of slices; 1 where it isn't asked."""

    axis: str
    name: str
    photos: int
    groups: int
    accuracy: Rate
    recall: dict[str, Rate]
    misses: Rate
    false_alarms: Rate
    p_value: float = 1.0

    @property
    def too_small(self) -> bool:
        """Whether so few photos say little: under 30, or an interval wider than 20 points."""
        accuracy = self.accuracy.share
        return self.accuracy.of < LEAST_PHOTOS or accuracy.high - accuracy.low > WIDEST

    @property
    def stands_out(self) -> bool:
        """Whether it is better or worse than the rest by more than chance explains."""
        return self.p_value < _LEVEL


def slices(
    predictions: Predictions, traits: Mapping[str, Traits], point: OperatingPoint, resamples: int = bootstrap.RESAMPLES
) -> list[Slice]:
    """The slices that hold photos, smallest first; photos without traits are in none.

    Each slice is tested against the other slices of its axis within each true label, so that it does not stand out for
    holding more of a hard label: Cochran, Mantel and Haenszel's test with continuity correction (Journal of the
    National Cancer Institute 22, 1959), with counts divided by the design effect of groups (Donner and Klar, Design and
    Analysis of Cluster Randomization Trials, 2000), adjusted by Holm for all slices of at least 30 photos. The cuts
    were fixed in advance; yet, as in any search, a finding wants new photos.
    """
    cuts = list(_cuts(predictions, traits))
    sliced = [_slice(cut, predictions.only(cut.inside), point, resamples) for cut in cuts]
    asked = [place for place, own in enumerate(sliced) if own.accuracy.of >= LEAST_PHOTOS]
    adjusted = holm([_p_value(predictions, cuts[place]) for place in asked])
    for place, p_value in zip(asked, adjusted, strict=True):
        sliced[place] = replace(sliced[place], p_value=p_value)
    return sorted(sliced, key=lambda own: own.photos)


@dataclass(frozen=True)
class _Cut:
    """Whether each photo (n,) is in the slice, and in any slice of its axis."""

    axis: str
    name: str
    inside: np.ndarray
    of: np.ndarray


def _cuts(predictions: Predictions, traits: Mapping[str, Traits]) -> Iterator[_Cut]:
    """All slices that hold a photo."""
    own = [traits.get(file) for file in predictions.files]
    for axis, (value, limits, names) in _MEASURED.items():
        measured = [None if one is None else value(one) for one in own]
        places = ["" if number is None else names[bisect_right(limits, number)] for number in measured]
        yield from _named(axis, names, places)
    worn = np.isin(predictions.true, [label for label in Label if label.row.worn])
    colours = [
        (one.mask_colour or _CANT_TELL) if mask and one and one.face else ""
        for one, mask in zip(own, worn, strict=True)
    ]
    yield from _named("mask colour", COLOURS, ["" if name == _CANT_TELL else name for name in colours])
    # Shown, but compared with nothing: it is mostly a mask that leaves the mouth bare.
    yield from _named("mask colour", (_CANT_TELL,), [name if name == _CANT_TELL else "" for name in colours])


def _named(axis: str, names: Sequence[str], places: Sequence[str]) -> Iterator[_Cut]:
    at = np.array(places)
    return (_Cut(axis, name, at == name, at != "") for name in names if (at == name).any())


def _slice(cut: _Cut, own: Predictions, point: OperatingPoint, resamples: int) -> Slice:
    labels = [str(label) for label in own.classes]
    right, known = own.guess == own.true, np.isin(own.true, labels)
    compliant, passed = own.true == str(COMPLIANT), point.passes(own.mask_probability)
    hits = np.stack([right, *[right] * len(labels), passed, ~passed], axis=1)
    of = np.stack([known, *(own.true == label for label in labels), ~compliant, compliant], axis=1)
    found = bootstrap.shares(hits, of, own.groups, resamples)
    rates = [Rate(int((hits & of)[:, at].sum()), int(of[:, at].sum()), found[at]) for at in range(of.shape[1])]
    accuracy, *recall, misses, false_alarms = rates
    occurring = {label: rate for label, rate in zip(labels, recall, strict=True) if rate.of}
    return Slice(cut.axis, cut.name, len(own), len(np.unique(own.groups)), accuracy, occurring, misses, false_alarms)


def _p_value(predictions: Predictions, cut: _Cut) -> float:
    right, groups = predictions.guess == predictions.true, predictions.groups
    labels = predictions.true[:, None] == np.array([str(label) for label in predictions.classes])
    known = cut.of & labels.any(axis=1)
    alike = _alike(right[known], groups[known])
    inside, outside = (
        _effective(right[part], labels[part], groups[part], alike) for part in (known & cut.inside, known & ~cut.inside)
    )
    return _mantel_haenszel(inside, outside)


def _mantel_haenszel(inside: np.ndarray, outside: np.ndarray) -> float:
    """The two-sided p-value for counts (2, k) of right and wrong photos per label, which need not be whole."""
    table = np.stack([inside, outside])
    every = table.sum(axis=(0, 1))
    table, every = table[..., every > 1], every[every > 1]
    own, right = table[0].sum(axis=0), table[:, 0].sum(axis=0)
    expected = own * right / every
    variance = (own * (every - own) * right * (every - right) / (every**2 * (every - 1))).sum()
    if variance <= 0:
        return 1.0
    distance = max(abs((table[0, 0] - expected).sum()) - 0.5, 0)
    return float(chdtrc(1, distance**2 / variance))


def _alike(right: np.ndarray, groups: np.ndarray) -> float:
    """How alike the photos (n,) of a group are, 0..1: the intraclass correlation of being right (ANOVA estimator)."""
    totals = bootstrap.total_by_group(np.stack([right, np.ones(len(right))], axis=1), groups)
    hits, size = totals.T
    n, count = size.sum(), len(size)
    if count < 2 or n == count:
        return 0.0
    share, usual = hits / size, (n - (size**2).sum() / n) / (count - 1)
    between = (size * (share - hits.sum() / n) ** 2).sum() / (count - 1)
    within = (size * share * (1 - share)).sum() / (n - count)
    whole = between + (usual - 1) * within
    return float(np.clip((between - within) / whole, 0, 1)) if whole > 0 else 0.0


def _effective(right: np.ndarray, labels: np.ndarray, groups: np.ndarray, alike: float) -> np.ndarray:
    """Right and wrong photos per label (2, k), as many as their groups are worth; `labels` (n, k) says which label."""
    size = np.unique(groups, return_counts=True)[1]
    effect = 1 + ((size**2).sum() / max(size.sum(), 1) - 1) * alike if len(size) else 1
    return np.stack([labels[right].sum(axis=0), labels[~right].sum(axis=0)]) / effect
