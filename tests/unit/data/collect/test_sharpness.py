"""Sharpness of a dataset's photos: measured once per file in a process of its own, and again where a file changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from core.data.collect import photo_list, sharpness
from core.data.faces import attributes
from tests.fixtures.support import wait_for


@pytest.fixture
def root(faces: Path, tmp_path: Path) -> Path:
    """Three drawn faces, the second blurred, and a file that is no photo."""
    folder = tmp_path / "faces"
    (folder / "mask").mkdir(parents=True)
    (folder / "no_mask").mkdir()
    for number, source in enumerate(sorted((faces / "mask").glob("*.jpg"))[:3]):
        shutil.copy(source, folder / "mask" / f"{number}.jpg")
    with Image.open(folder / "mask" / "1.jpg") as whole:
        whole.filter(ImageFilter.GaussianBlur(6)).save(folder / "mask" / "1.jpg")
    (folder / "mask" / "9.jpg").write_bytes(b"no photo")
    return folder


def test_a_process_measures_what_is_not_known_yet(root):
    items = photo_list.read(root)
    assert sharpness.known(root, items) == {}
    sharpness.start(root)
    job = sharpness.job_of(root)
    wait_for(lambda: not job.state.active)
    assert job.state.status == "finished", job.log_tail()
    known = sharpness.known(root, items)
    assert known["mask/9.jpg"] is None
    assert known["mask/1.jpg"] < 0.5 * min(known["mask/0.jpg"], known["mask/2.jpg"])
    # As the camera's judge has it.
    assert known["mask/0.jpg"] == attributes.find(root, ["mask/0.jpg"])["mask/0.jpg"].sharpness

    shutil.copy(root / "mask" / "1.jpg", root / "mask" / "0.jpg")
    assert "mask/0.jpg" not in sharpness.known(root, photo_list.read(root))


def test_what_was_measured_before_a_stop_is_kept(root):
    def stop(message: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sharpness.measure(root, stop)
    assert len(sharpness.known(root, photo_list.read(root))) == 2
