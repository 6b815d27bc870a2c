"""Features of an ImageNet network: what they are, and that they are computed once, whatever comes between.

Without weights: a fresh random network each time, so that equal features can only have come from the record.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import TrainConfig
from core.data.photos import decode
from core.data.preprocess import Preprocessing
from core.evaluation import features
from core.networks.build import build
from tests.support import broken_files

CONFIG = TrainConfig(dataset="-", weights="none", image_size=64)


@pytest.fixture
def own(faces: Path, tmp_path: Path) -> tuple[Path, list[str]]:
    """A few drawn faces, one to a batch and a half, and their names."""
    root = tmp_path / "faces"
    shutil.copytree(faces / "mask", root / "mask")
    return root, sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))[:12]


def test_features_are_the_network_s_rows(own):
    root, files = own
    torch.manual_seed(0)
    found = features.find(root, files, config=CONFIG)
    torch.manual_seed(0)
    network = build(CONFIG, 2).features.eval()
    pixels = Preprocessing(64).square(decode(root / files[0], wanted_side=64))
    with torch.inference_mode():
        maps = network(Preprocessing(64).normalise(torch.from_numpy(pixels)[None]))
    assert maps.shape == (1, 1280, 2, 2)
    assert found[files[0]].shape == (2560,)
    assert np.allclose(found[files[0]], maps.mean(dim=3).flatten(), rtol=2e-3, atol=1e-3)
    assert maps.abs().max() > 0.01


def test_the_second_look_reads_the_record_and_a_changed_photo_is_looked_at_again(own):
    root, files = own
    first = features.find(root, files, config=CONFIG)
    shutil.copy(root / files[1], root / files[0])
    os.utime(root / files[0], ns=(1, 1))
    second = features.find(root, files, config=CONFIG)
    same = [np.array_equal(first[file], second[file]) for file in files]
    assert same == [False] + [True] * (len(files) - 1)
    assert not np.array_equal(features.find(root, files, config=CONFIG.model_copy(update={"image_size": 32})), first)


def test_what_was_found_before_an_interruption_is_kept(own, monkeypatch: pytest.MonkeyPatch):
    root, files = own
    monkeypatch.setattr(features, "_BATCH", 8)

    def interrupt(done: int, total: int) -> None:
        assert (done, total) == (8, 12)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features.find(root, files, interrupt, CONFIG)
    told = []
    features.find(root, files, lambda *count: told.append(count), CONFIG)
    assert told == [(12, 12)]


def test_damaged_and_missing_photos_have_no_features(own):
    root, files = own
    damaged = [f"mask/{name}" for name in broken_files(root / "mask")]
    found = features.find(root, [*damaged, "mask/missing.jpg", *files], config=CONFIG)
    assert list(found) == files
    assert features.find(root, damaged, config=CONFIG) == {}


@pytest.mark.parametrize("record", [b"", b"PK no archive", b"\x93NUMPY"])
def test_a_damaged_record_costs_time_only(own, own_home: Path, record: bytes):
    root, files = own
    features.find(root, files, config=CONFIG)
    (kept,) = (own_home / "cache" / "features").iterdir()
    kept.write_bytes(record)
    assert list(features.find(root, files, config=CONFIG)) == files


def test_a_record_that_cannot_be_written_stops_nobody(own, own_home: Path):
    own_home.mkdir(exist_ok=True)
    (own_home / "cache").write_text("a file where the folder should be")
    root, files = own
    assert list(features.find(root, files, config=CONFIG)) == files
