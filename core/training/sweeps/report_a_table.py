"""Report A's table as a sweep: the network it retrained, the same frozen, and one from scratch, each with two
and three classes and two learning rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.networks.registry import NETWORKS
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import REPORT_A, REPORT_A_BACKBONE, REPORT_A_SCRATCH
from core.schema.train_config import NO_WEIGHTS, make
from core.training.sweeps.study import Planned

_RATES = (1e-3, 1e-4)
_BASIC_SIZE = 256
# What the table itself varies.
_VARIED = ("mode", "learning_rate", "wrong_mask")
_OTHERS = [name for name, spec in NETWORKS.items() if spec.retrain_from and not spec.one_logit]
# What may stand beside the network from scratch, report A's first.
NETWORKS_BESIDE = list(dict.fromkeys([REPORT_A_BACKBONE, *_OTHERS]))


def variants(values: dict[str, Any], counts: Mapping[Label, int]) -> list[Planned]:
    """The table's rows in the order in which report A published them; the two-class rows leave wrong_mask out, so that
    all are tested on the same photos of mask and no_mask. Without photos of wrong_mask, the two-class rows alone.

    `values` are those of TrainConfig that differ from the table's, such as `backbone`, the network in the place of
    report A's; `counts` says which labels the photos have. Raises UserError for what the table varies itself.
    """
    if varied := [name for name in _VARIED if name in values]:
        raise UserError(f"Report A's table varies {', '.join(varied)} itself: leave that out.")
    if values.get("backbone", REPORT_A_BACKBONE) not in NETWORKS_BESIDE:
        raise UserError(
            f"backbone: report A's table has {' or '.join(NETWORKS_BESIDE)} beside {REPORT_A_SCRATCH}."
        )
    base = {"backbone": REPORT_A_BACKBONE} | REPORT_A | values
    basic = {"image_size": _BASIC_SIZE} | values | {"backbone": REPORT_A_SCRATCH, "weights": NO_WEIGHTS}
    kinds = [base | {"mode": "not_retrain"}, base | {"mode": "retrain"}, REPORT_A | basic | {"mode": "not_retrain"}]
    return [
        _row(kind | {"wrong_mask": classes == 3, "learning_rate": rate}, classes)
        for classes in ((2, 3) if has_third(counts) else (2,))
        for kind in kinds
        for rate in _RATES
    ]


def has_third(counts: Mapping[Label, int]) -> bool:
    """Whether the photos are enough for the three-class rows."""
    return bool(counts.get(Label.WRONG_MASK))


def _row(values: dict[str, Any], classes: int) -> Planned:
    config = make(values)
    network = f"{config.backbone} {config.mode}" if config.spec.retrain_from else config.backbone
    name = f"{network} {classes}c {config.learning_rate:g}"
    return Planned(name, name, config)
