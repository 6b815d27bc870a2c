"""RegNetY-400MF's own: what tests of all networks, such as those of test_registry.py, do not ask."""

from __future__ import annotations

from core.networks.layers import describe
from core.schema.train_config import make


def test_a_block_is_drawn_with_its_shortcut_and_its_scale():
    config = make({"dataset": "x", "backbone": "RegNetY400MF", "mode": "retrain", "weights": "none"})
    block = describe(config, 3).block
    assert (block.name, block.kind) == ("trunk_output.block1.block1-0", "bottleneck")
    assert block.nodes[-1].lines[0] == "add" and block.nodes[-1].state == ""
    assert "3 × 3 convolution, 48 → 48, stride 2" in [node.lines[0] for node in block.nodes]
