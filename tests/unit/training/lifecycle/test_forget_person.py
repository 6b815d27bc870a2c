"""Forgetting a person: nothing of them is left, all of the others is, and who learnt from them is named."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from core.cli.main import main
from core.data.cache import network_outputs, resized_images
from core.data.collect import photo_bin, sources
from core.data.collect.inbox import crops
from core.data.collect.inbox import table as inbox
from core.data.collect.inbox.table import Note
from core.data.collect.staging import place as staging
from core.data.dataset import label_decisions, label_folders, scan
from core.data.images import thumbnail
from core.evaluation.photo_map import kept, worker
from core.evaluation.versions import known
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.train_config import STARTER
from core.store import runs
from core.training.lifecycle import forget_person, launch
from tests.fixtures.support import picture, tiny_config, wait_for


@pytest.fixture(scope="module")
def trained(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with drawn faces, those of each label dealt to eight persons, and a run on them."""
    home = tmp_path_factory.mktemp("forget") / "home"
    for label in label_folders.count_files(faces):
        for place, photo in enumerate(sorted((faces / label).iterdir())):
            folder = home / "datasets" / "drawn" / label / f"person-{place % 8}"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(photo, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(home))
        run = launch.start(tiny_config(home / "datasets" / "drawn"))
        wait_for(lambda: not run.state.active, 120)
        assert run.state.status == "finished"
    return home


@pytest.fixture
def root(trained: Path, own_home: Path) -> Path:
    shutil.copytree(trained, own_home)
    folder = own_home / "datasets" / "drawn"
    for run in runs.every():
        run.write_config(run.config.model_copy(update={"dataset": str(folder)}))
    return folder


def test_nothing_of_a_person_is_left_and_all_of_the_others_is(root):
    before = scan.scan(root)
    person = before.photos[0].folder
    own = {photo.file for photo in before.photos if photo.folder == person}
    others = {photo.file for photo in before.photos} - own
    moved = next(iter(sorted(own)))
    for file in (moved, min(others)):
        label_decisions.decide(root, file, "exclude")
        sources.note(root, {file: "webcam"})
    assert all(thumbnail.thumbnails(root / file for file in own))
    on_its_way = staging.make(root, "a" * 32) / "photo"
    on_its_way.write_bytes(b"nobody knows who")
    traces = forget_person.find(root, person)
    assert set(traces.files) == own and traces.models and traces.runs == tuple(runs.every())
    assert forget_person.forget(root, person) == traces
    assert not on_its_way.exists()
    assert not [path for path in root.rglob("*") if path.name == person]
    assert set(label_decisions.read(root)) == set(sources.read(root)) == {min(others)}
    assert {photo.file for photo in scan.scan(root).photos} == others - {min(others)}
    assert resized_images.size() == network_outputs.size() == 0
    assert not runs.every()[0].augmented_file.exists() and len(thumbnail._kept) == 0
    with pytest.raises(UserError, match="There is nothing of"):
        forget_person.find(root, person)


def test_a_map_that_is_being_drawn_brings_nothing_back(root):
    photo = scan.scan(root).photos[0]
    worker.start(root, STARTER)
    job = worker.job_of(root, STARTER)
    wait_for(lambda: job.state.message == "Laying them out")
    assert network_outputs.size() > 0
    forget_person.forget(root, photo.folder)
    assert not job.state.active and network_outputs.size() == 0 and kept.places(root, STARTER) == {}


def test_a_group_of_groups_csv_is_a_person_too(root):
    files = [photo.file for photo in scan.scan(root).photos][:2]
    table = root / scan.GROUPS_FILE
    table.write_text("file,group,camera\n" + "".join(f"{file},Zoe,1\n" for file in files) + "mask/gone.jpg,Max,2\n")
    assert "Zoe" in forget_person.people(root)
    assert set(forget_person.forget(root, "Zoe").files) == set(files)
    assert not any((root / file).exists() for file in files)
    assert table.read_text() == "file,group,camera\nmask/gone.jpg,Max,2\n"


def test_what_lies_in_the_bin_is_forgotten_as_well(root):
    photo = scan.scan(root).photos[0]
    binned = root / photo_bin.FOLDER / photo.file
    binned.parent.mkdir(parents=True)
    (root / photo.file).rename(binned)
    assert f"{photo_bin.FOLDER}/{photo.file}" in forget_person.forget(root, photo.folder).files
    assert not binned.exists()


