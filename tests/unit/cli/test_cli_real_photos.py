"""The command line on real photos and a real clip, where MASKLAB_PHOTOS names them; how well, is measured by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main

QUICK = ["--backbone", "BasicCNN", "--image_size", "32", "--epochs", "2", "--wrong_mask", "False", "--seed", "1"]


def test_from_real_photos_to_a_labelled_clip(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    dataset, numbers, lines = photos / "dataset_3_classes" / "labeled", tmp_path / "n.json", tmp_path / "l.jsonl"
    assert main(["train", str(dataset), *QUICK]) == 0
    model = capsys.readouterr().out.splitlines()[-2].removeprefix("model ")

    assert main(["evaluate", model, str(dataset), "--json", str(numbers)]) == 0
    report = json.loads(numbers.read_text())
    assert (report["n"], report["refused"]) == (647, [])
    assert sum(report["left_out"]["wrong_mask"].values()) == 400
    assert 0 < report["unseen"]["n"] == 647 - report["seen_in_training"] < 130
    # Better than calling every face the commoner label (343 of 647).
    assert report["unseen"]["balanced_accuracy"] > 0.55

    assert main(["classify", model, str(photos / "clips" / "putting_mask_on.mp4"), "--json", str(lines)]) == 0
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len({record["frame"] for record in records}) > 100 and all(record["box"] for record in records)
