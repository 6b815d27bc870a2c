"""One source held out: it alone is tested, nothing that belongs with it trains, and which sources can be left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.data.collect import sources
from core.data.dataset import held_out
from core.data.dataset import split as splits
from core.data.dataset.scan import GROUPS_FILE, Photo, Scan, scan
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from tests.fixtures.compare_fixtures import make_crowd
from tests.fixtures.support import tiny_config

EVERY = {"mask": 30, "no_mask": 30, "wrong_mask": 30}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_crowd(tmp_path_factory.mktemp("crowd") / "photos", per_class=100)


@pytest.fixture
def dataset(pictures: Path, tmp_path: Path) -> Callable[..., Scan]:
    """Makes a folder with so many photos per label of each source; those of "" have none."""

    def make(**of: Mapping[str, int]) -> Scan:
        folder, used = tmp_path / "photos", dict.fromkeys(THREE_CLASSES, 0)
        told = {}
        for source, counts in of.items():
            for label, count in counts.items():
                (folder / label).mkdir(parents=True, exist_ok=True)
                for _ in range(count):
                    file = f"{label}/{label}-{used[Label(label)]:03}.png"
                    used[Label(label)] += 1
                    shutil.copyfile(pictures / file, folder / file)
                    told[file] = source
        sources.note(folder, {file: source for file, source in told.items() if source != "unnamed"})
        return scan(folder)

    return make


def config(found: Scan, source: str, **values):
    return tiny_config(found.root, held_out_source=source, **values)


def test_all_of_the_source_is_tested_and_none_of_it_trains(dataset):
    found = dataset(phone=EVERY, site=EVERY, web={"no_mask": 25})
    told = sources.of_photos(found)
    for source in ("phone", "site", "web"):
        rows = splits.of_config(found, config(found, source))
        assert {row.file for row in rows if row.part == "test"} == {file for file, own in told.items() if own == source}
        assert len(rows) == len(found.photos)
        counts = splits.counts(rows)
        assert counts["train"][Label.MASK] > 3 * counts["val"][Label.MASK] > 0
    assert rows == splits.of_config(found, config(found, "web")), "the same each time"
    assert rows != splits.of_config(found, config(found, "web", seed=1))


def test_photos_without_a_source_are_one_source(dataset):
    found = dataset(phone=EVERY, unnamed=EVERY)
    rows = splits.of_config(found, config(found, "unknown"))
    named = sources.read(found.root)
    assert {row.file for row in rows if row.part == "test"} == {photo.file for photo in found.photos} - named.keys()


def test_what_belongs_with_the_source_leaves_training(dataset, tmp_path):
    dataset(phone=EVERY, site=EVERY)
    root = tmp_path / "photos"
    # One person before both cameras, a near duplicate, and an exact copy.
    (root / GROUPS_FILE).write_text(
        "file,group\nmask/mask-000.png,anna\nmask/mask-030.png,anna\nno_mask/no_mask-059.png,anna\n"
    )
    shutil.copyfile(root / "mask" / "mask-001.png", root / "mask" / "copy.png")
    sources.note(root, {"mask/copy.png": "site"})
    found = scan(root)
    away = {"mask/mask-030.png", "no_mask/no_mask-059.png", "mask/copy.png"}
    assert splits.linked_to(found, "phone") == away
    rows = splits.of_config(found, config(found, "phone"))
    assert {photo.file for photo in found.photos} - {row.file for row in rows} == away
    groups = {part: {row.group for row in rows if row.part == part} for part in splits.PARTS}
    assert not groups["test"] & (groups["train"] | groups["val"])
    assert len([row for row in rows if row.part == "test"]) == 90


def test_two_classes_leave_wrong_mask_out(dataset):
    found = dataset(phone=EVERY, site={"mask": 30, "no_mask": 30})
    rows = splits.of_config(found, config(found, "phone", wrong_mask=False))
    assert {row.label for row in rows} == set(TWO_CLASSES)
    with pytest.raises(UserError, match="Without the photos of phone, the training part would hold no wrong_mask"):
        splits.of_config(found, config(found, "phone"))


def test_a_source_that_is_not_there_is_a_sentence(dataset):
    found = dataset(phone=EVERY, site=EVERY)
    with pytest.raises(UserError, match="no usable photo of the source webcam: its sources are phone, site"):
        splits.of_config(found, config(found, "webcam"))


def test_a_start_that_has_seen_the_source_is_refused(dataset):
    found = dataset(phone=EVERY, site=EVERY)
    told = sources.of_photos(found)
    digests = {own: [photo.digest for photo in found.photos if told[photo.file] == own] for own in ("phone", "site")}
    with pytest.raises(UserError, match="none has learnt from 1 photo of the source phone"):
        splits.of_config(found, config(found, "phone"), digests["phone"][:1])
    rows = splits.of_config(found, config(found, "phone"), digests["site"][:20])
    assert all(row.part == "test" for row in rows if told[row.file] == "phone")
    assert all(row.part == "train" for row in rows if row.file in {photo.file for photo in found.photos if
               photo.digest in digests["site"][:20]})  # fmt: skip


def test_a_fold_and_a_source_do_not_go_together():
    with pytest.raises(UserError, match="held_out_source: the test part is one fold or one source, not both"):
        tiny_config(Path("x"), held_out_source="phone", folds=5)


def test_which_sources_can_be_left_out(dataset):
    some, few = {"mask": 30, "no_mask": 20}, {"mask": 19, "no_mask": 19}
    photos = dataset(phone=EVERY, site=some, few=few, unnamed={"mask": 20})
    found = held_out.find(photos, THREE_CLASSES)
    assert found.tested == ("site", "unknown")
    assert found.kept == {
        "phone": "without it there is too little wrong_mask to learn from",
        "few": "it has fewer than 20 photos of each label",
    }
    assert found.words == (
        "2 trainings, each tested on a source that it never saw: site, unknown. phone always trains: without it there "
        "is too little wrong_mask to learn from. few always trains: it has fewer than 20 photos of each label. 20 "
        "photos that sources.csv does not name count as the source unknown."
    )
    two = held_out.find(photos, TWO_CLASSES)
    assert two.tested == ("phone", "site", "unknown")


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ({"unnamed": EVERY}, r"of one source \(unknown\).*in sources\.csv beside them \(columns file and source\)"),
        ({"phone": EVERY}, r"of one source \(phone\)"),
        ({"a": {"mask": 9, "no_mask": 9}, "b": {"mask": 9}}, "No source can be left out: a: it has fewer than 20"),
    ],
)
def test_none_can_be_left_out(dataset, of, message):
    with pytest.raises(UserError, match=message):
        held_out.find(dataset(**of), THREE_CLASSES)


def test_every_photo_of_many_is_told_once():
    photos = tuple(Photo(f"mask/{n}.jpg", Label.MASK, 9, 9, str(n), f"{n * 2**40:016x}", "") for n in range(3))
    assert sources.of_photos(Scan(Path("/nowhere"), photos, (), {})) == dict.fromkeys(
        [photo.file for photo in photos], "unknown"
    )
