"""The map of a dataset's photos: features once per photo and network, the same places again, and what is left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.dataset.scan import scan
from core.data.synthetic.demo import make_dataset
from core.evaluation.photo_map import features, kept, layout, worker
from core.networks import checkpoint
from core.networks.build import build
from core.networks.registry import NETWORKS
from core.schema.errors import UserError
from core.schema.train_config import STARTER
from core.store import jobs
from core.store.paths import STARTER_FILE
from tests.fixtures.support import labels_of, picture, tiny_config, wait_for


@pytest.fixture
def root(faces: Path, tmp_path: Path) -> Path:
    """24 drawn faces, one of them twice, and a file that is no photo."""
    folder = tmp_path / "faces"
    for label in ("mask", "no_mask"):
        (folder / label).mkdir(parents=True)
        for source in sorted((faces / label).glob("*.jpg"))[:12]:
            shutil.copy(source, folder / label)
    first = min((folder / "mask").glob("*.jpg"))
    shutil.copy(first, folder / "mask" / "twice.jpg")
    (folder / "mask" / "broken.jpg").write_bytes(b"no photo")
    return folder


def silent(message: str, done: int, total: int) -> None:
    """Nobody listens."""


def test_a_map_is_drawn_by_a_process_and_kept_by_content(root):
    worker.start(root, STARTER)
    job = worker.job_of(root, STARTER)
    wait_for(lambda: not job.state.active, 180)
    assert job.state.status == "finished", job.log_tail()
    places = kept.places(root, STARTER)
    digests = {photo.file: photo.digest for photo in scan(root).photos}
    assert len(digests) == 25 and set(places) == set(digests.values()) and len(places) == 24
    assert np.ptp(list(places.values()), axis=0).max() == pytest.approx(1)

    # Drawn again, with all features known and with none, it is the same; under another name and label too.
    worker.draw(root, STARTER, silent)
    assert kept.places(root, STARTER) == places
    (root / "mask" / "twice.jpg").rename(root / "no_mask" / "other.jpg")
    first = next(kept.network_outputs.folder().glob("features-*"))
    first.unlink()
    worker.draw(root, STARTER, silent)
    assert kept.places(root, STARTER) == places


def test_only_new_photos_are_looked_at(root):
    worker.draw(root, STARTER, silent)
    before = kept.features(root, STARTER)
    picture(5).save(root / "mask" / "new.jpg")
    new = {photo.digest for photo in scan(root).photos} - set(kept.places(root, STARTER))
    assert len(new) == 1
    looked: list[int] = []
    worker.draw(root, STARTER, lambda what, done, total: looked.append(done) if what == "Looking at photos" else None)
    assert looked == [25]
    after = kept.features(root, STARTER)
    assert set(after) == set(before) | new and all((after[digest] == before[digest]).all() for digest in before)


def test_what_was_looked_at_before_a_stop_is_kept_and_what_was_deleted_is_not(root, monkeypatch):
    monkeypatch.setattr(features.labelled_photos, "_BATCH", 8)
    gone = min((root / "no_mask").glob("*.jpg"))

    def stop(message: str, done: int, total: int) -> None:
        if message == "Looking at photos" and done >= 16:
            gone.unlink()
            raise KeyboardInterrupt

    digest = next(photo.digest for photo in scan(root).photos if photo.file == f"no_mask/{gone.name}")
    with pytest.raises(KeyboardInterrupt):
        worker.draw(root, STARTER, stop)
    known = kept.features(root, STARTER)
    assert digest not in known and 14 <= len(known) <= 16
    assert kept.places(root, STARTER) == {}


def test_too_few_photos_are_refused(tmp_path, faces):
    for label in ("mask", "no_mask"):
        (tmp_path / "few" / label).mkdir(parents=True)
        for source in sorted((faces / label).glob("*.jpg"))[:4]:
            shutil.copy(source, tmp_path / "few" / label)
    with pytest.raises(UserError, match="A map takes 10 different photos at least"):
        worker.draw(tmp_path / "few", STARTER, silent)


def test_a_network_that_is_gone_is_said(root):
    with pytest.raises(UserError, match=r"models/ has no file 'gone.pth'"):
        kept.places(root, "gone.pth")


def test_a_damaged_map_counts_as_none(root):
    worker.draw(root, STARTER, silent)
    [path] = kept.network_outputs.folder().glob("map-*")
    path.write_bytes(path.read_bytes()[:200])
    assert kept.places(root, STARTER) == {}


def test_photos_that_look_alike_lie_side_by_side():
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 32)) * 8
    of = np.repeat(np.arange(3), 20)
    vectors = (centres[of] + random.normal(size=(60, 32))).astype(np.float16)
    rounds: list[int] = []
    places = layout.lay_out(vectors, lambda done, total: rounds.append(done))
    assert rounds and rounds == sorted(rounds) and rounds[-1] <= 1000
    assert places.min() >= 0 and places.max() <= 1
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(60) * 9
    assert (of[apart.argmin(axis=1)] == of).all()


def test_a_stop_is_heard_while_photos_are_laid_out():
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        layout.lay_out(np.random.default_rng(0).normal(size=(40, 8)), stop)


def test_photos_that_all_look_the_same_have_a_map():
    places = layout.lay_out(np.ones((12, 8), np.float16), lambda done, total: None)
    assert places.shape == (12, 2) and np.isfinite(places).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_features(name, tmp_path):
    classes = len(labels_of(name))
    config = tiny_config(tmp_path, backbone=name, image_size=64, wrong_mask=classes > 2)
    starter = checkpoint.load(STARTER_FILE)
    network = build(config, classes).eval()
    trained = checkpoint.Trained(**vars(starter.info) | {"config": config}, path=tmp_path, network=network)
    with torch.inference_mode():
        found = features.trunk(trained)(torch.zeros(2, 3, 64, 64))
    assert found.ndim == 2 and len(found) == 2 and found.shape[1] >= 64


def test_two_browsers_that_ask_at_once_start_one_process(tmp_path, own_home):
    make_dataset(tmp_path / "made", per_class=6, people=6)
    worker.start(tmp_path / "made", STARTER)
    job = worker.job_of(tmp_path / "made", STARTER)
    first = job.process()
    worker.start(tmp_path / "made", STARTER)
    assert job.process() == first
    jobs.end_about()
    assert not job.state.active
