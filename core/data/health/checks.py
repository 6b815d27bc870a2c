"""What in a dataset may teach a network something else than the labels, each with what to do; nothing that is fine."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from core.data.collect import sources
from core.data.dataset.scan import Photo, Scan
from core.data.dataset.split import Groups
from core.data.health import label_mix
from core.schema.labels import Label
from core.text.numbers import percent

NOTHING = "Nothing found: labels in balance, no person or source that stands for a label, no picture under two labels."
# So many times as many photos, or so many times the size, as another label has.
_UNEVEN, _SHARPER = 4.0, 2.0
# So much better than the commonest label, as a share of photos, does a source guess before that is a problem.
_TELLING = 0.1
# Of fewer photos, of a label or of a source, no share says anything.
_LEAST = 10
_FOLDS = 5
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """`title` names it, `found` says what there is, in numbers, and `remedy` what to do."""

    title: str
    found: str
    remedy: str


def check(scan: Scan, groups: Groups) -> list[Finding]:
    """What was found, the worst first. Raises UserError for a sources.csv that can't be understood."""
    told = sources.of_photos(scan)
    found = [
        _duplicates(scan, groups), *_one_sourced(scan, told), _telling_sources(scan, groups.of, told),
        *_people(scan, groups.of), _uneven(scan), _sharper(scan),
    ]  # fmt: skip
    return [one for one in found if one]


def by_source(photos: Sequence[Photo], groups: Mapping[str, str], told: Mapping[str, str]) -> tuple[float, float]:
    """(share of photos whose label their source alone gives away, share of the commonest label), 0..1: each photo is
    guessed to have the commonest label of its source among photos of other groups, in grouped folds."""
    fold = {photo.file: zlib.crc32(groups[photo.file].encode()) % _FOLDS for photo in photos}
    right = 0
    for number in range(_FOLDS):
        seen: dict[str, Counter[Label]] = defaultdict(Counter)
        for photo in photos:
            if fold[photo.file] != number:
                seen[told[photo.file]][photo.label] += 1
                seen[""][photo.label] += 1
        for photo in photos:
            if fold[photo.file] == number:
                known = seen.get(told[photo.file]) or seen[""]
                right += bool(known) and known.most_common(1)[0][0] == photo.label
    return right / len(photos), Counter(photo.label for photo in photos).most_common(1)[0][1] / len(photos)


def _duplicates(scan: Scan, groups: Groups) -> Finding | None:
    label = {photo.file: photo.label for photo in scan.photos}
    mixed = [files for files in groups.duplicates if len({label[file] for file in files}) > 1]
    if not mixed:
        return None
    return Finding(
        "The same picture under different labels",
        f"{len(mixed):,} set{'s' * (len(mixed) > 1)} of pictures that are the same, or nearly, as {mixed[0][0]} and "
        f"{next(file for file in mixed[0] if label[file] != label[mixed[0][0]])}.",
        "One of the labels is wrong: see Groups and sizes, then relabel or exclude the photo.",
    )


def _one_sourced(scan: Scan, told: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            f"Nearly all of {one.label} is of one source",
            f"{one.words}, {percent(one.others, 0)} of the other labels.",
            f"A network may learn the source instead of {one.label}: add photos of {one.label} from other sources, and "
            "see what it does on sources it never saw (Home, Experiment: Leave one source out).",
        )
        for one in label_mix.leaning(label_mix.mix(scan, told))
    ]


def _telling_sources(scan: Scan, groups: Mapping[str, str], told: Mapping[str, str]) -> Finding | None:
    counts: dict[str, Counter[Label]] = defaultdict(Counter)
    for photo in scan.photos:
        counts[told[photo.file]][photo.label] += 1
    single = {name: own for name, own in counts.items() if len(own) == 1 and own.total() >= _LEAST}
    if len(counts) < 2:
        return None
    alone, commonest = by_source(scan.photos, groups, told)
    if not single and alone - commonest < _TELLING:
        return None
    names = [f"{name} ({own.total():,} of {next(iter(own))})" for name, own in single.items()]
    return Finding(
        "A source with one label only" if single else "The source gives the label away",
        f"{_some(names)}. "
        * bool(single)
        + f"Whoever knows nothing but a photo's source guesses the label of {percent(alone)} of new photos, against "
        f"{percent(commonest)} by the commonest label.",
        "A network may learn the source, not the mask: add photos of the labels that a source has few of, and see "
        "what it does on sources it never saw (Home, Experiment: Leave one source out).",
    )


def _people(scan: Scan, groups: Mapping[str, str]) -> list[Finding]:
    found = []
    for label, total in scan.counts.items():
        own = Counter(groups[photo.file] for photo in scan.photos if photo.label == label)
        group, count = own.most_common(1)[0]
        if total >= _LEAST and count > total / 2:
            found.append(
                Finding(
                    f"One group has most of {label}",
                    f"{count:,} of {total:,} photos of {label} are of one person, photo or burst, that of {group}.",
                    f"A network may learn this one instead of {label}: add photos of other people.",
                )
            )
    return found


def _uneven(scan: Scan) -> Finding | None:
    if len(scan.counts) < 2:
        return None
    (most, many), *_, (least, few) = Counter(scan.counts).most_common()
    if many < _UNEVEN * few:
        return None
    return Finding(
        "Labels out of balance",
        f"{many:,} photos of {most}, {few:,} of {least}: {many / few:.1f} times as many.",
        f"Add photos of {least}, or train with class weighting (Home, Advanced).",
    )


def _sharper(scan: Scan) -> Finding | None:
    sides: dict[Label, list[int]] = defaultdict(list)
    for photo in scan.photos:
        sides[photo.label].append(min(photo.width, photo.height))
    typical = {label: median(own) for label, own in sides.items() if len(own) >= _LEAST}
    if len(typical) < 2:
        return None
    large, small = max(typical, key=lambda label: typical[label]), min(typical, key=lambda label: typical[label])
    if typical[large] < _SHARPER * typical[small]:
        return None
    return Finding(
        "One label's photos are larger",
        f"The shorter side of a typical photo of {large} has {typical[large]:,.0f} pixels, of {small} "
        f"{typical[small]:,.0f}.",
        f"A network may learn how sharp a photo is, not the mask: add larger photos of {small}, or small ones of "
        f"{large}.",
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
