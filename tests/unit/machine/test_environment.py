"""Versions, commit and machine, as a run's numbers are told to be made with."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from core.machine.environment import commit, machine_facts
from core.schema.run_report import Commit, Facts


def _git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with one commit."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    folder = tmp_path / "a checkout"
    (folder / "inner").mkdir(parents=True)
    (folder / "code.py").write_text("x = 1\n")
    (folder / ".gitignore").write_text("runs/\n")
    _git(folder, "init", "--quiet")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "begin")
    return folder


def test_facts_are_of_this_machine_and_survive_json():
    facts = machine_facts()
    assert Facts.model_validate_json(facts.model_dump_json()) == facts
    assert facts.python == platform.python_version()
    assert facts.packages["numpy"] == np.__version__
    assert torch.__version__.startswith(facts.packages["torch"])
    assert facts.memory == psutil.virtual_memory().total
    assert 1 <= facts.cores <= facts.threads == os.cpu_count()
    assert len(facts.gpus) == torch.cuda.device_count()
    assert facts.cpu and platform.system() in facts.os


def test_facts_name_neither_user_nor_computer():
    text = machine_facts().model_dump_json()
    assert str(Path.home()) not in text
    assert f'"{getpass.getuser()}' not in text and f"{platform.node()}." not in text


def test_a_commit_is_told_with_what_has_changed_since(checkout: Path):
    name = _git(checkout, "rev-parse", "HEAD")
    assert commit(checkout) == Commit(hash=name, dirty=False)
    (checkout / "runs").mkdir()
    (checkout / "runs" / "log.txt").write_text("what git ignores is no change")
    assert commit(checkout) == Commit(hash=name, dirty=False)
    (checkout / "new.py").write_text("y = 2\n")
    assert commit(checkout) == Commit(hash=name, dirty=True)


def test_a_folder_that_is_no_checkout_has_no_commit(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert commit(checkout / "inner") is None, "what is unpacked inside another checkout is not that one"
    assert commit(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(checkout) is None
