"""The direction of imports, and rules that hold for every source file."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests import fast

PROJECT = Path(__file__).resolve().parents[2]
DECLARED, STORED, MATERIALS, INFERENCE, WORK, FIGURES, FACES, PAGES = range(8)
LAYERS = {
    "core.schema": DECLARED, "core.text": DECLARED, "core.store.files": DECLARED,
    # Networks are declared without torch, for whoever lists them.
    "core.networks.registry": DECLARED, "core.networks.zoo": DECLARED, "core.networks.spec": DECLARED,
    "core.networks.counts": DECLARED, "core.networks.torchvision_models": DECLARED,
    "core.store": STORED, "core.machine": STORED,
    "core.data": MATERIALS, "core.networks": MATERIALS,
    "core.store.runs": MATERIALS, "core.store.run_files": MATERIALS, "core.store.sweeps": MATERIALS,
    "core.inference": INFERENCE,
    "core.training": WORK, "core.evaluation": WORK, "core.live": WORK,
    "core.charts": FIGURES, "core.report": FIGURES,
    "core.ui": FACES, "core.cli": FACES, "face_mask_detector": FACES,
    "Home": PAGES, "pages": PAGES, "app": PAGES,
}  # fmt: skip
# Imports between two parts of one layer, beside those of the declarations among each other.
SIDEWAYS = {
    ("core.machine", "core.store.paths"), ("core.store.runs", "core.store.run_files"),
    ("core.store.sweeps", "core.store.runs"), ("core.networks", "core.data.images.preprocessing"),
    ("core.training", "core.evaluation"), ("core.report", "core.charts"), ("face_mask_detector", "core.cli"),
}  # fmt: skip
# A folder holds about a dozen files, and a file no more lines than this.
MOST_FILES, MOST_LINES = 13, 300
# The work of users and of tools, beside the code.
SKIPPED = {".venv", ".git", ".mypy_cache", "runs", "models", "datasets", "cache", "benchmark"}


def sources() -> list[Path]:
    files = (path.relative_to(PROJECT) for path in PROJECT.rglob("*.py"))
    return sorted(path for path in files if path.parts[0] not in SKIPPED)


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def part_of(module: str) -> str | None:
    """The part of the house a module belongs to: the longest name in LAYERS that it begins with."""
    fitting = [part for part in LAYERS if module == part or module.startswith(part + ".")]
    return max(fitting, key=len, default=None)


def imports(source: str, module: str) -> set[str]:
    """Every dotted name that an import statement anywhere in the file may mean."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join(above + ([node.module] if node.module else []))
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def against_the_arrows(source: str, module: str) -> list[str]:
    """Imports of a module that point the wrong way, as sentences."""
    own = part_of(module)
    return [f"{module} imports {name}" for name in sorted(imports(source, module)) if own and not _may(own, name)]


def _may(own: str, name: str) -> bool:
    other = part_of(name)
    if other is None or other == own or LAYERS[other] < LAYERS[own]:
        return True
    if LAYERS[other] == LAYERS[own] == DECLARED:
        return True
    # `from core.data import preprocess` names core.data too: that bare package holds nothing.
    allowed = [target for part, target in SIDEWAYS if part == own]
    return any(name == target or name.startswith(target + ".") or target.startswith(name + ".") for target in allowed)


def uses_streamlit(source: str, module: str) -> bool:
    return any(name.split(".")[0].startswith("streamlit") for name in imports(source, module))


