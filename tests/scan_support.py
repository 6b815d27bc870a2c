"""What the tests of a dataset's folder share."""

from __future__ import annotations

from pathlib import Path

from tests.support import picture


def put(path: Path, seed: int) -> None:
    """A drawn picture in that file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path)


def aliased(root: Path) -> Path:
    """A dataset of two photos a label, under folder names that are aliases."""
    for number, name in enumerate(["With Mask", "without-mask", "Mask_Weared_Incorrect"]):
        for turn in range(2):
            put(root / name / f"{turn}.png", 10 * number + turn)
    return root
