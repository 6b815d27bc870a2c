"""Every network there is: the NetworkSpec of each file in core/networks/zoo/, found by itself. Imports no torch."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from core.networks.spec import NetworkSpec
from core.networks.zoo import __name__ as _PACKAGE
from core.networks.zoo import __path__ as _FOLDERS


def _declared() -> Iterator[NetworkSpec]:
    for item in pkgutil.iter_modules(_FOLDERS):
        spec = getattr(import_module(f"{_PACKAGE}.{item.name}"), "SPEC", None)
        if not isinstance(spec, NetworkSpec):
            raise TypeError(f"core/networks/zoo/{item.name}.py declares no network: SPEC = NetworkSpec(...) is missing")
        yield spec


def _order(spec: NetworkSpec) -> tuple[bool, int]:
    """Those with pretrained weights first, and of them the smaller ones."""
    return spec.imagenet is None, spec.parameters("retrain", 224, 2)[1]


def _found() -> dict[str, NetworkSpec]:
    specs = sorted(_declared(), key=_order)
    names = [spec.name for spec in specs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two files in core/networks/zoo/ declare {', '.join(sorted(twice))}")
    return dict(zip(names, specs, strict=True))


def _only(names: list[str]) -> str:
    if len(names) != 1:
        raise ValueError(f"one file in core/networks/zoo/ has default=True, not {', '.join(names) or 'none'}")
    return names[0]


# Name -> spec, in the order in which they are offered.
NETWORKS = _found()
DEFAULT = _only([name for name, spec in NETWORKS.items() if spec.default])