def unsafe_loads(source: str) -> list[int]:
    """Lines of torch.load calls without weights_only=True."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
            safe = any(
                word.arg == "weights_only" and isinstance(word.value, ast.Constant) and word.value.value is True
                for word in node.keywords
            )
            lines += [] if safe else [node.lineno]
    return lines


def read(path: Path) -> str:
    return (PROJECT / path).read_text(encoding="utf-8")


def test_there_are_sources_to_check():
    names = {module_of(path) for path in sources()}
    assert {
        "core.schema.train_config",
        "core.data.dataset.split",
        "core.training.lifecycle.worker",
        "tests.conftest",
    } <= names


def test_imports_point_one_way():
    turned = [line for path in sources() for line in against_the_arrows(read(path), module_of(path))]
    assert turned == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core.schema.train_config", "from core.store import runs"),
        ("core.store.paths", "import core.data.dataset.scan"),
        ("core.data.dataset.scan", "from core.networks import build"),
        ("core.data.dataset.scan", "from core.store import runs"),
        ("core.networks.checkpoint", "from core.data.dataset import scan"),
        ("core.networks.checkpoint", "from core.training.loop import seeded"),
        ("core.evaluation.one_run.predict", "def late():\n    from core.training import loop"),
        ("core.live.stream", "from ..training import loop"),
        ("core.inference.predictor", "from core.live import stream"),
        ("core.training.loop", "from core.live import stream"),
        ("core.training.loop", "from core.ui.training_form import form"),
        ("core.ui.training_form.form", "import face_mask_detector"),
        ("core.evaluation.one_run.measure", "from core.charts import matrix"),
        ("core.charts.matrix", "from core.ui.common import page"),
        ("core.cli.main", "from core.ui.training_form import form"),
        ("core.store.runs", "import Home"),
    ],
)
def test_a_turned_arrow_is_seen(module: str, line: str):
    assert against_the_arrows(line, module)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core.networks.checkpoint", "from core.data.images.preprocessing import Preprocessing"),
        ("core.training.lifecycle.worker", "from core.evaluation.one_run import metrics"),
        ("core.training.lifecycle.worker", "from core.store import paths, runs"),
        ("core.schema.train_config", "from core.schema.errors import UserError"),
        ("core.ui.training_form.form", "from core.training.lifecycle import launch"),
        ("core.report.html", "from core.charts import matrix"),
        ("pages.1_Data", "from core.ui.data import view"),
    ],
)
def test_an_arrow_that_is_right_is_left_alone(module: str, line: str):
    assert against_the_arrows(line, module) == []


def test_only_the_pages_know_streamlit():
    allowed = ("core.ui", "app", "Home", "pages", "tests", "benchmarks")
    knowing = [module_of(path) for path in sources() if uses_streamlit(read(path), module_of(path))]
    assert [module for module in knowing if not module.startswith(allowed)] == []
    assert uses_streamlit("import streamlit_webrtc", "core.live.stream")


def test_pages_never_import_torch():
    pages = [path for path in sources() if part_of(module_of(path)) in ("Home", "pages")]
    loading = [
        module_of(path)
        for path in pages
        if any(name.split(".")[0] in ("torch", "torchvision") for name in imports(read(path), module_of(path)))
    ]
    assert loading == []


def test_every_torch_load_is_weights_only():
    assert {str(path): lines for path in sources() if (lines := unsafe_loads(read(path)))} == {}
    assert unsafe_loads("torch.load(p)\ntorch.load(p, weights_only=False)\ntorch.load(p, weights_only=True)") == [1, 2]


def test_the_quick_files_of_tests_are_there():
    assert sorted(path.stem for path in fast.paths()) == sorted(fast.NAMES)


def test_every_file_begins_with_a_docstring():
    bare = [str(path) for path in sources() if not ast.get_docstring(ast.parse(read(path)))]
    assert bare == []


def test_no_file_is_long_and_no_folder_full():
    own = [path for path in sources() if path.parts[0] in ("core", "pages", "models")]
    long = {str(path): lines for path in own if (lines := read(path).count("\n")) > MOST_LINES}
    folders = Counter(str(path.parent) for path in own)
    assert (long, {folder: files for folder, files in folders.items() if files > MOST_FILES}) == ({}, {})


@pytest.mark.parametrize("package", [path for path in sources() if path.name == "__init__.py"], ids=module_of)
def test_a_package_says_what_each_of_its_modules_is_for(package: Path):
    said = ast.get_docstring(ast.parse(read(package))) or ""
    inside = {path.stem for path in (PROJECT / package.parent).iterdir() if _is_module(path)} - {"__init__"}
    if package.parts[:2] in {("core", "charts"), ("core", "report")} or "`" not in said:
        return
    assert inside - set(re.findall(r"`(\w+)`", said)) == set()


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").is_file()


def test_pages_are_left_and_ended_by_links_alone():
    """See core.ui.common.page.go_to."""
    calls = re.compile(r"\bst\.(switch_page|stop)\(")
    pages = [path for path in sources() if path.parts[:2] == ("core", "ui") or path.parts[0] == "pages"]
    assert not [path for path in pages if calls.search((PROJECT / path).read_text(encoding="utf-8"))]


def test_charts_are_drawn_by_one_function():
    """A chart with Plotly's toolbar has its title covered on a phone."""
    drawn = {str(path) for path in sources() if "plotly_chart(" in (PROJECT / path).read_text(encoding="utf-8")}
    assert drawn == {"core/ui/common/parts.py", "tests/unit/test_architecture.py"}
