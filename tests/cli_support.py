"""What the command line's tests share: real processes, untrained networks, and one finished training."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch

from core import config as configs
from core.data.preprocess import Preprocessing
from core.networks import files
from core.networks.build import build
from core.networks.operating import OperatingPoint
from core.paths import PROJECT

ENTRY = [sys.executable, str(PROJECT / "face_mask_detector.py")]
TINY = ["--backbone", "BasicCNN", "--image_size", "32", "--batch_size", "8", "--split_data", "[0.60,", "0.20,", "0.20]"]


def command(*words: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"MASKLAB_HOME": str(home), "OMP_NUM_THREADS": "1"} if home else {})
    return subprocess.run([*ENTRY, *map(str, words)], capture_output=True, text=True, env=environment, check=False)


def network(path: Path, labels: tuple, seen: frozenset[str] = frozenset()) -> Path:
    """A model file with untrained weights."""
    config = configs.make({"dataset": "faces", "backbone": "BasicCNN", "weights": "none", "image_size": 32})
    torch.manual_seed(1)
    network, point = build(config, len(labels)), OperatingPoint(0.5)
    trained = files.Trained(path, network, config, labels, Preprocessing(32), 1.0, point, None, seen)
    files.save(path, trained)
    return path