def test_what_a_group_has_in_the_bin_is_forgotten_as_well(root):
    file = scan.scan(root).photos[0].file
    (root / scan.GROUPS_FILE).write_text(f"file,group\n{file},Zoe\n")
    assert not photo_bin.throw(root, [file]).failed
    assert forget_person.forget(root, "Zoe").files == (f"{photo_bin.FOLDER}/{file}",)
    assert photo_bin.content(root) == [] and "Zoe" not in forget_person.people(root)


@pytest.mark.parametrize("person", ["", "nobody", "..", "../drawn", "."])
def test_who_is_not_there_is_said_and_nothing_deleted(root, person):
    before = sorted(root.rglob("*"))
    with pytest.raises(UserError, match="There is nothing of"):
        forget_person.forget(root, person)
    assert sorted(root.rglob("*")) == before


def test_a_network_that_learnt_from_others_alone_is_not_named(root, photo_of_a_stranger):
    assert photo_of_a_stranger in forget_person.people(root)
    assert forget_person.find(root, photo_of_a_stranger).models == ()


@pytest.fixture
def photo_of_a_stranger(root: Path) -> str:
    """A person whose photo came after the training."""
    folder = root / Label.MASK / "stranger"
    folder.mkdir()
    picture(99).save(folder / "1.png")
    return folder.name


def test_the_command_deletes_what_it_was_told_to_and_nothing_before(root, capsys):
    person = forget_person.people(root)[0]
    [network] = forget_person.find(root, person).models
    before = sorted(root.rglob("*"))
    assert main(["forget", str(root), person]) == 0
    said = capsys.readouterr().out
    assert "would be deleted" in said and f"models/{network}" in said and "add --yes" in said
    assert sorted(root.rglob("*")) == before
    assert main(["forget", str(root), person, "--yes"]) == 0
    assert f"models/{network}" in capsys.readouterr().out
    assert person not in forget_person.people(root)


def test_who_waits_in_the_inbox_or_left_it_for_the_bin_is_forgotten_too(root, tmp_path):
    data = [(path, path.read_bytes()) for path in sorted((root / "mask").rglob("*.jpg"))[:4]]
    kept = [
        crops.keep(root, content, group, "live", Note(None, Label.MASK))
        for (_, content), group in zip(data, ("live-1", "live-1", "live-1", "live-2"), strict=True)
    ]
    crops.dismiss(root, kept[:1])
    (accepted,) = crops.accept(root, {kept[1]: Label.NO_MASK}).names.values()
    assert "live-1" in forget_person.people(root)
    assert set(forget_person.forget(root, "live-1").files) == {f".bin/{kept[0]}", accepted, kept[2]}
    assert set(inbox.read(root)) == {kept[3]} and crops.content(root) == [kept[3]]
    assert not [path for path in root.rglob("*") if path.name == "live-1"]


def test_an_inbox_that_is_a_link_is_not_followed(root, tmp_path):
    (tmp_path / "elsewhere" / "anna").mkdir(parents=True)
    (root / ".inbox").symlink_to(tmp_path / "elsewhere")
    assert "anna" not in forget_person.people(root)


def test_the_rows_of_a_person_go_from_the_versions_of_runs(root, capsys):
    (run,) = runs.every()
    before, person = known.read(run), forget_person.people(root)[0]
    own = {entry.file for entry in before.entries if entry.person == person}
    # Photos of them that lie under another's name by now, and one that was deleted long ago.
    moved, deleted, *_ = sorted(own)
    (root / moved).rename(root / Label.MASK / "now-elsewhere.jpg")
    (root / deleted).unlink()
    assert own and main(["forget", str(root), person, "--yes"]) == 0
    assert "rows about them in the versions of the photos that 1 runs were given: deleted" in capsys.readouterr().out
    after = known.read(run)
    assert {entry.file for entry in after.entries} == {entry.file for entry in before.entries} - own
    assert (after.id, after.head.forgotten) == (before.id, len(own))
    assert person.encode() not in gzip.decompress(run.version_file.read_bytes())


def test_who_is_only_in_a_version_any_more_can_be_forgotten(root):
    (run,) = runs.every()
    person = forget_person.people(root)[0]
    for label in Label:
        shutil.rmtree(root / label / person, ignore_errors=True)
    assert person not in forget_person.people(root)
    assert forget_person.forget(root, person).versions == (run,)
    assert person not in {entry.person for entry in known.read(run).entries}


def test_a_version_that_can_t_be_read_goes_whole(root):
    (run,) = runs.every()
    person = forget_person.people(root)[0]
    run.version_file.write_bytes(run.version_file.read_bytes()[:-20])
    with pytest.raises(UserError, match="There is nothing of"):
        forget_person.find(root, "nobody")
    assert forget_person.forget(root, person).versions == (run,)
    assert not run.version_file.exists()
