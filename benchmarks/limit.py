"""The machine's own limit: how fast it multiplies large matrices, and how much of that each network's training needs.

    python -m benchmarks.limit

Prints one JSON line: operations per second (a multiplication and an addition are two) of torch.mm in float32 and
bfloat16 with all threads, the best of the repeats within two seconds each.
"""

from __future__ import annotations

import json
import math
import time
from functools import lru_cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from core.networks.backbone.stages import cut
from core.networks.build import build, train_mode
from core.schema.train_config import TrainConfig

_SIDE = {"cpu": 2048, "cuda": 8192}
_SECONDS = 2.0
_BATCH = 2


def operations(config: TrainConfig, classes: int) -> tuple[float, float, float]:
    """(training, measuring, evaluating without augmentation) operations per photo: what is not trained runs forward
    once, what is trained forward and backward; a photo whose accuracy is measured runs forward, and where it was
    measured before only through what is trained. Convolutions and linear layers are counted."""
    return _operations(config.backbone, config.mode, config.image_size, classes)


@lru_cache
def _operations(backbone: str, mode: str, image_size: int, classes: int) -> tuple[float, float, float]:
    values = {"dataset": "-", "backbone": backbone, "mode": mode, "image_size": image_size, "weights": "none"}
    network = build(TrainConfig.model_validate(values | {"wrong_mask": classes > 2}), classes).to("meta")
    images = torch.empty(_BATCH, 3, image_size, image_size, device="meta")
    train_mode(network)
    own = {torch.ops.aten.convolution_backward: _backward}
    with FlopCounterMode(display=False, custom_mapping=own) as both:
        network(images).sum().backward()
    with FlopCounterMode(display=False) as forward:
        network(images)
    with FlopCounterMode(display=False) as fixed:
        cut(network)[0](images)
    whole = forward.get_total_flops()
    return both.get_total_flops() / _BATCH, whole / _BATCH, (whole - fixed.get_total_flops()) / _BATCH


def _backward(gradient, images, weight, *others, out_shape=None, **kwargs) -> int:
    """Each gradient that is asked for costs as much as the forward pass. torch's own count is too high by the number
    of groups for depthwise convolutions."""
    output_mask = others[-1]
    return 2 * gradient[0] * math.prod(gradient[2:]) * math.prod(weight) * sum(output_mask[:2])


def measured(device: str) -> dict[str, float]:
    """Operations per second by precision. Float32 may use what convolutions use on the device (TF32 on a GPU)."""
    torch.backends.cuda.matmul.allow_tf32 = True
    return {name: _speed(getattr(torch, name), device) for name in ("float32", "bfloat16")}


def _speed(dtype: torch.dtype, device: str) -> float:
    side = _SIDE[device]
    left, right = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
    best, began = math.inf, time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        started = time.perf_counter()
        torch.mm(left, right)
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - started)
    return 2 * side**3 / best


def main() -> None:
    """Measure here."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(json.dumps(measured(device) | {"device": device, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
