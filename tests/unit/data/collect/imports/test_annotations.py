"""Exports with boxes and tables of labels: the crops are those of the one crop function, and what can't be told is
refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.data.collect import sources
from core.data.collect.imports import yolo
from core.data.faces.detector import crop
from core.data.images.decode import decode_bytes
from tests.fixtures import exports
from tests.fixtures.exports import BOXES, EXPORTS, LABELS, coco_json, voc_xml, yolo_text

_NAN = float("nan")


@pytest.fixture(scope="module")
def scene() -> bytes:
    return exports.scene()


@pytest.mark.parametrize("name", EXPORTS)
def test_boxes_become_the_crops_of_the_one_crop_function(name, root, bring, inside, scene):
    tally = bring({path: content or scene for path, content in EXPORTS[name].items()}, source="camera A")
    assert tally.words() == "3 photos added (mask 1, no_mask 1, wrong_mask 1)"
    rgb = np.asarray(decode_bytes(scene))
    files = []
    for number, (each, (x, y, width, height)) in enumerate(BOXES.items(), 1):
        files.append(f"{LABELS[each]}/street_1/street_1-{number}.jpg")
        expected = io.BytesIO()
        crop(rgb, (x, y, x + width, y + height)).save(expected, "JPEG", quality=95)
        assert (root / files[-1]).read_bytes() == expected.getvalue()
    assert inside() == sorted(files)
    assert sources.read(root) == dict.fromkeys(files, "camera A")
    assert bring({path: content or scene for path, content in EXPORTS[name].items()}).there == 3


def test_the_crop_holds_the_face_with_its_margin(root, bring, scene):
    bring({"images/1.jpg": scene, "annotations/1.xml": voc_xml({"with_mask": (100, 100, 100, 100)})})
    with Image.open(root / "mask" / "1" / "1-1.jpg") as found:
        assert found.size == (140, 140)
        whole = np.asarray(decode_bytes(scene))[80:220, 80:220].astype(int)
        assert np.abs(np.asarray(found).astype(int) - whole).mean() < 3


def test_unknown_classes_are_counted_by_name(bring, inside, scene):
    boxes = {"helmet": (0, 0, 99, 99), "with_mask": (20, 30, 100, 120), "hat": (5, 5, 99, 99)}
    tally = bring({
        "images/1.jpg": scene, "annotations/1.xml": voc_xml(boxes),
        "images/2.jpg": scene, "annotations/2.xml": voc_xml({"hat": (5, 5, 99, 99)}),
    })  # fmt: skip
    assert inside() == ["mask/1/1-2.jpg"]
    assert tally.words() == "1 photo added (mask 1), 3 boxes of unknown classes left out"
    assert tally.table()[0] == ("class hat", "no label: 2 boxes left out")


def test_one_label_for_all_takes_the_place_of_classes(bring, inside, scene):
    bring({"images/1.jpg": scene, "annotations/1.xml": voc_xml({"face": (5, 5, 99, 99)})}, label="mask")
    assert inside() == ["mask/1/1-1.jpg"]


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + voc_xml(), "declares"), (voc_xml()[:-20], "can't be understood"),
        ("<other/>", "no annotation"), (voc_xml(size=(300, 400)), "drawn on a photo of 300 x 400"),
        (voc_xml({"with_mask": (0, 0, 9, 9)}), "too small"), (voc_xml({"with_mask": (900, 900, 99, 99)}), "too small"),
        (voc_xml({"with_mask": (50, 50, -10, 90)}), "no area"),
        (voc_xml({"with_mask": (_NAN, 0, 9, 9)}), "no area"),
        (voc_xml({"with_mask": (1e300, 0, 9, 9)}), "no area"),
        ("".join(map(str, range(200_000))), "larger than 1 MB"),
        (voc_xml().encode("utf-16"), "not a text"), (voc_xml() + "<a>" * 200_000, "can't be understood"),
    ],
)  # fmt: skip
def test_boxes_that_can_t_be_used_are_refused(bring, inside, scene, xml, word):
    tally = bring({"images/1.jpg": scene, "annotations/1.xml": xml})
    assert inside() == []
    assert [(file, word in reason) for file, reason in tally.refused] == [("images/1.jpg", True)]


def test_a_text_without_names_of_classes_or_with_other_lines_is_refused(bring, scene):
    files = {"images/1.jpg": scene, "labels/1.txt": yolo_text()}
    assert "have no names" in bring(files).refused[0].reason
    files |= {"labels/1.txt": "0 0.5 0.5\n", "classes.txt": "mask\n"}
    assert "line 1 of its text file" in bring(files).refused[0].reason
    assert bring(files | {"labels/1.txt": "8 0.5 0.5 0.5 0.5\n"}).unknown == {"class 8": 1}


def test_a_damaged_photo_with_boxes_leaves_nothing(bring, inside, scene):
    tally = bring({"images/1.jpg": scene[: len(scene) // 2], "annotations/1.xml": voc_xml()})
    assert (inside(), tally.refused[0].reason.split(":")[0]) == ([], "truncated")


def test_a_photo_with_boxes_of_which_one_list_may_mean_another_is_refused(bring, inside, scene):
    tally = bring({"a/1.jpg": scene, "b/1.jpg": scene, "annotations/all.json": coco_json("1.jpg")})
    assert (inside(), len(tally.refused)) == ([], 2)
    assert all("may mean this photo or another" in reason for _, reason in tally.refused)


def test_the_list_that_lies_nearest_is_meant(root, bring, scene):
    left, right = {"with_mask": (20, 30, 100, 120)}, {"without_mask": (20, 30, 100, 120)}
    tally = bring({
        "train/1.jpg": scene, "train/_annotations.coco.json": coco_json("1.jpg", left),
        "valid/1.jpg": scene, "valid/_annotations.coco.json": coco_json("1.jpg", right),
    })  # fmt: skip
    assert tally.words() == "2 photos added (mask 1, no_mask 1)"


@pytest.mark.parametrize(
    "text", ['{"images": [', "[]", '{"images": [1], "annotations": [], "categories": []}', "[" * 100_000]
)
def test_json_that_is_no_coco_is_refused_and_the_photos_come_in(bring, inside, photo_bytes, text):
    tally = bring({"mask/1.jpg": photo_bytes(1), "some.json": text})
    assert (inside(), [file for file, _ in tally.refused]) == (["mask/1.jpg"], ["some.json"])


def test_a_table_gives_label_person_and_source_of_whole_photos(root, bring, inside, photo_bytes):
    table = "File,Label,Person,Source\n1.jpg,with mask,anna,camera A\nb/2.jpg,No-Mask,,\n3.jpg,hat,,\n4.jpg,,ben,\n"
    tally = bring({
        "photos/1.jpg": photo_bytes(1), "photos/b/2.jpg": photo_bytes(2), "photos/3.jpg": photo_bytes(3),
        "photos/mask/4.jpg": photo_bytes(4), "photos/table.csv": table.replace("4.jpg", "mask/4.jpg"),
    })  # fmt: skip
    assert inside() == ["mask/anna/1.jpg", "mask/ben/4.jpg", "no_mask/2.jpg"]
    assert tally.refused == [("photos/3.jpg", "hat is no label")]
    assert sources.read(root) == {"mask/anna/1.jpg": "camera A"}


def test_two_labels_for_one_photo_are_refused_and_a_box_of_words_too(bring, inside, photo_bytes):
    photos = {"1.jpg": photo_bytes(1)}
    tally = bring(photos | {"a.csv": "file,label\n1.jpg,mask\n", "b.csv": "file,label\n1.jpg,no_mask\n"})
    assert "two labels" in tally.refused[0].reason
    tally = bring(photos | {"a.csv": "file,label,x,y,width,height\n1.jpg,mask,1,2,wide,4\n"})
    assert "line 2 of its table" in tally.refused[0].reason
    assert inside() == []


def test_decisions_are_no_labels(bring, photo_bytes):
    tally = bring({"mask/1.jpg": photo_bytes(1), "decisions.csv": "file,decision,label\nmask/1.jpg,exclude,no_mask\n"})
    assert tally.words() == "1 photo added (mask 1), 1 refused"


@pytest.mark.parametrize(
    "text",
    [
        "names: ['a b', \"c\"]  # two",
        "names: [\n  a b,\n  c,\n]\nnc: 2",
        "names:\n- a b\n- c\nnc: 2",
        "nc: 2\nnames:\n  0: a b\n  1: c\n",
        "names: {0: a b, 1: 'c'}",
        "names:\n\n  1: c\n  0: 'a b'",
    ],
)
def test_names_in_yaml(text):
    assert yolo.classes_of_yaml(text) == {0: "a b", 1: "c"}


def test_polygons_of_yolo_become_the_box_around_them():
    [box] = yolo.boxes("0 0.1 0.2 0.5 0.2 0.3 0.6\n\n", {0: "mask"})
    assert box[1:5] == pytest.approx((0.1, 0.2, 0.4, 0.4)) and box.relative
