"""docs/how-to-add.md, followed to the letter: what it says to write works in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.store.paths import PROJECT

TEXT = (PROJECT / "docs" / "how-to-add.md").read_text(encoding="utf-8")
NETWORK = re.search(r"^## Add a network$.*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL).group()
USE = """
import sys
from core.schema.train_config import fill_in
from core.schema.train_config import make
from core.networks.registry import NETWORKS
name = sys.argv[1]
configs = [make(fill_in({"dataset": "x", "backbone": name, "mode": mode, "image_size": 64, "weights": "none"}))
           for mode in ("not_retrain", "retrain")]
assert "torch" not in sys.modules and all(config.spec is NETWORKS[name] for config in configs)
import torch
from core.networks.build import build
from core.networks.build import parameter_counts
for config in configs:
    network = build(config, 3).eval()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 3)
    assert parameter_counts(network) == config.spec.parameters(config.mode, 64, 3)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without the network that the text adds."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PROJECT / "core", folder / "core", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "face_mask_detector.py", folder)
    (folder / file_and_code()[0]).unlink()
    return folder


def file_and_code() -> tuple[str, str]:
    """The file that step 1 says to write, and what to write into it."""
    found = re.search(r"^`(core/\S+\.py)`:\n\n```python\n(.*?)^```$", NETWORK, re.MULTILINE | re.DOTALL)
    return found[1], found[2]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)


def test_the_network_of_the_text_is_the_real_one():
    file, code = file_and_code()
    assert (PROJECT / file).read_text(encoding="utf-8") == code


def test_a_network_added_by_the_text_is_offered_built_and_trained(copy: Path):
    file, code = file_and_code()
    name = re.search(r"--backbone (\w+)", NETWORK)[1]
    assert f'name="{name}"' in code
    assert run(copy, "-c", USE, name).returncode != 0
    (copy / file).write_text(code, encoding="utf-8")
    done = run(copy, "-c", USE, name)
    assert done.returncode == 0, done.stderr
    step = re.search(r"^python (face_mask_detector\.py train -h)$", NETWORK, re.MULTILINE)[1]
    said = run(copy, *step.split())
    assert said.returncode == 0 and re.search(rf"\b{name} \(", said.stdout)


def test_what_the_text_names_is_there():
    for path in re.findall(r"(?<![\w/])(?:core|tests)/[\w/]+\.py", TEXT):
        assert (PROJECT / path).is_file(), path
    for path in re.findall(r"`((?:core|tests|docs|pages)/[\w/]+/)`", TEXT):
        assert (PROJECT / path).is_dir(), path
