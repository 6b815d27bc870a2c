"""Report B's ablation: the learning rate and augmentation, each without and with its remedy, in four runs that are
otherwise of the same configuration. What it shows on validation and test photos, and on photos from elsewhere, whole
and cropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.scan import Photo, Scan, scan
from core.data.faces.detector import FaceFinder
from core.data.images.decode import PhotoError
from core.evaluation.compare.student_reports import ABLATION, REPORT_B
from core.evaluation.explain import framing
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.bootstrap import Estimate
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.store import paths
from core.store.runs import Run, finished_report
from core.store.sweeps import Sweep

# What the four runs may differ in.
_VARIED = ("learning_rate", "augment")
_BATCH = 16
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Custom:
    """A network on labelled photos from elsewhere, in `folder`: accuracies with 95 % intervals by group. `whole` is of
    `photos` whole photos; `cropped` of the `faces` of them in which a face was found, each cropped to its largest;
    `both` of all these pictures. Left out are `seen` photos of groups that the network learnt from, `unknown` ones
    of a label that it does not know, and `refused` files."""

    folder: str
    both: Estimate
    whole: Estimate
    cropped: Estimate
    photos: int
    faces: int
    seen: int
    unknown: int
    refused: int

    @property
    def left_out(self) -> int:
        """Photos that are not counted."""
        return self.seen + self.unknown + self.refused

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True)
class Ablation:
    """Four finished runs in the order of ABLATION: the baseline at a higher learning rate and without augmentation;
    with its own rate; with augmentation; with both."""

    runs: tuple[Run, Run, Run, Run]

    @property
    def factor(self) -> float:
        """How many times the learning rate the baseline has."""
        return self.runs[0].config.learning_rate / self.runs[1].config.learning_rate

    def customs(self) -> list[Custom | None]:
        """What each run made of the photos from elsewhere that were measured last, or None; of one folder all."""
        found = [_read(run.custom()) for run in self.runs]
        return found if len({custom and custom.folder for custom in found}) == 1 else [None] * len(found)

    def as_rows(self) -> list[dict[str, Any]]:
        """JSON-ready: accuracies (0..1) of each run with the 95 % interval of the test accuracy, and what report B
        published of its own."""
        return [
            {
                "setting": name,
                "run": run.id,
                "learning_rate": run.config.learning_rate,
                "augment": run.config.augment,
                "validation": report.val.accuracy,
                "test": report.test.accuracy,
                "test_interval": report.test.accuracy_grouped_interval,
                "tested": report.test.n,
                "custom": custom and custom.as_dict(),
                "reported_validation": _share(reported.validation),
                "reported_custom": _share(reported.custom),
            }
            for name, run, custom, reported in zip(ABLATION, self.runs, self.customs(), REPORT_B, strict=True)
            for report in [finished_report(run)]
        ]


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def find(runs: Sequence[Run]) -> list[Ablation]:
    """The ablations among finished runs, in the order of their first run; of runs of the same configuration, the first
    counts."""
    families: dict[str, dict[tuple[float, bool], Run]] = defaultdict(dict)
    for run in runs:
        config = run.config
        settings = config.model_dump_json(exclude=set(_VARIED))
        families[settings].setdefault((config.learning_rate, config.augment), run)
    return [Ablation(own) for family in families.values() for own in _squares(family)]


def of_sweep(sweep: Sweep) -> list[Ablation]:
    """The ablations among a sweep's finished rows: one, or one a repeat or fold."""
    return find([one.run for one in sweep.standings() if one.run and one.status == "finished"])


def measure_sweep(sweep: Sweep, progress: Progress) -> None:
    """Measure the ablations of a sweep on its photos from elsewhere. Raises UserError as `measure` does."""
    assert sweep.custom_photos is not None
    photos = scan(sweep.custom_photos)
    for own in of_sweep(sweep):
        measure(own, photos, progress)


