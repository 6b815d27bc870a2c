"""`describe`: a network's layers by stage, what of it is trained, the steps of its residual block, and the photos it
was given."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.charts.network import training
from core.cli import run_names
from core.cli.terminal.console import check_writable
from core.data.dataset.versions.manifest import Head
from core.evaluation.versions import known
from core.evaluation.wording import version_words
from core.networks import checkpoint, model_info
from core.networks.layers import Block, Description, describe
from core.schema.run_report import PhotosVersion
from core.text.tables import markdown

_HEAD = ["output", "parameters", "multiply-adds", "training"]


def run(args: Namespace) -> None:
    """Print the tables, and write --json. Raises UserError for what the user must put right."""
    check_writable(args.json, args.model)
    found = _described(args.model)
    print(_sentence(found))
    version = _version(args.model)
    print(f"Trained on {version_words.named(version)}." if version else version_words.UNKNOWN)
    stages = [[stage.name, stage.made_of, *_cells(asdict(stage))] for stage in found.stages]
    print(markdown(["stage", "layers", *_HEAD], stages))
    if args.layers:
        layers = [layer for stage in found.stages for layer in stage.layers]
        rows = [[layer.name, layer.kind, *_cells(asdict(layer))] for layer in layers]
        print(f"\n{markdown(['layer', 'kind', *_HEAD], rows)}")
    if found.block:
        print("\n" + "\n".join(_steps(found.block)))
    if args.json:
        told = {"id": version.id, "photos": version.photos, "when": version.when} if version else None
        args.json.write_text(json.dumps(found.as_dict() | {"version": told}) + "\n", encoding="utf-8")


def _described(name: str) -> Description:
    if Path(name).suffix == ".pth":
        trained = checkpoint.load(Path(name))
        return describe(trained.config, len(trained.labels))
    own = run_names.find(name)
    return describe(own.config, own.classes)


def _version(name: str) -> Head | PhotosVersion | None:
    """Which version of the photos it was given, None where that is not known."""
    if Path(name).suffix == ".pth":
        report = model_info.read(Path(name)).report
        return report.version if report else None
    return known.of_run(run_names.find(name))


def _sentence(found: Description) -> str:
    return (
        f"{found.backbone} ({found.mode}) for {found.classes} labels: {found.parameters:,} parameters, of which "
        f"{found.trained:,} are trained; {found.mult_adds / 1e9:.3f} billion multiply-adds for a photo of "
        f"{found.image_size} x {found.image_size} pixels."
    )


def _cells(part: dict[str, Any]) -> list[str]:
    shape = " x ".join(map(str, part["output"]))
    return [shape, f"{part['parameters']:,}", f"{part['mult_adds'] / 1e6:,.1f} M", training(part) or "-"]


def _steps(block: Block) -> Iterator[str]:
    yield f"{block.name}, its first {block.kind}:"
    numbers = {node.name: number for number, node in enumerate(block.nodes)}
    for node in block.nodes:
        takes = f" <- {' + '.join(str(numbers[name]) for name in node.takes)}" if node.takes else ""
        state = f" ({node.state})" if node.state else ""
        yield f"  {numbers[node.name]}: {', '.join(node.lines)}{takes}{state}"
