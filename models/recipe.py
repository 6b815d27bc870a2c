"""How starter.pth and its model card, starter.md, are made: `python -m models.recipe FOLDER ...` trains on faces of
several sources, a folder each, and once without each source that can be left out; it chooses the operating point on
those, measures on test photos, clean and under stress, and writes both files beside this one.

docs/starter.md says what was tried before this recipe was chosen.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from core.cli.main import main as command
from core.data.dataset import held_out, label_decisions
from core.data.dataset.scan import scan
from core.evaluation.new_source import over_sources, results
from core.evaluation.stress import worker
from core.networks import checkpoint
from core.report import write
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.train_config import STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths, runs
from core.store.runs import Run, finished_report

RECIPE = {
    "backbone": STARTER_BACKBONE, "mode": "retrain", "image_size": 128, "epochs": 6, "robust": True,
    "class_weighting": True, "average_weights": True, "split": (0.75, 0.15, 0.10),
    # The same weights wherever it is trained: what is fastest differs from machine to machine.
    "precision": "float32",
}  # fmt: skip
# Where the photos of each folder come from: its name is that of the source.
SOURCES = {
    "faces": "jolignier/face-mask-dataset-ilc-2021 at commit 1178de4: web photos",
    "karys": "karysutariya/Facemask-type-detection at commit bfebdad: web stock and press photos",
    "elaysason": "elaysason/Mask-Wearing-Deciding-With-Deep-Learning at commit b5501cb: web photos, no masks worn well",
    "smitdesai": "smitdesai1010/COMP6721---Face-Mask-Classification at commit 94b1ad2: retail pictures and portraits",
    "karanfriends_rwmfd": "KaranFriends/Mask-Dataset at commit b81cf14: celebrities",
    "jamesnogra": "jamesnogra/ImproperMaskDetector at commit 3d4394c: grey faces of 64 pixels, mostly of one man",
    "maskedfacenet": "MaskedFace-Net by atul-ramkrishnan/Facemask-Classification at commit 84927bc, "
                     "marcushojww/properMaskWearingDetector at commit e8489b4 and "
                     "baskoroadiw/MaskedFaceSegmentation-Dataset at commit 87897e1: masks drawn onto real faces",
}  # fmt: skip
_DATASET = "starter"
# Labels that are wrong by eye, as decisions.csv has them: found where networks that never saw the source were surest of
# another label.
_LABELS = paths.STARTER_FILE.with_suffix(".labels.csv")
_CARD = paths.STARTER_FILE.with_suffix(".md")
_ORIGIN = """
## Where the photos come from

Crops of faces (a fifth of the box added on each side) of collections on GitHub. They state no licence for the photos:
none is in this repository, nor in the model file, which holds digests of the photos' content so that it can say whether
it has seen a photo.

{sources}

Labels checked by eye in the first: about 2 % of mask, 2 to 3 % of no_mask and 5 % of wrong_mask are wrong, in the test
photos too; {corrected} of them are corrected or left out (models/starter.labels.csv). Who the people are was not
recorded: nothing says that it serves all ages, skins and beards alike.

How it was chosen, and how it does as a start for a user's own photos: docs/starter.md in Mask Lab.
"""


def main(words: list[str]) -> int:
    """Train, or take finished runs of this recipe on these photos as they are; then measure and write both files."""
    folders = {Path(word).name: Path(word) for word in words}
    if folders.keys() != SOURCES.keys():
        raise UserError(f"Usage: python -m models.recipe FOLDER ..., folders of these names: {', '.join(SOURCES)}.")
    photos = dataset(folders)
    run = _trained(photos)
    for source in held_out.find(scan(photos), run.config.labels).tested:
        _trained(photos, source)
    found = results.like(run)
    assert found is not None, "a network for each source was trained just now"
    over_sources.adopt(run, found)
    _publish(run)
    return 0


def weights_digest(trained: checkpoint.Trained) -> str:
    """A digest of the network's weights alone: a model file also holds when it was made, and how long that took."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(trained.network.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()


def dataset(folders: dict[str, Path]) -> Path:
    """Source -> its folder as one dataset, with the labels that were corrected. A photo that an earlier call has
    imported is passed over. Raises UserError where these are other photos."""
    root = paths.datasets_dir() / _DATASET
    for label in Label:
        (root / label).mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        if failed := command(["import", str(folders[source]), str(root), "--source", source]):
            sys.exit(failed)
    shutil.copyfile(_LABELS, root / label_decisions.FILE)
    for file in label_decisions.read(root):
        if not (root / file).is_file():
            raise UserError(f"These are not the photos of the recipe: {file} is missing, which {_LABELS.name} names.")
    return root


def _trained(photos: Path, without: str = "") -> Run:
    """A finished run of the recipe on these photos, or on those that are not of a source."""
    wanted = TrainConfig.model_validate(RECIPE | {"dataset": str(photos.resolve()), "held_out_source": without})
    if _finished(wanted) is None:
        options = [word for name, value in RECIPE.items() for word in (f"--{name}", *_words(value))]
        if failed := command(["train", str(photos), *options, "--held_out_source", without]):
            sys.exit(failed)
    run = _finished(wanted)
    assert run is not None, "the command has just finished it"
    return run


def _words(value: object) -> Iterable[str]:
    return map(str, value) if isinstance(value, tuple) else (str(value),)


def _finished(wanted: TrainConfig) -> Run | None:
    return next((run for run in runs.every() if run.report() and run.config == wanted), None)


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
    sources = "\n".join(f"- {name}: {where}." for name, where in SOURCES.items())
    origin = _ORIGIN.format(sources=sources, corrected=len(label_decisions.read(trained.config.folder)))
    _CARD.write_text(card.rstrip() + "\n" + origin, encoding="utf-8")
    print(f"{paths.STARTER_FILE}\n{_CARD}\nweights {weights_digest(trained)}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        sys.exit(str(error))
