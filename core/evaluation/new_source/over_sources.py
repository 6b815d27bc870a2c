"""One operating point over sources, and the uncertainty above which a network is unsure: chosen on photos that
trainings with the same settings left out, so that they hold for a camera that nobody has seen rather than for
validation photos of sources that were learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.evaluation.new_source.results import NewSource
from core.evaluation.one_run import predictions, set_point
from core.evaluation.one_run.choose_threshold import strictest
from core.evaluation.one_run.predictions import Predictions
from core.inference import unsure
from core.networks.operating_point import FALSE_ALARM_TARGET, OperatingPoint, photos_to_show
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT
from core.store.runs import Run

UNSURE_SHARE = 0.05
"""Of a new source's photos, those that are withheld."""


def choose(tested: Sequence[Predictions], target: float = FALSE_ALARM_TARGET) -> OperatingPoint:
    """The strictest point that stops at most the share `target` (above 0, below 1) of compliant photos in the mean over
    sources; `tested` has for each source what a network that never saw it says of its photos. A source without
    compliant photos has no say in the mean. Raises UserError where there are too few of them to show the target."""
    score = np.concatenate([own.mask_probability for own in tested])
    compliant = [own.true == str(COMPLIANT) for own in tested]
    found, needed = sum(int(own.sum()) for own in compliant), photos_to_show(target)
    if found < needed:
        raise UserError(
            f"The sources that were left out have {found} photos of {COMPLIANT}, and {needed} are needed to choose an "
            "operating point on them: add photos."
        )
    weight = np.concatenate([np.full(len(own), 1 / max(own.sum(), 1)) for own in compliant])
    return OperatingPoint(strictest(score, np.concatenate(compliant), target, weight), target, "sources")


def choose_unsure(tested: Sequence[Predictions], share: float = UNSURE_SHARE) -> float | None:
    """The uncertainty that at most this share of the photos is above, in the mean over sources, as
    core.inference.unsure.choose has it."""
    score = np.concatenate([unsure.uncertainty(own.probability) for own in tested])
    return unsure.choose(score, share, np.concatenate([np.full(len(own), 1 / len(own)) for own in tested]))


def adopt(run: Run, found: NewSource) -> None:
    """Give this finished run what all left-out sources ask for, and each run that left one out what the other sources
    do, so that its numbers are of photos that had no say in them. Raises UserError where a point can't be chosen or
    kept."""
    of = {one.source: predictions.of_run(one.run) for one in found.tested}
    wanted = {
        one.run: [own for source, own in of.items() if source != one.source] for one in found.tested
    } | {run: list(of.values())}  # fmt: skip
    chosen = {one: (choose(own), choose_unsure(own)) for one, own in wanted.items()}
    for one, own in chosen.items():
        set_point.write_automatic(one, *own)
