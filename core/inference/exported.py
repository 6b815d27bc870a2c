"""Files that were exported from a model file, and whether they still hold its operating point."""

from __future__ import annotations

import re
from pathlib import Path

from core.inference.runtimes import int8
from core.text.numbers import threshold

POINT = "pass_from_mask_probability"
_HELD = re.compile(rf'<{POINT} value="([0-9.e-]+)"')


def held(xml: Path) -> float | None:
    """The threshold in an exported OpenVINO file, and so in the ONNX file beside it; None where there is no such file,
    or it is none of ours."""
    try:
        found = _HELD.search(xml.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return float(found[1]) if found else None


def outdated(model: Path, used: float, folder: Path | None = None) -> str:
    """Which exported files in a folder (the model file's own) hold another threshold than the one used, 0..1, and what
    to do; empty where none does."""
    xml, said = (folder or model.parent) / f"{model.stem}.xml", []
    own = held(xml)
    if own is not None and own != used:
        said.append(
            f"{xml.stem}.onnx and {xml.name} were exported with ≥ {threshold(own)} and not with ≥ {threshold(used)}: "
            "move them away and export again."
        )
    quantised = int8.path_of(model)
    if quantised.exists() and not int8.fits(model):
        said.append(f"{quantised.name} was made from the model file as it was before, and is not used: make it again.")
    return " ".join(said)