def measure(own: Ablation, photos: Scan, progress: Progress | None = None) -> list[Custom]:
    """The four networks on labelled photos, whole and cropped to the largest face; kept in the runs' folders.

    Raises UserError when a model file is gone, or has learnt from every photo.
    """
    networks = [Predictor(paths.models_dir() / finished_report(run).model, exact=True) for run in own.runs]
    known = [photo for photo in photos.photos if photo.label in networks[0].labels]
    fresh = [splits.new_to(photos, one.info.seen) for one in networks]
    for one, rows in zip(networks, fresh, strict=True):
        if not any(row.label in one.labels for row in rows):
            raise UserError(
                f"{photos.root} has no photo that {one.path.name} has not learnt from: choose a folder of others."
            )
    pictures, guesses, broken = _guess(networks, photos, known, progress)
    found = []
    for run, rows, guess in zip(own.runs, fresh, guesses, strict=True):
        groups = {row.file: row.group for row in rows}
        shares, count, faces = _shares(groups, pictures, guess)
        custom = Custom(
            folder=str(photos.root), both=shares[2], whole=shares[0], cropped=shares[1], photos=count, faces=faces,
            seen=sum(photo.file not in groups for photo in known),
            unknown=len(photos.photos) - len(known), refused=len(photos.refused) + broken,
        )  # fmt: skip
        run.write_custom(custom.as_dict())
        found.append(custom)
    return found


def _guess(
    networks: Sequence[Predictor], photos: Scan, known: Sequence[Photo], progress: Progress | None
) -> tuple[list[tuple[Photo, bool]], list[list[str]], int]:
    """((photo, whether cropped) of each picture, a label for each by every network, files that can't be decoded)."""
    pictures: list[tuple[Photo, bool]] = []
    guesses: list[list[str]] = [[] for _ in networks]
    broken, finder = 0, FaceFinder()
    for start in range(0, len(known), _BATCH):
        squares = []
        for photo in known[start : start + _BATCH]:
            try:
                # An ablation's networks see pictures alike.
                views = framing.views(photos.root / photo.file, finder, networks[0].info.preprocessing)
            except PhotoError:
                broken += 1
                continue
            for square, cropped in zip(views, (False, True), strict=True):
                if square is not None:
                    squares.append(square)
                    pictures.append((photo, cropped))
        if squares:
            for one, own in zip(networks, guesses, strict=True):
                own.extend(framing.answers(one, squares)[0])
        if progress:
            progress(min(start + _BATCH, len(known)), len(known))
    return pictures, guesses, broken


def _shares(
    groups: dict[str, str], pictures: Sequence[tuple[Photo, bool]], guess: Sequence[str]
) -> tuple[bootstrap.Shares, int, int]:
    """(accuracies whole, cropped and of both; whole photos; cropped ones), of photos that are new to the network, which
    `groups` names with their groups."""
    new = [place for place, (photo, _) in enumerate(pictures) if photo.file in groups]
    right = np.array([guess[place] == str(pictures[place][0].label) for place in new])
    cropped = np.array([pictures[place][1] for place in new])
    own_groups = np.array([groups[pictures[place][0].file] for place in new])
    of = np.column_stack([~cropped, cropped, np.ones_like(cropped)])
    return bootstrap.shares(right[:, None] & of, of, own_groups), int((~cropped).sum()), int(cropped.sum())


def _read(values: dict[str, Any] | None) -> Custom | None:
    """A Custom as a run's folder keeps it; None where there is none that can be read."""
    if values is None:
        return None
    try:
        shares = {name: Estimate(**values[name]) for name in ("both", "whole", "cropped")}
        return Custom(**(values | shares))
    except (TypeError, KeyError):
        return None


def _squares(family: dict[tuple[float, bool], Run]) -> list[tuple[Run, Run, Run, Run]]:
    found = []
    for low, high in combinations(sorted({rate for rate, _ in family}), 2):
        corners = [(high, False), (low, False), (high, True), (low, True)]
        if all(corner in family for corner in corners):
            baseline, rate, augmented, both = (family[corner] for corner in corners)
            found.append((baseline, rate, augmented, both))
    return found
