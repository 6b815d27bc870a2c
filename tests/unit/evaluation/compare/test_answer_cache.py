"""What a network says of other photos: kept, asked again when a photo or the model changes, and found in a process."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest

from core.data.dataset.split import Row
from core.evaluation.compare import answer_cache
from core.evaluation.one_run import predict
from core.networks import checkpoint
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import paths
from core.store.paths import PROJECT
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import picture


@pytest.fixture
def model(faces):
    return paths.models_dir() / finished_run(faces, right, wrong_mask=False).report().model


@pytest.fixture
def photos(faces, tmp_path):
    return shutil.copytree(faces / "wrong_mask", tmp_path / "photos")


@pytest.fixture
def asked(monkeypatch):
    """The files that a network was really asked about."""
    names, real = [], predict.predict

    def counted(trained, root, rows, progress=None):
        names.extend(row.file for row in rows)
        return real(trained, root, rows, progress)

    monkeypatch.setattr(predict, "predict", counted)
    return names


def rows_of(folder):
    return [Row(path.name, Label.WRONG_MASK, path.name, "test") for path in sorted(folder.glob("*.jpg"))]


def test_an_answer_is_kept_until_a_photo_or_the_model_changes(model, photos, asked):
    rows = rows_of(photos)
    used, said = answer_cache.of(model, photos, rows)
    _, expected, _ = predict.predict(checkpoint.load(model), photos, rows)
    assert used == rows and np.allclose(said, expected)
    del asked[:]
    assert np.array_equal(answer_cache.of(model, photos, rows)[1], said) and asked == []
    picture(5).save(photos / rows[0].file)
    (photos / rows[1].file).write_bytes(b"no photo")
    used, _ = answer_cache.of(model, photos, rows)
    assert asked == [rows[0].file, rows[1].file]
    assert used == [rows[0], *rows[2:]], "a photo that can't be read has no answer"
    trained = checkpoint.load(model)
    checkpoint.save(model, trained.__class__(**vars(trained) | {"temperature": 2.5}))
    del asked[:]
    answer_cache.of(model, photos, rows)
    assert asked == [row.file for row in rows]


def test_a_process_finds_it_out_and_the_server_needs_no_torch(model, photos):
    rows = rows_of(photos)
    code = f"""
import sys
from pathlib import Path
from core.data.dataset.split import Row
from core.evaluation.compare import answer_cache as answers
from core.schema.labels import Label
rows = [Row(file, Label.WRONG_MASK, file, "test") for file in {[row.file for row in rows]!r}]
used, said = answers.in_process(Path({str(model)!r}), Path({str(photos)!r}), rows)
assert len(used) == len(said) == len(rows)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_a_model_that_is_gone_or_foreign_is_a_sentence(model, photos):
    rows = rows_of(photos)
    with pytest.raises(UserError, match="no model file"):
        answer_cache.in_process(model.with_name("gone.pth"), photos, rows)
    model.write_bytes(b"something else")
    with pytest.raises(UserError, match="not a model file"):
        answer_cache.in_process(model, photos, rows)
