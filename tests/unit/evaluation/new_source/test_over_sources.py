"""The operating point over sources: each source counts alike, and a left-out source has no say in its own."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from core.data.collect import sources
from core.evaluation.new_source import over_sources, results
from core.evaluation.one_run import predictions
from core.evaluation.one_run.predictions import Predictions
from core.networks import checkpoint
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, Label
from core.store import paths
from tests.fixtures.compare_fixtures import finished_run, right, with_known_network, wrong_on


def said(masked: np.ndarray, others: int = 5) -> Predictions:
    """What a network says of so many photos of mask, by their probability of mask, and of others, which have 0.01."""
    mask = np.concatenate([masked, np.full(others, 0.01)])
    true = np.array(["mask"] * len(masked) + ["no_mask"] * others)
    files = tuple(f"{number}.png" for number in range(len(true)))
    return Predictions(files, true, np.array(files), np.stack([mask, 1 - mask, np.zeros(len(mask))], 1), THREE_CLASSES)


def test_each_source_counts_alike_however_many_photos_it_has():
    large, small = np.linspace(0.9, 1, 900), np.linspace(0.1, 1, 100)
    point = over_sources.choose([said(large), said(small)], 0.05)
    stopped = [float((own < point.threshold).mean()) for own in (large, small)]
    assert np.mean(stopped) == pytest.approx(0.05, abs=0.006) and np.mean(stopped) <= 0.05
    pooled = np.concatenate([large, small])
    assert (pooled < point.threshold).mean() < 0.02, "of all photos alike it would stop more"
    assert (point.rule, point.target) == ("sources", 0.05)


def test_a_source_without_masks_has_no_say():
    masked = np.linspace(0.5, 1, 400)
    assert over_sources.choose([said(masked), said(np.zeros(0), 50)]) == over_sources.choose([said(masked)])


def test_the_share_of_the_unsure_is_a_mean_over_sources():
    large, small = said(np.linspace(0.9, 1, 900), 0), said(np.linspace(0.6, 1, 100), 0)
    above = over_sources.choose_unsure([large, small], 0.25)
    withheld = [float((1 - own.probability.max(axis=1) > above).mean()) for own in (large, small)]
    assert 0.24 < np.mean(withheld) <= 0.25 and withheld[0] == 0
    assert over_sources.choose_unsure([large]) == 0.1, "who is right nine times in ten is answered"


def test_too_few_masks_choose_nothing():
    with pytest.raises(UserError, match="have 40 photos of mask, and 149 are needed"):
        over_sources.choose([said(np.linspace(0.5, 1, 20))] * 2)


@pytest.fixture
def found(crowd, tmp_path, monkeypatch):
    """Runs on three sources of 40 photos each, each left out in turn; of the site's masks a half is doubted."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    kinds = ("phone", "site", "web")
    told = {f"{label}/{label}-{number:03}.png": kinds[number % 3] for label in Label for number in range(40)}
    sources.note(folder, told)
    monkeypatch.setattr(over_sources, "photos_to_show", lambda target: 20)
    doubted = [f"mask-{number:03}.png" for number in range(40) if kinds[number % 3] == "site" and number % 2]
    ordinary = with_known_network(finished_run(folder, right))
    for kind in kinds:
        with_known_network(finished_run(folder, wrong_on(*doubted), held_out_source=kind))
    return ordinary, results.like(ordinary)


def test_it_is_kept_and_each_left_out_source_has_that_of_the_others(found):
    ordinary, new_source = found
    over_sources.adopt(ordinary, new_source)
    own, trained = ordinary.report(), checkpoint.load(paths.models_dir() / ordinary.report().model)
    point = trained.operating_point
    assert own.operating_point.rule == "sources" and own.automatic_point is None
    assert own.operating_point.threshold == point.threshold and trained.report == own
    assert trained.unsure_above == own.test.unsure.above == own.val.unsure.above
    for one in results.like(ordinary).tested:
        others = [predictions.of_run(other.run) for other in new_source.tested if other.source != one.source]
        assert one.test.operating.threshold == over_sources.choose(others).threshold
    site = next(one.test.operating for one in results.like(ordinary).tested if one.source == "site")
    assert site.threshold > 0.1 and site.false_alarms > site.compliant // 3, "they have 0.1, and the others 0.8"
    assert point.threshold <= 0.1, "else a third of a third would be stopped, and 2 % may"
