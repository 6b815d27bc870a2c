"""What it is worth that a training keeps its memory from step to step: one MobileNet step, with and without.

    python -m benchmarks.kept_memory

Each round runs both in fresh processes, one after the other; the ratio is taken within a round.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from core.training.lifecycle.launch import KEPT_MEMORY

_ROUNDS = 5
_STEPS = """
import time, torch
from core.schema import train_config as configs
from core.networks.build import build
from core.networks.build import train_mode
network = build(configs.make({"dataset": "-", "mode": "retrain", "weights": "none"}), 3)
train_mode(network)
optimizer = torch.optim.Adam(parameter for parameter in network.parameters() if parameter.requires_grad)
images = torch.rand(32, 3, 160, 160).contiguous(memory_format=torch.channels_last)
target, seconds = torch.randint(0, 3, (32,)), []
for _ in range(20):
    started = time.perf_counter()
    loss = torch.nn.functional.cross_entropy(network(images), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    seconds.append(time.perf_counter() - started)
print(sorted(seconds)[10])
"""


def main() -> None:
    """Print seconds per step of both, and the ratio, a line per round."""
    ratios = []
    for _ in range(_ROUNDS):
        plain, kept = _seconds({}), _seconds(KEPT_MEMORY)
        ratios.append(plain / kept)
        print(f"plain {1000 * plain:.0f} ms, kept {1000 * kept:.0f} ms, {ratios[-1]:.2f} times as fast", flush=True)
    print(f"median {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def _seconds(settings: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _STEPS], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    main()
