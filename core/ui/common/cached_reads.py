"""What pages read from disk, cached until it changes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.collect import sources
from core.data.dataset import held_out, label_folders
from core.data.dataset import scan as scans
from core.data.dataset import split as splits
from core.data.dataset.held_out import Sources
from core.data.dataset.scan import Scan
from core.data.dataset.split import Groups
from core.data.dataset.versions import manifest
from core.data.dataset.versions.manifest import Version
from core.data.health import checks
from core.data.health.checks import Finding
from core.evaluation.by_source import parts
from core.evaluation.by_source.parts import Spread
from core.networks import pretrained
from core.networks.registry import NETWORKS
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.train_config import IMAGENET, NO_WEIGHTS, STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths
from core.store.files.file_cache import Recent

# A folder is looked through anew after this time, which is quick for files that were seen before.
_SCAN_SECONDS = 30
_TELL_SECONDS = 0.1
_WORK_KEPT = 8


@st.cache_data(ttl=20, max_entries=4, show_spinner=False)
def datasets(home: str) -> list[Path]:
    """Dataset folders that the pages offer. `home` keys the cache."""
    return label_folders.find_datasets(paths.datasets_dir(), Path(home) / "datasets")


@st.cache_data(ttl=20, max_entries=32, show_spinner=False)
def counts(folder: str) -> dict[Label, int]:
    """Files per label, unopened. Raises UserError for a folder that is no dataset."""
    return label_folders.count_files(Path(folder))


def scan(folder: Path) -> Scan:
    """A dataset's photos, with a progress bar while they are read for the first time."""
    kept = st.session_state.get("scan")
    if kept is None or kept[0] != folder or time.monotonic() - kept[1] > _SCAN_SECONDS:
        bar = st.progress(0.0, "Reading photos")
        found = scans.scan(folder, _counting(bar))
        bar.empty()
        kept = st.session_state["scan"] = (folder, time.monotonic(), found)
    return kept[2]


def _counting(bar: DeltaGenerator) -> scans.Progress:
    """Move the bar, but not for every photo: a message to the browser takes longer than reading many photos."""
    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            bar.progress(done / total, f"Photo {done:,} of {total:,}")

    return count


def groups(found: Scan) -> Groups:
    """Which photos of this session's scan belong together."""
    return _of_scan("groups", found, lambda: splits.find_groups(found))


def held_out_sources(found: Scan, labels: tuple[Label, ...]) -> Sources:
    """Which sources can be left out of a training on these labels. Raises UserError where none can."""
    return _of_scan(f"sources {labels}", found, lambda: held_out.find(found, labels))


def health(found: Scan) -> list[Finding]:
    """What of this session's scan may mislead a training. Raises UserError for a damaged sources.csv."""
    return _of_scan("health", found, lambda: checks.check(found, groups(found)))


def present_version(found: Scan) -> Version:
    """The version that this session's scan is."""
    return _of_scan("version", found, lambda: manifest.of_scan(found))


def split_counts(found: Scan, shares: tuple[float, ...], seed: int) -> dict[str, Counter[Label]]:
    """Photos per label in each part, as a training with these shares and seed would have. Raises UserError as it
    does."""
    return _of_scan(f"split {shares} {seed}", found, lambda: splits.counts(splits.split(found, shares, seed)))


def split_parts(found: Scan, shares: tuple[float, ...], seed: int) -> dict[str, str]:
    """File -> part, as a training with these shares and seed would have. Raises UserError as it does."""
    return _of_scan(
        f"parts {shares} {seed}", found, lambda: {row.file: row.part for row in splits.split(found, shares, seed)}
    )


def split_by_source(found: Scan, shares: tuple[float, ...], seed: int) -> list[Spread]:
    """Photos of each source and label in each part, as a training with these shares and seed would have. Raises
    UserError as it does, and for a damaged sources.csv."""
    return _of_scan(
        f"spread {shares} {seed}", found,
        lambda: parts.spread(splits.split(found, shares, seed), sources.of_photos(found)),
    )  # fmt: skip


def _of_scan(what: str, found: Scan, work: Callable[[], Any]) -> Any:
    """What follows from the session's scan, worked out once for each; only the last few are kept."""
    kept = st.session_state.get("scan_work")
    if kept is None or kept[0] is not found:
        kept = st.session_state["scan_work"] = (found, Recent(_WORK_KEPT))
    if (done := kept[1].get(what)) is None:
        done = work()
        kept[1].put(what, done)
    return done


def forget_scan() -> None:
    """Read the dataset anew: something about its photos has been decided."""
    st.session_state.pop("scan", None)
    counts.clear()


def weights_problem(config: TrainConfig) -> str | None:
    """Why the starting weights are unavailable, or None."""
    return _weights_problem(config.backbone, config.weights, str(pretrained.cache_folder()))


@st.cache_data(ttl=30, max_entries=64, show_spinner=False)
def _weights_problem(backbone: str, name: str, folder: str) -> str | None:
    """Only what the answer depends on keys the cache (`folder` too): looking for a network may take seconds."""
    values = {"dataset": "-", "backbone": backbone, "weights": name, "wrong_mask": False}
    try:
        pretrained.check(TrainConfig.model_validate(values))
        return None
    except UserError as error:
        return str(error)


def first_weights(backbone: str) -> str:
    """What a network of that kind starts from unless configured otherwise: ImageNet where it is available, else the
    starter."""
    if NETWORKS[backbone].imagenet is None:
        return NO_WEIGHTS
    if backbone != STARTER_BACKBONE or not paths.STARTER_FILE.exists():
        return IMAGENET
    return STARTER if _weights_problem(backbone, IMAGENET, str(pretrained.cache_folder())) else IMAGENET


def own_model_files() -> list[Path]:
    """Networks that were trained here, newest first."""
    own = (path for path in paths.models_dir().glob("*.pth") if path.name != STARTER)
    return sorted(own, key=lambda path: path.stat().st_mtime, reverse=True)


def model_files(starter_first: bool) -> list[Path]:
    """The networks that were trained here, newest first, with the starter before or after them."""
    starter = [paths.STARTER_FILE] if paths.STARTER_FILE.exists() else []
    return starter + own_model_files() if starter_first else own_model_files() + starter
