"""Before the first epoch: the split's rows, what is refused, and the network to start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.data.dataset import held_out
from core.data.dataset import split as splits
from core.data.dataset.scan import Progress, Refused, Scan, as_rows, scan
from core.data.dataset.split import Row
from core.data.dataset.versions import manifest, photos_of
from core.data.dataset.versions.manifest import Head, Version
from core.evaluation.versions import known
from core.networks import checkpoint, pretrained
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.train_config import IMAGENET, NO_WEIGHTS, TrainConfig
from core.store.runs import Run

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Photos:
    """What a run works on. `labels` are those of the whole split, also when a label has since lost its photos;
    `digests` is file -> content; `seen` are digests that the starting network already knows; `version` is None of a run
    that an older release began."""

    rows: list[Row]
    labels: tuple[Label, ...]
    refused: list[Refused]
    digests: dict[str, str]
    seen: frozenset[str]
    version: Head | None

    def part(self, name: str) -> list[Row]:
        """The rows of one part."""
        return [row for row in self.rows if row.part == name]


def photos(run: Run, start: checkpoint.Trained | None, progress: Progress, split: str | None = None) -> Photos:
    """Scan and split, or keep the split that a resumed run began with; write split.csv, refused.csv and, with a new
    split, the version that it is of. `split` is the digest of the split that the checkpoint was trained on, where it
    tells.

    A group of which the starting network has seen anything trains: it would flatter validation and test, and with
    validation the choice of the epoch, the temperature and the operating point. Raises UserError when that leaves
    nothing to measure with, and where a resumed run's split is lost.
    """
    config = run.config
    found, version = _given(run, scan(config.folder, progress))
    digests = {photo.file: photo.digest for photo in found.photos}
    seen = start.seen if start else frozenset()
    rows = _split(run, found, version, seen, split)
    labels = tuple(label for label in Label if any(row.label == label for row in rows))
    splits.check_new(rows, labels, config.weights, config.held_out_source)
    splits.write(rows, run.split_file)
    refused = [*found.refused, *_linked(found, config.held_out_source)]
    told = {item.file for item in refused}
    usable = []
    for row in rows:
        if row.file not in digests:
            if row.file not in told:
                refused.append(Refused(row.file, "the file is gone or damaged"))
        else:
            usable.append(row)
    run.write_refused(as_rows(tuple(refused)))
    splits.check_parts(usable, labels, config.held_out_source)
    return Photos(usable, labels, refused, digests, seen, manifest.head(run.version_file))


def _given(run: Run, found: Scan) -> tuple[Scan, Version]:
    """The photos that a run is given among those found, and the version that they are."""
    if not run.config.version:
        return found, manifest.of_scan(found)
    # What it wrote itself stands also where the run that it repeats is gone by now.
    those = photos_of.find(found, manifest.read(run.version_file) or known.find(run.config.version))
    return those.scan, those.version


def _linked(found: Scan, source: str) -> list[Refused]:
    """What trains nothing because it belongs with photos of the source that is held out."""
    return [Refused(file, held_out.LINKED) for file in sorted(splits.linked_to(found, source))] if source else []


def _split(run: Run, found: Scan, version: Version, seen: frozenset[str], trained_on: str | None) -> list[Row]:
    """The rows of split.csv. They are made where the file is missing or damaged, once there is a checkpoint only if
    they are those that it was trained on: with others, it might have learnt from its test photos."""
    lost = UserError(
        f"split.csv of {run.id} is missing, damaged or not the one that it was trained with, and its photos have "
        "changed since: put a copy of it back, or delete the run and train it again."
    )
    try:
        # A run that an older release began may measure with what its starting network has seen.
        digests = {photo.file: photo.digest for photo in found.photos}
        rows = splits.learnt_train(splits.read(run.split_file), digests, seen)
    except UserError:
        if run.checkpoint_file.exists() and trained_on is None:
            raise lost from None
        rows = splits.of_config(found, run.config, seen)
        if not run.checkpoint_file.exists():
            # Before split.csv: with that file there, the version is what it was made of.
            manifest.write(version, run.version_file)
    if trained_on not in (None, splits.digest(rows)):
        raise lost
    return rows


def starting_point(config: TrainConfig) -> checkpoint.Trained | None:
    """The trained network that the config continues from, or None. Raises UserError when it does not fit."""
    if config.weights in (IMAGENET, NO_WEIGHTS):
        return None
    start = checkpoint.load(pretrained.trained_file(config.weights))
    if start.config.backbone != config.backbone:
        raise UserError(f"weights: {config.weights} is a {start.config.backbone}, not a {config.backbone}.")
    return start


def network(config: TrainConfig, classes: int, start: checkpoint.Trained | None) -> nn.Module:
    """The network as training begins."""
    from core.networks.build import build

    if start is None:
        return build(config, classes)
    fresh = build(config.model_copy(update={"weights": NO_WEIGHTS}), classes)
    fitting = {}
    for key, wanted in fresh.state_dict().items():
        known = start.network.state_dict()[key]
        # Two of a network's three classes are its first two rows. A two-class network's last layer does not fit three
        # classes: that layer then starts anew.
        known = known if known.shape == wanted.shape else known[: len(wanted)]
        if known.shape == wanted.shape:
            fitting[key] = known
    fresh.load_state_dict(fitting, strict=False)
    return fresh
