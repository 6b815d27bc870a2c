"""Things before a face lie where they should, in designs that training and test do not share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import disturb
from core.data.disturb import OCCLUDERS as KINDS
from core.data.disturb import SEVERITIES
from core.data.faces import landmarks
from core.data.faces.landmarks import Marks

OVER_MOUTH = [kind for kind, own in KINDS.items() if own.covers_mouth]


@pytest.fixture(scope="module")
def photos(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[np.ndarray, Marks]]:
    """Drawn bare faces, uint8 (160, 160, 3), and where they are."""
    files = sorted(path.relative_to(faces).as_posix() for path in (faces / "no_mask").rglob("*.jpg"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(tmp_path_factory.mktemp("marks")))
        found = landmarks.find(faces, files)
    known = [file for file in files if found[file]][:6]
    assert len(known) == 6
    return [(np.asarray(Image.open(faces / file).convert("RGB").resize((160, 160))), found[file]) for file in known]


def opacity(kind: str, severity: int, photo: tuple[np.ndarray, Marks], seed: int, training: bool) -> np.ndarray:
    """The thing's opacity at right eye, left eye, nose, right and left corner of the mouth."""
    square, found = photo
    drawn = KINDS[kind].layer(square, severity, np.random.default_rng(seed), found, training)
    x, y = (160 * np.array(found.points)).astype(int).clip(0, 159).T
    return drawn.alpha[y, x]


def covered(kind: str, severity: int, photo: tuple[np.ndarray, Marks], seed: int) -> float:
    square, found = photo
    return float(KINDS[kind].layer(square, severity, np.random.default_rng(seed), found).alpha.mean())


@pytest.mark.parametrize(
    ("kind", "training"),
    [(kind, False) for kind in OVER_MOUTH] + [(kind, True) for kind in OVER_MOUTH if KINDS[kind].training],
)
def test_what_is_held_before_the_mouth_hides_it_and_not_the_eyes(kind: str, training: bool, photos):
    for severity in SEVERITIES:
        seen = np.array([opacity(kind, severity, photo, seed, training) for photo in photos for seed in range(5)])
        assert (seen[:, 3:] > 0.5).mean() > 0.93
        assert seen[:, :2].max() < 0.1


@pytest.mark.parametrize("kind", OVER_MOUTH)
def test_the_nose_is_hidden_at_high_severities_only(kind: str, photos):
    nose = [np.mean([opacity(kind, severity, photo, seed, False)[2] for photo in photos for seed in range(5)])
            for severity in (1, 5)]  # fmt: skip
    assert nose[0] < 0.5
    assert nose[1] > 0.8


def test_sunglasses_hide_the_eyes_and_not_the_mouth(photos):
    seen = np.array([opacity("sunglasses", 5, photo, seed, False) for photo in photos for seed in range(5)])
    assert seen[:, :2].min() > 0.8
    assert seen[:, 3:].max() < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_each_severity_hides_more(kind: str, photos):
    share = [np.mean([covered(kind, severity, photo, seed) for photo in photos for seed in range(6)])
             for severity in SEVERITIES]  # fmt: skip
    assert share == sorted(share)


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_follows_from_its_seed(kind: str, photos):
    square, found = photos[0]
    before = square.copy()
    pictures = [disturb.apply(kind, square, 3, np.random.default_rng(seed), found) for seed in (1, 1, 2, 3, 4)]
    assert np.array_equal(pictures[0], pictures[1])
    assert len({picture.tobytes() for picture in pictures}) > 2
    assert np.array_equal(square, before)
    assert pictures[0].shape == square.shape


def test_training_and_test_share_no_design():
    for own in KINDS.values():
        assert not set(own.training) & set(own.test)
        assert len(own.test) >= 3
    painted = {
        name: design().rgb.tobytes() + design().tone.tobytes()
        for own in KINDS.values() for name, design in (own.training | own.test).items()
    }  # fmt: skip
    assert len(set(painted.values())) == len(painted)


def test_cups_and_sunglasses_are_never_shown_in_training(photos):
    square, found = photos[0]
    for kind in ("cup", "sunglasses"):
        assert not KINDS[kind].training
        with pytest.raises(ValueError, match="high <= 0"):
            disturb.apply(kind, square, 3, np.random.default_rng(0), found, training=True)


def test_a_hand_has_the_colour_of_its_face(photos):
    square, found = photos[0]
    darker = (square * 0.5).astype(np.uint8)
    bright, dark = (KINDS["hand"].layer(own, 4, np.random.default_rng(3), found) for own in (square, darker))
    inside = bright.alpha > 0.99
    assert dark.rgb[inside].mean() == pytest.approx(0.5 * bright.rgb[inside].mean(), rel=0.05)


def test_a_thing_is_as_blurred_as_its_photo(photos):
    square, found = photos[0]
    blurred = np.asarray(Image.fromarray(square).resize((16, 16)).resize((160, 160), Image.Resampling.BICUBIC))
    edges = [np.abs(np.diff(KINDS["sheet"].layer(own, 4, np.random.default_rng(3), found).alpha, axis=0)).max()
             for own in (square, blurred)]  # fmt: skip
    assert edges[1] < 0.5 * edges[0]


@pytest.mark.parametrize("side", [32, 224])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_works_at_every_size(kind: str, side: int, photos):
    square, found = photos[0]
    small = np.asarray(Image.fromarray(square).resize((side, side)))
    picture = disturb.apply(kind, small, 5, np.random.default_rng(0), found)
    assert picture.shape == (side, side, 3)
    assert np.abs(picture.astype(int) - small).mean() > 2
