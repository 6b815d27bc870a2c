"""The drawn demo faces: repeatable, told apart by label, found by the face detector, and laid out as a dataset."""

import csv
import itertools

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from core.data.faces.yunet import MODEL_FILE
from core.data.synthetic.demo import draw_face, draw_scene, make_clip, make_dataset, make_person
from core.schema.labels import THREE_CLASSES
from tests.fixtures.support import overlap

SCENES, PORTRAITS = 30, 12


def detect(image: Image.Image) -> list[np.ndarray]:
    """Boxes x0, y0, x1, y1 that YuNet finds at score 0.5."""
    detector = cv2.FaceDetectorYN.create(str(MODEL_FILE), "", image.size, score_threshold=0.5)
    _, faces = detector.detect(np.ascontiguousarray(np.asarray(image)[..., ::-1]))
    return [] if faces is None else [np.concatenate((face[:2], face[:2] + face[2:4])) for face in faces]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.fixture(scope="module")
def findings() -> tuple[dict[str, list[bool]], int]:
    """For each label, whether each face in the scenes was found; and the number of faces found where none is."""
    found: dict[str, list[bool]] = {label: [] for label in THREE_CLASSES}
    false = 0
    for number in range(SCENES):
        labels = [THREE_CLASSES[(number + k) % 3] for k in range(1 + number % 3)]
        image, boxes = draw_scene(labels, np.random.default_rng((7, number)))
        faces = detect(image)
        for label, box in zip(labels, boxes, strict=True):
            found[label].append(any(overlap(box, face) >= 0.4 for face in faces))
        false += sum(all(overlap(box, face) < 0.4 for box in boxes) for face in faces)
    return found, false


@pytest.mark.parametrize(("label", "share"), [("no_mask", 0.95), ("mask", 0.9), ("wrong_mask", 0.9)])
def test_detector_finds_the_faces_of_scenes(findings, label, share):
    found, _ = findings
    assert len(found[label]) >= SCENES // 2
    assert np.mean(found[label]) >= share


def test_detector_finds_few_faces_where_none_is(findings):
    assert findings[1] <= 2


@pytest.mark.parametrize("label", THREE_CLASSES)
def test_detector_finds_the_face_of_portraits(label):
    found = [len(detect(draw_face(label, np.random.default_rng(number)))) == 1 for number in range(PORTRAITS)]
    assert np.mean(found) >= 0.85


@pytest.mark.parametrize("label", THREE_CLASSES)
def test_same_seed_same_picture(label):
    first, second, other = (np.asarray(draw_face(label, np.random.default_rng(seed), 96)) for seed in (5, 5, 6))
    assert first.shape == (96, 96, 3)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_labels_look_different_on_one_person():
    person = make_person(np.random.default_rng(1))
    pictures = [np.asarray(draw_face(label, np.random.default_rng(2), 96, person), float) for label in THREE_CLASSES]
    # Light, pose and background are the same; a mask under the nose changes little more than the nose.
    for a, b in itertools.combinations(pictures, 2):
        assert np.abs(a - b).mean() > 1


def test_unknown_label_is_refused():
    with pytest.raises(ValueError, match="visor"):
        draw_face("visor", np.random.default_rng(0))


def test_scene_boxes_lie_in_the_picture_in_the_order_of_the_labels():
    image, boxes = draw_scene(["mask", "no_mask"], np.random.default_rng(3), size=(320, 240))
    assert image.size == (320, 240)
    assert len(boxes) == 2
    assert boxes[0][2] < boxes[1][2]
    for x0, y0, x1, y1 in boxes:
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 240


def test_scene_wants_one_person_a_label():
    with pytest.raises(ValueError, match="one person for each label"):
        draw_scene(["mask", "mask"], np.random.default_rng(0), people=[make_person(np.random.default_rng(0))])


def test_dataset_layout_and_groups(tmp_path):
    steps: list[tuple[int, int]] = []
    folder = make_dataset(tmp_path / "new" / "demo", per_class=4, people=3, progress=lambda *step: steps.append(step))
    rows = list(csv.DictReader((folder / "groups.csv").open(encoding="utf-8")))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    assert files == sorted(row["file"] for row in rows)
    assert {label: sum(file.startswith(f"{label}/") for file in files) for label in THREE_CLASSES} == dict.fromkeys(
        THREE_CLASSES, 4)
    assert {row["group"] for row in rows} == {"p00", "p01", "p02"}
    assert all(row["file"].split("/")[1].startswith(row["group"] + "_") for row in rows)
    assert Image.open(folder / files[0]).size == (192, 192)
    assert steps == [(done, 12) for done in range(1, 13)]
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]


def test_dataset_is_the_same_for_the_same_seed(tmp_path):
    folders = [make_dataset(tmp_path / name, per_class=1, people=1, seed=seed, labels=("mask",))
               for name, seed in (("a", 4), ("b", 4), ("c", 5))]
    first, second, other = ((folder / "mask" / "p00_0.jpg").read_bytes() for folder in folders)
    assert first == second != other


def test_dataset_leaves_a_full_folder_alone(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="already holds files"):
        make_dataset(folder, per_class=1)
    assert [path.name for path in folder.iterdir()] == ["photo.jpg"]


def test_dataset_fills_an_empty_folder(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    make_dataset(folder, per_class=1, people=1, labels=("mask",))
    assert (folder / "mask" / "p00_0.jpg").is_file()


def test_broken_off_dataset_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="visor"):
        make_dataset(tmp_path / "new" / "demo", per_class=1, people=1, labels=("mask", "visor"))
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("suffix", [".mjpeg", ".mp4"])
def test_clip_has_every_frame_of_the_script(tmp_path, suffix):
    path = make_clip(tmp_path / f"cam{suffix}", (("no_mask", 0.4), ("mask", 0.6)), size=(160, 120), fps=10)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in container.decode(video=0)]
    assert len(frames) == 10
    assert frames[0].shape == (120, 160, 3)
    # Putting the mask on changes more than moving does.
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]
    assert np.argmax(steps) == 3


def test_mjpeg_is_jpegs_end_to_end(tmp_path):
    data = make_clip(tmp_path / "cam.mjpeg", (("mask", 0.2),), size=(160, 120), fps=10).read_bytes()
    assert data.startswith(b"\xff\xd8")
    assert data.endswith(b"\xff\xd9")
    assert data.count(b"\xff\xd9\xff\xd8") == 1


@pytest.mark.parametrize(("name", "size"), [("cam.avi", (160, 120)), ("cam.mp4", (161, 120))])
def test_clip_refuses_what_it_cannot_write(tmp_path, name, size):
    with pytest.raises(ValueError, match=r"\.mp4"):
        make_clip(tmp_path / name, size=size)
    assert not (tmp_path / name).exists()
