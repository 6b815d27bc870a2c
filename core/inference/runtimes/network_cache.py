"""Trained networks as ONNX under cache/, each with what there is to know of it: what was loaded here before answers
again without torch, which takes longer to import than all the rest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.cache import network_outputs
from core.data.images.preprocessing import Preprocessing
from core.inference.runtimes import agreement, int8
from core.networks.checkpoint import ModelInfo
from core.networks.operating_point import OperatingPoint
from core.schema import run_report
from core.schema import train_config as configs
from core.schema.labels import Label
from core.store.files.atomic import replacing

# Raised when what is kept changes.
_FORMAT = 5


@dataclass(frozen=True)
class Ready:
    """What is known of a network, its graph as ONNX, and torch's logits (n, k) on `probes`, uint8 (n, S, S, 3)."""

    info: ModelInfo
    onnx: bytes
    probes: np.ndarray
    logits: np.ndarray

    def agrees(self, logits: np.ndarray) -> bool:
        """Whether another runtime's logits on the probes are near enough to torch's."""
        temperature = self.info.temperature
        says, other = (agreement.softmax(own, temperature) for own in (self.logits, logits))
        return agreement.difference(says, other, self.info.operating_point).agrees


def write(model: Path, ready: Ready) -> None:
    """Keep it for a model file. Raises OSError."""
    path = _path(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    info = ready.info
    told = {
        "config": info.config.model_dump(mode="json"),
        "labels": [str(label) for label in info.labels],
        "preprocessing": asdict(info.preprocessing),
        "temperature": info.temperature,
        "operating_point": asdict(info.operating_point),
        "report": run_report.as_json(info.report) if info.report else None,
        "seen": sorted(info.seen),
        "unsure_above": info.unsure_above,
    }
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(
            file, network=np.frombuffer(json.dumps(told).encode(), np.uint8), probes=ready.probes,
            logits=ready.logits, onnx=np.frombuffer(ready.onnx, np.uint8),
        )  # fmt: skip
    network_outputs.forget_oldest(path)


def read(model: Path) -> Ready | None:
    """What is kept for the content of a model file; None where nothing is, or it is damaged."""
    try:
        path = _path(model)
        with np.load(path, allow_pickle=False) as file:
            told = json.loads(file["network"].tobytes())
            ready = Ready(_info(told), file["onnx"].tobytes(), file["probes"], file["logits"])
    except Exception:
        # A damaged file raises a dozen kinds of error; the answer is the same.
        return None
    network_outputs.used(path)
    return ready


def _info(told: dict[str, Any]) -> ModelInfo:
    preprocessing = told["preprocessing"]
    return ModelInfo(
        configs.make(told["config"]),
        tuple(Label(name) for name in told["labels"]),
        Preprocessing(preprocessing["image_size"], tuple(preprocessing["mean"]), tuple(preprocessing["std"])),
        told["temperature"],
        OperatingPoint(**told["operating_point"]),
        run_report.parse(told["report"]) if told["report"] else None,
        frozenset(told["seen"]),
        unsure_above=told["unsure_above"],
    )


def _path(model: Path) -> Path:
    """By the content of the model file. Raises OSError where there is none."""
    return network_outputs.folder() / f"network-{_FORMAT}-{int8.digest(model)[:32]}{network_outputs.VECTORS}"
