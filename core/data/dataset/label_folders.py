"""The label folders of a dataset: found below a folder, checked, and their files counted without opening any."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from core.data.dataset import label_decisions, walk
from core.data.dataset.walk import LeftOut
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label
from core.store import paths


def label_folders(root: Path) -> list[tuple[Label, Path]]:
    """The label folders of a dataset, without those whose link leads astray. Raises UserError for a missing folder, an
    unknown label, or fewer than two."""
    return checked(root)[0]


def checked(root: Path) -> tuple[list[tuple[Label, Path]], list[LeftOut]]:
    """As `label_folders`, and the links that lead astray."""
    if not root.is_dir():
        raise UserError(f"There is no folder {root}: check the path to the photos.")
    try:
        items = sorted(item for item in root.iterdir() if not item.name.startswith("."))
    except PermissionError:
        raise UserError(f"The folder {root} may not be read: check its permissions.") from None
    left_out = [
        LeftOut(str(item), reason) for item in items
        if item.is_symlink() and labels.from_folder(item.name) and (reason := walk.astray(item, reachable(root)))
    ]  # fmt: skip
    astray = {one.path for one in left_out}
    folders = [item for item in items if item.is_dir() and str(item) not in astray]
    found = [(labels.from_folder(folder.name), folder) for folder in folders]
    unknown = [folder for label, folder in found if label is None]
    if unknown:
        raise UserError(_unknown(root, unknown, found))
    if not set(TWO_CLASSES) <= {label for label, _ in found}:
        has = ", ".join(folder.name for folder in folders) or "no folder"
        raise UserError(
            f"{root} has {has}: it needs at least the folders mask and no_mask (and wrong_mask for three classes)."
            + "".join(f" {Path(one.path).name} is {one.reason}." for one in left_out)
        )
    return [(label, folder) for label, folder in found if label], left_out


def reachable(root: Path) -> tuple[Path, ...]:
    """The folders to which links in a dataset may lead."""
    return root.resolve(), *paths.allowed_roots()


def labels_of(root: Path) -> list[Label]:
    """The labels that a dataset has a folder for, in order. Raises UserError for a folder that is no dataset."""
    own = {label for label, _ in label_folders(root)}
    return [label for label in Label if label in own]


def count_files(root: Path) -> dict[Label, int]:
    """Files per label without opening them, for a quick estimate. Raises UserError as `scan` does."""
    count: Counter[Label] = Counter()
    for label, folder in label_folders(root):
        count[label] += sum(not isinstance(item, LeftOut) for item in walk.files(str(folder), reachable(root)))
    for decision in label_decisions.read(root).values():
        if decision.choice != "keep" and decision.was and (root / decision.file).is_file():
            count[decision.was] -= 1
            if decision.label:
                count[decision.label] += 1
    return {label: count[label] for label in Label if count[label]}


def find_datasets(*roots: Path) -> list[Path]:
    """Folders with label folders in these roots, at most two levels down, by name."""
    found = []
    for root in dict.fromkeys(roots):
        candidates = [root, *_folders(root), *(inner for folder in _folders(root) for inner in _folders(folder))]
        found += [folder for folder in candidates if _is_dataset(folder)]
    return sorted(set(found))


def _folders(folder: Path) -> list[Path]:
    try:
        return [item for item in folder.iterdir() if item.is_dir() and not item.name.startswith(".")]
    except OSError:
        return []


def _is_dataset(folder: Path) -> bool:
    names = {labels.from_folder(item.name) for item in _folders(folder)}
    return set(TWO_CLASSES) <= names


def _unknown(root: Path, unknown: list[Path], found: list[tuple[Label | None, Path]]) -> str:
    inside = [folder for folder in unknown if _holds_labels(folder)]
    if inside and len(inside) == len(found):
        return f"{root} holds no label folders itself, but {inside[0]} does: use that path."
    names = ", ".join(repr(folder.name) for folder in unknown)
    *first, last = Label
    return (
        f"{root} has the folder {names}, which is no label: name label folders {', '.join(first)} or {last}, "
        "and move others elsewhere."
    )


def _holds_labels(folder: Path) -> bool:
    return any(item.is_dir() and labels.from_folder(item.name) for item in folder.iterdir())
