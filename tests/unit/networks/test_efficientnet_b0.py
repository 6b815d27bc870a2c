"""EfficientNet-B0's own: what tests of all networks, such as those of test_registry.py, do not ask."""

from __future__ import annotations

import torch

from core.networks.backbone.stages import cut
from core.networks.build import build, train_mode
from core.schema.train_config import make


def test_blocks_are_skipped_at_random_where_training_goes_on_alone():
    torch.manual_seed(0)
    config = make({"dataset": "x", "backbone": "EfficientNetB0", "mode": "retrain", "weights": "none"})
    network = build(config, 3)
    train_mode(network)
    frozen, rest = cut(network)
    images = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        features = frozen(images)
        assert torch.equal(frozen(images), features)
        kept = features.clone()
        assert not torch.equal(rest(features), rest(features))
    assert torch.equal(features, kept), "the next epoch may take the same again"
