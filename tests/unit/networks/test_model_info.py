"""What a model file tells without torch: the same as with it, no code of a foreign file, and damage in a sentence."""

from __future__ import annotations

import pickle
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.networks import checkpoint, model_info
from core.schema.errors import UserError
from core.store.paths import STARTER_FILE
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.result_fixtures import reported


class _Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def _packed(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", content)
    return path


def test_it_tells_what_torch_tells(tmp_path: Path):
    bare = tiny_model(tmp_path / "bare.pth")
    told = tmp_path / "told.pth"
    trained = checkpoint.load(bare)
    checkpoint.save(told, replace(trained, report=reported(), seen=frozenset({"a", "b"})))
    for path in (bare, told, STARTER_FILE):
        assert model_info.read(path) == checkpoint.load(path).info


def test_a_foreign_file_runs_no_code(tmp_path: Path):
    mark = tmp_path / "mark"
    with pytest.raises(UserError, match="not a model file"):
        model_info.read(_packed(tmp_path / "evil.pth", pickle.dumps({"format": _Runs(mark)})))
    assert not mark.exists()


def test_a_file_that_unpacks_to_more_than_any_network_tells_is_refused(tmp_path: Path, monkeypatch):
    path = tiny_model(tmp_path / "m.pth")
    monkeypatch.setattr(model_info, "_MOST_BYTES", 100)
    with pytest.raises(UserError, match="not a model file"):
        model_info.read(path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_cut_file_is_a_sentence(tmp_path: Path, part: float):
    path = tiny_model(tmp_path / "m.pth")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(UserError, match="not a model file that Mask Lab can read, or it is damaged"):
        model_info.read(path)


def test_other_files_are_told_as_torch_s_reader_does(tmp_path: Path):
    torch.save({"weights": torch.zeros(2)}, tmp_path / "other.pth")
    content = torch.load(tiny_model(tmp_path / "m.pth"), weights_only=True)
    torch.save(content | {"temperature": -1.0}, tmp_path / "wrong.pth")
    for name in ("other.pth", "wrong.pth", "none.pth"):
        with pytest.raises(UserError) as told:
            checkpoint.load(tmp_path / name)
        with pytest.raises(UserError, match=f"^{re.escape(str(told.value))}$"):
            model_info.read(tmp_path / name)
