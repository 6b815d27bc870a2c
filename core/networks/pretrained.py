"""Starting weights: torchvision's ImageNet files in torch hub's cache, or a trained network in models/. Whether they
are available is answered without torch."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from core.networks.registry import NETWORKS
from core.networks.spec import ImageNet
from core.schema.errors import UserError
from core.schema.train_config import IMAGENET, NO_WEIGHTS, STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths

if TYPE_CHECKING:
    from torch import nn

_HOST = "download.pytorch.org"
_REACH_SECONDS = 2.0


def cache_folder() -> Path:
    """Torch hub's folder of downloaded files, as TORCH_HOME says now."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser() / "hub" / "checkpoints"


def imagenet_file(backbone: str) -> Path:
    """Where torch hub keeps this backbone's ImageNet file, whether or not it is there."""
    return cache_folder() / _imagenet(backbone).file


def _imagenet(backbone: str) -> ImageNet:
    if (found := NETWORKS[backbone].imagenet) is None:
        raise ValueError(f"{backbone} has no ImageNet weights")
    return found


def check(config: TrainConfig) -> None:
    """Raises UserError, before anything is started, when the starting weights are unavailable."""
    if config.weights == NO_WEIGHTS:
        return
    if config.weights != IMAGENET:
        trained_file(config.weights)
        return
    file = imagenet_file(config.backbone)
    if file.exists() or _reachable(_HOST):
        return
    others = f"{STARTER}, none" if config.backbone == STARTER_BACKBONE else "none"
    raise UserError(
        f"{config.backbone}'s ImageNet weights are not on this machine and there is no network to fetch them: put "
        f"{file.name} into {file.parent}, or choose other starting weights ({others}, or a network in models/)."
    )


def trained_file(name: str) -> Path:
    """The file of a trained network in models/, or of the starter. Raises UserError when there is none of that name."""
    file = paths.STARTER_FILE if name == STARTER else paths.models_dir() / name
    if Path(name).name != name or not file.is_file():
        raise UserError(f"weights: models/ has no file {name!r}; choose imagenet, none, or a file that is there.")
    return file


def fill(network: nn.Module, config: TrainConfig) -> None:
    """Load ImageNet weights into a torchvision network when the config asks for them (downloads with progress)."""
    if config.weights != IMAGENET:
        return
    check(config)
    file = imagenet_file(config.backbone)
    if file.exists():
        _check_digest(file)
    from core.networks.torchvision_models import models

    found = models.get_weight(_imagenet(config.backbone).weights)
    network.load_state_dict(found.get_state_dict(progress=True, check_hash=True))


def _check_digest(file: Path) -> None:
    expected = file.stem.rsplit("-", 1)[-1]
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if not digest.startswith(expected):
        raise UserError(f"{file} is damaged (its SHA-256 does not begin with {expected}): delete it and try again.")


def _reachable(host: str) -> bool:
    try:
        socket.create_connection((host, 443), timeout=_REACH_SECONDS).close()
        return True
    except OSError:
        return False
