"""How well the source of a photo can be told by what an ImageNet network sees in it, among photos of one label: what
can be told, another network can learn instead of the mask."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.dataset.scan import Photo, Scan
from core.evaluation.label_issues import out_of_fold
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.bootstrap import Estimate
from core.schema.labels import Label

LEAST_PHOTOS = 20
"""Of one label: a source with fewer is not asked about."""
LEAST_GROUPS = out_of_fold.FOLDS
MOST_PHOTOS = 1000
"""Of one source and label, and eight times as many of one label; of more, those whose digests come first are taken,
which is as good as at random."""
# What is done now, and how much of how much of it.
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Told:
    """Among `photos` of one label, how well `sources` are told apart: the mean over sources of the share of its photos
    that a linear classifier, which learnt from none of their group, assigns to it."""

    label: Label
    sources: tuple[str, ...]
    photos: int
    balanced: Estimate

    @property
    def chance(self) -> float:
        """What guessing would reach, 0..1."""
        return 1 / len(self.sources)


@dataclass(frozen=True)
class Signal:
    """`labels` have at least two sources that can be asked about. `left_out` are labels and sources (label -> sources)
    with too few photos or groups."""

    labels: tuple[Told, ...]
    left_out: dict[Label, tuple[str, ...]]


def drawn(scan: Scan, sources: Mapping[str, str], groups: Mapping[str, str]) -> tuple[dict[Label, list[Photo]], Signal]:
    """(label -> the photos to look at, a Signal that has only what is left out). `sources` and `groups` are file ->
    source and group of every photo."""
    by_label: dict[Label, dict[str, list[Photo]]] = defaultdict(lambda: defaultdict(list))
    for photo in sorted(scan.photos, key=lambda photo: photo.digest):
        by_label[photo.label][sources[photo.file]].append(photo)
    asked: dict[Label, list[Photo]] = {}
    left_out: dict[Label, tuple[str, ...]] = {}
    for label, own in by_label.items():
        enough = {source: photos for source, photos in own.items() if _enough(photos, groups)}
        if few := tuple(sorted(set(own) - set(enough))):
            left_out[label] = few
        if len(enough) > 1:
            most = min(MOST_PHOTOS, 8 * MOST_PHOTOS // len(enough))
            asked[label] = [photo for photos in enough.values() for photo in photos[:most]]
    return asked, Signal((), left_out)


def measure(
    asked: Mapping[Label, Sequence[Photo]], vectors: Mapping[str, np.ndarray], sources: Mapping[str, str],
    groups: Mapping[str, str], progress: Progress,
) -> tuple[Told, ...]:  # fmt: skip
    """Each label's sources told apart by features (d,), which `vectors` has by file; what has none is passed over."""
    found = []
    for label in (label for label in Label if label in asked):
        photos = _whole([photo for photo in asked[label] if photo.file in vectors], sources, groups)
        names = sorted({sources[photo.file] for photo in photos})
        if len(names) < 2:
            continue
        given = np.array([names.index(sources[photo.file]) for photo in photos])
        own = [groups[photo.file] for photo in photos]
        stacked = np.stack([vectors[photo.file] for photo in photos]).astype(np.float32)
        said = out_of_fold.learn(stacked, given, own, _counting(progress, label), balanced=True).argmax(axis=1)
        of = given[:, None] == np.arange(len(names))
        shares = bootstrap.shares(np.repeat((said == given)[:, None], len(names), axis=1), of, np.array(own))
        found.append(Told(label, tuple(names), len(photos), shares.mean(range(len(names)))))
    return tuple(found)


def _enough(photos: Sequence[Photo], groups: Mapping[str, str]) -> bool:
    return len(photos) >= LEAST_PHOTOS and len({groups[photo.file] for photo in photos}) >= LEAST_GROUPS


def _whole(photos: Sequence[Photo], sources: Mapping[str, str], groups: Mapping[str, str]) -> list[Photo]:
    """Without the photos of sources of which too few have features."""
    counts = Counter(sources[photo.file] for photo in photos)
    own = {name: {groups[photo.file] for photo in photos if sources[photo.file] == name} for name in counts}
    return [photo for photo in photos if len(own[sources[photo.file]]) >= LEAST_GROUPS]


def _counting(progress: Progress, label: Label) -> Callable[[int, int], object]:
    return lambda done, total: progress(f"Telling sources of {label} apart", done, total)
