"""How starter.pth and its model card, starter.md, are made: `python -m models.recipe PHOTOS` trains on a folder of
faces by label, measures on its test photos, clean and under stress, and writes both files beside this one.

docs/starter.md says what was tried before this recipe was chosen.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from core.cli.main import main as command
from core.evaluation.stress import worker
from core.networks import checkpoint
from core.report import write
from core.schema.errors import UserError
from core.schema.train_config import STARTER, STARTER_BACKBONE
from core.store import paths, runs
from core.store.runs import Run, finished_report

RECIPE = {
    "backbone": STARTER_BACKBONE, "mode": "retrain", "image_size": 128, "epochs": 12, "robust": True,
    "class_weighting": True, "split": (0.65, 0.15, 0.20),
}  # fmt: skip
_CARD = paths.STARTER_FILE.with_suffix(".md")
_ORIGIN = """
## Where the photos come from

Crops of faces (a fifth of the box added on each side) from web photos, of the collection
jolignier/face-mask-dataset-ilc-2021 at commit 1178de4. Most have no licence: none is in this repository, nor in the
model file, which holds digests of the photos' content so that it can say whether it has seen a photo. Labels checked
by eye: about 2 % of mask, 2 to 3 % of no_mask and 5 % of wrong_mask are wrong, in the test photos too.

How it was chosen, and how it does as a start for a user's own photos: docs/starter.md in Mask Lab.
"""


def main(words: list[str]) -> int:
    """Train, or take a finished run of this recipe on these photos as it is; then measure and write both files."""
    if len(words) != 1:
        raise UserError("Usage: python -m models.recipe PHOTOS")
    photos = Path(words[0])
    if _finished(photos) is None and (failed := command(["train", str(photos), *_options()])):
        return failed
    run = _finished(photos)
    assert run is not None, "the command has just finished it"
    _publish(run)
    return 0


def _options() -> list[str]:
    return [part for name, value in RECIPE.items() for part in (f"--{name}", str(value))]


def _finished(photos: Path) -> Run | None:
    return next(
        (run for run in runs.every() if run.report() and run.config.folder == photos.resolve()
         and RECIPE.items() <= run.config.model_dump().items()),
        None,
    )  # fmt: skip


def _publish(run: Run) -> None:
    if not run.stress_file.exists():
        worker.compute(run)
    trained = checkpoint.load(paths.models_dir() / finished_report(run).model)
    # Where the photos lay on this machine is nobody's business.
    config = trained.config.model_copy(update={"dataset": trained.config.folder.name})
    checkpoint.save(paths.STARTER_FILE, replace(trained, config=config))
    with TemporaryDirectory() as folder:
        card = write.write([run], Path(folder)).cards[0].read_text(encoding="utf-8")
    card = card.replace(f"models/{trained.path.name}", f"models/{STARTER}")
    card = card.replace(f"# {trained.path.stem}", "# Starter", 1)
    _CARD.write_text(card.rstrip() + "\n" + _ORIGIN, encoding="utf-8")
    print(f"{paths.STARTER_FILE}\n{_CARD}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        sys.exit(str(error))
