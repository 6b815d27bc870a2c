"""TensorBoard's event files in a run's folder, where the package that writes them is installed (`make extras`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Takes one epoch's row of metrics.csv.
Write = Callable[[Mapping[str, float]], None]


@contextmanager
def opened(folder: Path) -> Iterator[Write]:
    """What writes an epoch's numbers into the folder; it does nothing where TensorBoard is not installed."""
    make = _summary_writer()
    if make is None:
        yield lambda row: None
        return
    with make(str(folder)) as writer:

        def write(row: Mapping[str, float]) -> None:
            for name, value in row.items():
                writer.add_scalar(name, value, int(row["epoch"]))

        yield write


def _summary_writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter
