"""Whole photos against face crops: the numbers are those that Evaluate would show for the same photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from statsmodels.stats.proportion import proportion_confint

from core.data.dataset.split import Row
from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from core.evaluation.explain import framing
from core.evaluation.explain.framing import Framing
from core.inference.predictor import Predictor, read_faces, read_whole
from core.schema.errors import UserError
from core.schema.labels import Label
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import picture

LABELS = (Label.MASK, Label.NO_MASK, Label.WRONG_MASK)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("framing") / "tiny.pth")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    """Nine scenes of one person each, one picture without a face and one damaged file."""
    root = tmp_path_factory.mktemp("scenes")
    rows = []
    for number in range(9):
        label = LABELS[number % 3]
        draw_scene([str(label)], np.random.default_rng(number), (480, 360))[0].save(root / f"{number}.jpg", quality=95)
        rows.append(Row(f"{number}.jpg", label, f"group {number // 2}", "test"))
    picture(1, 300, 200).save(root / "none.png")
    (root / "broken.jpg").write_bytes(b"no picture")
    return root, [*rows, Row("none.png", Label.MASK, "", "test"), Row("broken.jpg", Label.MASK, "", "test")]


@pytest.fixture(scope="module")
def found(model: Path, scenes: tuple[Path, list[Row]]) -> Framing:
    return framing.compare(Predictor(model), *scenes)


def test_both_ways_agree_with_what_evaluate_shows(found: Framing, model: Path, scenes: tuple[Path, list[Row]]):
    root, rows = scenes
    predictor, finder = Predictor(model), FaceFinder()
    right = []
    for row in rows[:9]:
        rgb = np.asarray(Image.open(root / row.file))
        faces = read_faces(rgb, finder, predictor)
        if faces:
            right.append((read_whole(Image.fromarray(rgb), predictor).label == row.label, faces[0].label == row.label))
    assert len(right) == found.n >= 7
    counts = [right.count(both) for both in ((True, True), (False, True), (True, False), (False, False))]
    assert counts == [found.both_right, found.only_crop_right, found.only_whole_right, found.neither_right]
    assert found.paired.accuracy.a == pytest.approx(np.mean([whole for whole, _ in right]))
    assert found.paired.accuracy.b == pytest.approx(np.mean([cropped for _, cropped in right]))


def test_photos_without_a_face_and_damaged_files_do_not_count(found: Framing):
    assert "none.png" in found.faceless
    assert [item.file for item in found.refused] == ["broken.jpg"]
    assert found.n + len(found.faceless) + len(found.refused) == 11


def test_intervals_and_test_are_those_of_the_counts(found: Framing):
    right = found.both_right + found.only_whole_right, found.both_right + found.only_crop_right
    for own, count in zip((found.whole_interval, found.crop_interval), right, strict=True):
        low, high = proportion_confint(count, found.n, method="wilson")
        assert own[0] <= low + 1e-9
        assert own[1] >= high - 1e-9, "groups of several photos say less than so many photos"
    assert (found.paired.only_a_right, found.paired.only_b_right) == (found.only_whole_right, found.only_crop_right)
    assert (found.paired.p_value < 0.05) is found.paired.accuracy.shown
    assert f"Of {found.n} photos" in found.sentence
    assert json.loads(json.dumps(found.as_dict()))["only_crop_right"] == found.only_crop_right


def test_a_folder_without_faces_is_refused(model: Path, scenes: tuple[Path, list[Row]]):
    root, rows = scenes
    with pytest.raises(UserError, match="No face was found"):
        framing.compare(Predictor(model), root, rows[9:])
