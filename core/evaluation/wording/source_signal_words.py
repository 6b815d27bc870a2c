"""How well sources can be told apart and which labels each has, in words and cells for the Data page and `health`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from core.data.health.label_mix import Leaning, Mix
from core.evaluation.by_source.signal import LEAST_GROUPS, LEAST_PHOTOS, Signal, Told
from core.schema.labels import Label
from core.text.markup import one_line
from core.text.numbers import NONE, percent, span

HEAD = ("label", "sources", "photos", "told apart", "95 % interval", "chance")
NOTE = (
    "Among photos of one label, a linear classifier on the features of a frozen ImageNet network says of which source "
    "each is, having learnt from none of its group; the share is the mean over sources. A network that is trained "
    "whole may see more."
)
MIX_NOTE = "Photos of each source and label, and their share in the source."
# From such a share on, beyond chance, most photos tell their source.
_TELLING = 0.5


def mix_head(found: Mix) -> list[str]:
    """The names of the cells of `mix_rows`."""
    return ["source", "photos", *map(str, _labels(found))]


def mix_rows(found: Mix) -> list[list[str]]:
    """A row a source."""
    return [
        [one_line(source), f"{own.total():,}", *(_share(own[label], own.total()) for label in _labels(found))]
        for source, own in found.items()
    ]


def row(one: Told) -> list[str]:
    """The cells of a label, as HEAD names them."""
    return [
        str(one.label), f"{len(one.sources)}", f"{one.photos:,}", percent(one.balanced.value),
        span(one.balanced.interval), percent(one.chance),
    ]  # fmt: skip


def sentences(found: Signal, leaning: Sequence[Leaning]) -> list[str]:
    """What it means: of each label that comes from nearly one source, or of all of them."""
    if not found.labels:
        return ["No label has two sources with enough photos that can still be read."]
    told, chance = (
        fmean(values) for values in zip(*((one.balanced.value, one.chance) for one in found.labels), strict=True)
    )
    how = f"sources can be told apart with {percent(told, 0)} (chance: {percent(chance, 0)})"
    said = [
        f"{one.words}, and {how}: a network may learn the source instead of the mask. Leave one source out to see."
        for one in leaning
    ]
    if said:
        return said
    if told - chance < _TELLING * (1 - chance):
        return [f"Among photos of one label, {how}: where a photo is from is not plain to see."]
    return [
        f"Among photos of one label, {how}: a network can see where a photo is from. No label comes from nearly one "
        "source, but where sources have the labels in different shares it may still go by the source. Leave one source "
        "out to see."
    ]


def left_out(found: Signal) -> str:
    """What was not asked about; empty where everything was."""
    words = [f"{label}: {', '.join(map(one_line, names))}" for label, names in found.left_out.items()]
    few = f"fewer than {LEAST_PHOTOS} photos of the label, or of fewer than {LEAST_GROUPS} groups"
    return f"Left out, with {few}: {'; '.join(words)}." if words else ""


def _labels(found: Mix) -> list[Label]:
    return [label for label in Label if any(own[label] for own in found.values())]


def _share(photos: int, of: int) -> str:
    return f"{photos:,} ({percent(photos / of, 0)})" if photos else NONE
