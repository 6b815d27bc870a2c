"""What a network sees in photos, as one vector per photo: its last maps, averaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from core.data.dataset.split import Row
from core.evaluation.label_issues import imagenet_features
from core.evaluation.photo_map import kept
from core.inference import labelled_photos
from core.inference.runtimes import kinds
from core.networks import checkpoint, pretrained
from core.networks.backbone import frozen
from core.networks.backbone.stages import stages
from core.networks.checkpoint import Trained
from core.schema.labels import Label
from core.schema.train_config import IMAGENET

Progress = Callable[[int, int], object]


def find(root: Path, network: str, photos: Mapping[str, str], progress: Progress) -> dict[str, np.ndarray]:
    """The features, float16 (d,), of photos (digest -> a file of that content, relative to `root`), by digest; photos
    that can't be decoded any more have none. `network` is a file of models/, the starter's, or `imagenet`. What was
    found is kept even when this is interrupted. Raises UserError where the network can't be used."""
    if network == IMAGENET:
        found = imagenet_features.find(root, list(photos.values()), progress)
        return {digest: _averaged(found[file]) for digest, file in photos.items() if file in found}
    known = {digest: own for digest, own in kept.features(root, network).items() if digest in photos}
    new = [digest for digest in photos if digest not in known]
    if new:
        trained = checkpoint.load(pretrained.trained_file(network))
        try:
            _look(root, trained, {photos[digest]: digest for digest in new}, known, len(photos), progress)
        finally:
            # Of photos that were deleted meanwhile, as those of a forgotten person are, nothing is kept.
            there = {digest: own for digest, own in known.items() if (root / photos[digest]).is_file()}
            if there:
                kept.put_features(root, network, there)
    return known


def _averaged(rows: np.ndarray) -> np.ndarray:
    """Of a vector that knows the rows of the map, as imagenet_features has it: of so many, all take a gigabyte."""
    return rows.reshape(-1, imagenet_features.ROWS).mean(axis=1, dtype=np.float32).astype(np.float16)


def _look(
    root: Path, trained: Trained, new: Mapping[str, str], known: dict[str, np.ndarray], total: int, progress: Progress
) -> None:
    """Adds to `known` the features of the photos in `new`, file -> digest."""
    torch.set_num_threads(kinds.torch_threads())
    rows = [Row(file, Label.MASK, "", "") for file in new]
    way, before = None, len(known)
    done = 0
    for used, squares, refused in labelled_photos.batches(root, rows, trained.preprocessing.image_size):
        done += len(used) + len(refused)
        if used:
            pixels = torch.from_numpy(squares).permute(0, 3, 1, 2)
            if way is None:
                _, way = frozen.fastest(trunk(trained), trained.preprocessing, pixels, "float32")
            vectors = way(pixels).numpy().astype(np.float16)
            known |= {new[row.file]: vector for row, vector in zip(used, vectors, strict=True)}
        progress(before + done, total)


def trunk(trained: Trained) -> nn.Sequential:
    """The network up to its last maps, averaged over their places: standardised photos (N, 3, S, S) to (N, d)."""
    chain: Sequence[nn.Module] = stages(trained.network)
    last = trained.network.get_submodule(trained.config.spec.gradcam)
    end = next(place for place, stage in enumerate(chain) if any(part is last for part in stage.modules()))
    return nn.Sequential(*chain[: end + 1], nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
