"""By which score 5 % of a network's answers are best withheld: on photos of a source that it never saw, how many of its
errors are then among them.

    python -m benchmarks.withheld RUN ...

RUN is a finished run of this home that left one source out (`train --held_out_source`): all photos of that source are
its test photos. Scores, the higher the less familiar: 1 - the highest calibrated probability (Hendrycks and Gimpel,
2017); energy, -T * logsumexp(z / T) of the logits z at T = 1 and at the calibrated temperature (Liu et al., 2020);
distance to the nearest mean of a label, with one covariance for all (Mahalanobis; Lee et al., 2018), of the features
before the last layer, over the training photos. In brackets 95 % intervals by group. For the last columns the threshold
is the score that 1 % of the validation photos exceed, which are of the sources that the run did see: how many of the
left-out source's photos exceed it too, how many of its errors, and how many of 300 pictures of noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn

from core.data.dataset.split import Row
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.predictions import split_of
from core.inference import unsure
from core.inference.labelled_photos import batches
from core.inference.runtimes.agreement import softmax
from core.networks import checkpoint
from core.networks.checkpoint import Trained
from core.store import paths, runs

_WITHHELD, _RESAMPLES = 0.05, 500
# Side of the grid of random colours that is enlarged to a picture: from clouds to single pixels.
_GRAINS, _NOISY = (4, 16, 128), 100


@dataclass(frozen=True)
class Seen:
    """What the network makes of n photos of a part, or of noise, which has no labels and groups: logits (n, k),
    features (n, d), the places of the labels (n,) and the groups (n,)."""

    logits: np.ndarray
    features: np.ndarray
    true: np.ndarray
    groups: np.ndarray


def main(names: list[str]) -> None:
    """Print a row per left-out source and score."""
    torch.set_num_threads(1)
    print("| left out | photos | errors | score | errors among 5 % withheld | AUROC of an error | withheld at "
          "validation's 1 % | errors among them | noise among them |\n" + "|---" * 9 + "|")  # fmt: skip
    for name in names:
        run = runs.get(name)
        report = run.report()
        assert report is not None, f"{name} has not finished"
        trained = checkpoint.load(paths.models_dir() / report.model)
        rows = split_of(run)
        parts = {
            part: _of_photos(trained, Path(run.config.dataset), [row for row in rows if row.part == part])
            for part in ("train", "val", "test")
        }
        parts["noise"] = _of_noise(trained)
        for line in _lines(trained, parts):
            print(f"| {run.config.held_out_source} | {line} |", flush=True)


def _of_noise(trained: Trained) -> Seen:
    rng, side = np.random.default_rng(0), trained.preprocessing.image_size
    pictures = [
        cv2.resize(rng.integers(0, 256, (grain, grain, 3), dtype=np.uint8), (side, side))
        for grain in _GRAINS for _ in range(_NOISY)
    ]  # fmt: skip
    return _answers(trained, np.array_split(np.stack(pictures), len(pictures) // 50), [])


def _of_photos(trained: Trained, root: Path, rows: list[Row]) -> Seen:
    used: list[Row] = []

    def squares() -> Iterator[np.ndarray]:
        for good, found, _ in batches(root, rows, trained.preprocessing.image_size):
            used.extend(good)
            yield found

    return _answers(trained, squares(), used)


@torch.inference_mode()
def _answers(trained: Trained, squares: Iterable[np.ndarray], rows: list[Row]) -> Seen:
    """Of batches of resized inputs, uint8 (n, S, S, 3), that show `rows` once all were taken."""
    kept: list[Any] = []
    last = [module for module in trained.network.modules() if isinstance(module, nn.Linear)][-1]
    hook = last.register_forward_pre_hook(lambda _, given: kept.append(given[0].numpy()))
    logits = [
        trained.network(trained.preprocessing.normalise(torch.from_numpy(own).permute(0, 3, 1, 2))).double().numpy()
        for own in squares
    ]
    hook.remove()
    places = [trained.labels.index(row.label) for row in rows]
    return Seen(np.concatenate(logits), np.concatenate(kept), np.array(places), np.array([row.group for row in rows]))


def _lines(trained: Trained, parts: dict[str, Seen]) -> Iterator[str]:
    test, val = parts["test"], parts["val"]
    wrong = test.logits.argmax(axis=1) != test.true
    distance = _Distance(parts["train"])
    scores = {
        "highest probability": lambda own: unsure.uncertainty(softmax(own.logits, trained.temperature)),
        "energy, T = 1": lambda own: energy(own.logits, 1.0),
        f"energy, T = {trained.temperature:.2f}": lambda own: energy(own.logits, trained.temperature),
        "distance": distance.of,
    }
    for name, score in scores.items():
        own = score(test)
        out = own > np.quantile(own, 1 - _WITHHELD)
        threshold = np.quantile(score(val), 1 - unsure.VALIDATION_SHARE)
        beyond = own > threshold
        auroc = _auroc(own, wrong)
        limits = np.percentile(_resampled(own, wrong, test.groups), [2.5, 97.5])
        yield (
            f"{len(own)} | {wrong.sum()} | {name} | {_share(out, wrong, test.groups)} | "
            f"{auroc:.3f} ({limits[0]:.3f} to {limits[1]:.3f}) | {100 * beyond.mean():.1f} % | "
            f"{_share(beyond, wrong, test.groups)} | {100 * (score(parts['noise']) > threshold).mean():.0f} %"
        )


def energy(logits: np.ndarray, temperature: float) -> np.ndarray:
    """-T * logsumexp(z / T) of logits (n, k): (n,)."""
    return -temperature * np.logaddexp.reduce(logits / temperature, axis=1)


class _Distance:
    def __init__(self, train: Seen) -> None:
        self._means = np.stack([train.features[train.true == label].mean(axis=0) for label in np.unique(train.true)])
        _, place = np.unique(train.true, return_inverse=True)
        covariance = np.cov(train.features.astype(float) - self._means[place], rowvar=False)
        # Some channels are dead on all training photos: a little is added, or any life in them were infinitely far.
        ridge = 1e-3 * np.trace(covariance) / len(covariance)
        self._inverse = np.linalg.inv(covariance + ridge * np.eye(len(covariance)))

    def of(self, own: Seen) -> np.ndarray:
        """(n,) squared distance to the nearest mean."""
        apart = [own.features.astype(float) - mean for mean in self._means]
        return np.min([np.einsum("nd,nd->n", each @ self._inverse, each) for each in apart], axis=0)


def _share(hits: np.ndarray, of: np.ndarray, groups: np.ndarray) -> str:
    found = bootstrap.shares(hits[:, None], of[:, None], groups)[0]
    return f"{(hits & of).sum()}: {100 * found.value:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _auroc(score: np.ndarray, wrong: np.ndarray) -> float:
    ranks, errors = rankdata(score), wrong.sum()
    return float((ranks[wrong].sum() - errors * (errors + 1) / 2) / (errors * (~wrong).sum()))


def _resampled(score: np.ndarray, wrong: np.ndarray, groups: np.ndarray) -> list[float]:
    names, place = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    rng, found = np.random.default_rng(0), []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate([members[group] for group in rng.integers(0, len(names), len(names))])
        if 0 < wrong[drawn].sum() < len(drawn):
            found.append(_auroc(score[drawn], wrong[drawn]))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
