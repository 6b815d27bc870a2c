"""Predictions of a dataset's photos by models that have not learnt from them, nor from their person, photo or burst."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.data.dataset.scan import Scan
from core.data.dataset.split import find_groups
from core.evaluation.one_run import predictions
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import runs
from core.store.runs import Run

FOLDS = 5
# The lowest log loss out of fold on real face crops; a finer tolerance costs twice the time and gains 0.003.
_INVERSE_STRENGTH, _TOLERANCE = 1e-3, 1e-2
# What is done now, and how much of how much of it.
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class OutOfFold:
    """`probability` (n, k) of these n files, each by a model that has not learnt from it; `source` in words."""

    files: tuple[str, ...]
    classes: tuple[Label, ...]
    probability: np.ndarray
    source: str


def of_runs(scan: Scan) -> OutOfFold | None:
    """The test predictions of the newest finished runs that are all the folds of one training on this dataset and test
    each of its photos exactly once; None where there are no such runs."""
    files = {photo.file for photo in scan.photos}
    for folds in _fold_runs(scan.root):
        parts = [predictions.of_run(run) for run in folds]
        tested = [file for part in parts for file in part.files]
        classes = parts[0].classes
        complete = files <= set(tested) and len(tested) == len(set(tested)) and set(scan.labels) <= set(classes)
        if complete and all(part.classes == classes for part in parts):
            probability = np.concatenate([part.probability for part in parts])
            own = [index for index, file in enumerate(tested) if file in files]
            source = f"the {len(folds)} folds of a {folds[0].config.backbone} ({folds[0].config.mode})"
            return OutOfFold(tuple(tested[index] for index in own), classes, probability[own], source)
    return None


def of_features(scan: Scan, progress: Progress) -> OutOfFold:
    """By a logistic regression on an ImageNet network's features, in grouped folds.

    Raises UserError when the network's weights are unavailable or a label has fewer groups than there are folds.
    """
    from core.evaluation.label_issues import imagenet_features

    groups = find_groups(scan).of
    _check_groups(scan, groups)
    try:
        found = imagenet_features.find(
            scan.root, [photo.file for photo in scan.photos], lambda *count: progress("Extracting features", *count)
        )
    except UserError as error:
        raise UserError(
            f"Finding label issues needs {imagenet_features.CONFIG.backbone}'s ImageNet weights or the finished folds "
            f"of a training. {error} Or train the folds: train {scan.root} --folds {FOLDS}"
        ) from None
    photos = [photo for photo in scan.photos if photo.file in found]
    probability = learn(
        np.stack([found[photo.file] for photo in photos]).astype(np.float32),
        np.array([scan.labels.index(photo.label) for photo in photos]),
        [groups[photo.file] for photo in photos],
        lambda *count: progress("Learning from the other photos", *count),
    )
    source = f"a logistic regression on {imagenet_features.CONFIG.backbone}'s ImageNet features"
    return OutOfFold(tuple(photo.file for photo in photos), scan.labels, probability, source)


def learn(
    vectors: np.ndarray, given: np.ndarray, groups: Sequence[str], progress: Callable[[int, int], object],
    balanced: bool = False,
) -> np.ndarray:  # fmt: skip
    """Probabilities (n, k) of n photos with features (n, d) and labels `given` (n,) of 0..k-1, each by a logistic
    regression that has learnt from no photo of its group. `balanced`: each label weighs the same in it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probability = np.zeros((len(given), given.max() + 1))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for done, (learnt, asked) in enumerate(folds.split(vectors, given, groups), start=1):
        regression = LogisticRegression(
            C=_INVERSE_STRENGTH, tol=_TOLERANCE, max_iter=1000, class_weight="balanced" if balanced else None
        )
        model = make_pipeline(StandardScaler(), regression)
        # Several threads wait for each other longer than they work where trainings or other pages are busy too.
        with threadpool_limits(1, "blas"):
            model.fit(vectors[learnt], given[learnt])
        probability[np.ix_(asked, model.classes_)] = model.predict_proba(vectors[asked])
        progress(done, FOLDS)
    # float32 features leave rows that add up to 1 only roughly.
    return probability / probability.sum(axis=1, keepdims=True)


def _check_groups(scan: Scan, groups: dict[str, str]) -> None:
    for label in scan.labels:
        own = {groups[photo.file] for photo in scan.photos if photo.label == label}
        if len(own) < FOLDS:
            raise UserError(
                f"{label} has photos of {len(own)} group(s) (person, photo or burst): finding label issues needs "
                f"{FOLDS} at least. Add {label} photos from more people or occasions."
            )


def _fold_runs(root: Path) -> list[list[Run]]:
    """Finished runs on this folder that differ in nothing but their fold, where no fold is missing: newest first."""
    trained: dict[str, dict[int, Run]] = defaultdict(dict)
    for run in runs.every():
        if _is_fold(run, root):
            trained[run.config.model_dump_json(exclude={"fold"})].setdefault(run.config.fold, run)
    return [list(folds.values()) for folds in trained.values() if len(folds) == next(iter(folds.values())).config.folds]


def _is_fold(run: Run, root: Path) -> bool:
    try:
        own = run.config.folder.resolve() == root and run.config.folds > 0
        return own and run.state.status == "finished" and bool(run.predictions()) and run.report() is not None
    except UserError:
        # A damaged one: the list of runs or its own page says so.
        return False
