"""A run on the version of the photos that another run was given: those photos and labels, or a question first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.cli.main import main
from core.data.collect import sources
from core.data.dataset import label_decisions
from core.data.dataset import split as splits
from core.data.dataset.label_decisions import Decision
from core.data.dataset.scan import scan
from core.data.dataset.versions import manifest, photos_of
from core.evaluation.versions import known
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import runs
from core.store.runs import Run, create
from core.training import prepare
from core.training.lifecycle import launch
from tests.fixtures.cli_support import TINY
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import picture, tiny_config


@pytest.fixture
def root(faces: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(faces, tmp_path / "own"))


def _prepared(run: Run) -> prepare.Photos:
    return prepare.photos(run, None, lambda done, total: None)


def _change(root: Path) -> None:
    """Something of each kind that leaves every photo's content there."""
    photos = scan(root).photos
    files = [photo.file for photo in photos if photo.label is Label.NO_MASK]
    picture(70).save(root / "mask" / "added.png")
    label_decisions.decide_many(root, [Decision(files[0], "exclude"), Decision(files[1], "relabel", Label.MASK)])
    sources.note(root, {files[2]: "phone"})
    (root / "groups.csv").write_text("file,group\n" + "".join(f"{file},{n % 5}\n" for n, file in enumerate(files)))


def test_a_run_on_the_version_of_another_is_given_just_what_that_was(root):
    first = create(tiny_config(root), 3)
    given = _prepared(first)
    version = known.read(first)
    assert version.head.photos == len(given.rows) and given.version == version.head
    _change(root)
    plain = create(tiny_config(root), 3)
    assert _prepared(plain).rows != given.rows and known.read(plain).id != version.id
    again = create(tiny_config(root, version=version.id), 3)
    repeated = _prepared(again)
    assert repeated.rows == given.rows and repeated.digests == given.digests
    assert known.read(again).id == version.id
    shutil.rmtree(first.folder)
    assert _prepared(again).rows == given.rows, "its own manifest stands for the other run's"


def test_a_held_out_source_is_the_version_s(root):
    photos = [photo.file for photo in scan(root).photos]
    sources.note(root, {file: "site" for file in photos[::2]})
    first = create(tiny_config(root, held_out_source="site"), 3)
    given = _prepared(first)
    sources.note(root, dict.fromkeys(photos, "other"))
    again = create(tiny_config(root, held_out_source="site", version=known.read(first).id), 3)
    assert _prepared(again).rows == given.rows


def test_a_resumed_run_keeps_the_version_it_began_with(root):
    run = create(tiny_config(root), 3)
    _prepared(run)
    before = run.version_file.read_bytes()
    _change(root)
    _prepared(run)
    assert run.version_file.read_bytes() == before


def test_a_run_of_an_older_release_gets_no_version_when_it_is_resumed(root):
    run = create(tiny_config(root), 3)
    _prepared(run)
    run.version_file.unlink()
    assert _prepared(run).version is None and not run.version_file.exists()


def test_a_table_of_sources_that_is_damaged_keeps_nobody_from_training(root):
    (root / "sources.csv").write_text("nonsense\n")
    assert _prepared(create(tiny_config(root), 3)).version


def test_photos_that_are_gone_or_changed_are_named_before_a_run_exists(root, monkeypatch):
    first = finished_run(root, right)
    gone, changed = (photo.file for photo in scan(root).photos[:2])
    (root / gone).unlink()
    picture(5).save(root / changed)
    # By the run's id as well as by the beginning of the version's.
    for name in (first.id, known.read(first).id[:6]):
        with pytest.raises(launch.MissingError, match=gone) as refused:
            launch.start(tiny_config(root, version=name))
        assert refused.value.files == {gone: photos_of.GONE, changed: photos_of.CHANGED}
    assert runs.every() == [first]
    monkeypatch.setattr(launch, "begin", lambda run: None)
    started = launch.start(tiny_config(root, version=first.id), without_missing=True)
    assert started.config.version == known.read(first).id
    photos = _prepared(started)
    assert not {gone, changed} & {row.file for row in photos.rows}
    assert {item.file: item.reason for item in photos.refused} == {gone: photos_of.GONE, changed: photos_of.CHANGED}


def test_a_version_that_nobody_knows_is_a_sentence(root):
    old = create(tiny_config(root), 3)
    for name, words in (("abcdef", "No run was given a version 'abcdef'"), ("x/../y", "There is no run"),
                        (old.id, "does not tell which photos it was given")):  # fmt: skip
        with pytest.raises(UserError, match=words):
            launch.start(tiny_config(root, version=name))


def test_versions_that_begin_alike_are_to_be_told_apart(root, monkeypatch):
    first = finished_run(root, right)
    _change(root)
    second = finished_run(root, right)
    for run, own in ((first, "aaaa1" + 27 * "0"), (second, "aaaa2" + 27 * "0")):
        version = known.read(run)
        head = manifest.Head(own, version.head.photos, version.head.when, forgotten=1)
        manifest.write(manifest.Version(head, version.entries), run.version_file)
    with pytest.raises(UserError, match="2 versions begin with aaaa"):
        known.find("aaaa")
    assert known.find("aaaa2").id == "aaaa2" + 27 * "0"


def test_the_command_asks_before_it_goes_on_without_photos(root, capsys):
    first = finished_run(root, right)
    gone = scan(root).photos[0].file
    (root / gone).unlink()
    _change(root)
    words = ["train", str(root), *TINY, "--weights", "none", "--epochs", "1", "--version", first.id]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out.startswith(f"{gone}: ") and "Nothing was trained: 1 photo of that version is gone or changed" in err
    assert main([*words, "--yes"]) == 0
    made = runs.every()[0]
    report, own = made.report(), known.read(made)
    assert report.version.id == own.id and report.version.photos == own.head.photos
    assert set(own.digests) == set(known.read(first).digests) - {gone}
    assert {row.file for row in splits.read(made.split_file)} == set(own.digests)
    capsys.readouterr()
    assert main(["describe", made.id]) == 0
    said = capsys.readouterr().out
    assert f"Trained on version {own.id[:8]} ({own.head.photos} photos, " in said
    assert main(["describe", f"{runs.paths.models_dir()}/{report.model}"]) == 0
    assert f"Trained on version {own.id[:8]}" in capsys.readouterr().out


def test_yes_belongs_to_a_version(root, capsys):
    assert main(["train", str(root), "--yes"]) == 2
    assert "type it beside that" in capsys.readouterr().err
