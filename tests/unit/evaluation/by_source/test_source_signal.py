"""How well sources can be told apart: certain where features give them away, chance where they do not, with groups held
together; and the process that finds it out, once until photos, labels or sources change."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.data.collect import sources
from core.data.dataset.scan import Scan, scan
from core.data.dataset.split import find_groups
from core.data.health.label_mix import Leaning
from core.evaluation.by_source import kept, signal, worker
from core.evaluation.by_source.signal import Signal, Told
from core.evaluation.label_issues import imagenet_features
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.wording import source_signal_words
from core.networks import pretrained
from core.schema.errors import UserError
from core.schema.labels import Label
from tests.fixtures.doubts_support import random_network
from tests.fixtures.support import wait_for


@pytest.fixture
def dataset(crowd: Path, tmp_path: Path) -> Path:
    """40 photos of each label: of mask and no_mask half are of the phone and half of the site, of wrong_mask 30 of the
    phone and 10, too few, of the site."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    for label in Label:
        phones = 30 if label == Label.WRONG_MASK else 20
        files = [f"{label}/{label}-{number:03}.png" for number in range(40)]
        sources.note(folder, {file: "phone" if number < phones else "site" for number, file in enumerate(files)})
    return folder


def silent(*count: object) -> None:
    """Nobody listens."""


def asked(folder: Path) -> tuple[Scan, dict[str, str], dict[str, str]]:
    found = scan(folder)
    return found, sources.of_photos(found), find_groups(found).of


def test_what_is_asked_about_and_what_is_left_out(dataset):
    photos, result = signal.drawn(*asked(dataset))
    assert {label: len(own) for label, own in photos.items()} == {Label.MASK: 40, Label.NO_MASK: 40}
    assert result.left_out == {Label.WRONG_MASK: ("site",)}
    assert "wrong_mask: site" in source_signal_words.left_out(result)


def test_of_many_photos_of_a_source_some_are_drawn(dataset, monkeypatch):
    monkeypatch.setattr(signal, "MOST_PHOTOS", 12)
    found, told, groups = asked(dataset)
    photos, _ = signal.drawn(found, told, groups)
    assert [len(own) for own in photos.values()] == [24, 24]
    again, _ = signal.drawn(found, told, groups)
    assert photos == again


def test_few_groups_are_left_out_however_many_photos_there_are(dataset):
    rows = "".join(f"mask/mask-{number:03}.png,anna\n" for number in range(20, 40))
    (dataset / "groups.csv").write_text(f"file,group\n{rows}")
    photos, result = signal.drawn(*asked(dataset))
    assert set(photos) == {Label.NO_MASK} and result.left_out[Label.MASK] == ("site",)


def test_features_that_give_the_source_away_and_features_that_do_not(dataset):
    found, told, groups = asked(dataset)
    photos, _ = signal.drawn(found, told, groups)
    random = np.random.default_rng(0)
    noise = {photo.file: random.normal(size=16) for photo in found.photos}
    plain = {photo.file: np.full(16, told[photo.file] == "phone") for photo in found.photos}
    mask, no_mask = signal.measure(photos, plain, told, groups, silent)
    assert (mask.label, mask.sources, mask.photos, mask.balanced.value) == (Label.MASK, ("phone", "site"), 40, 1.0)
    assert mask.chance == 0.5 and no_mask.balanced.low > 0.8
    for one in signal.measure(photos, noise, told, groups, silent):
        assert abs(one.balanced.value - 0.5) < 0.25 and one.balanced.low < 0.5 < one.balanced.high


def test_photos_of_a_group_do_not_tell_each_other_s_source(dataset):
    """Each of ten people has features of their own that say nothing else, and is of one source alone."""
    rows = [f"no_mask/no_mask-{number:03}.png,{number // 4}\n" for number in range(40)]
    (dataset / "groups.csv").write_text("file,group\n" + "".join(rows))
    found, told, groups = asked(dataset)
    person = {f"no_mask/no_mask-{number:03}.png": number // 4 for number in range(40)}
    vectors = {photo.file: 9.0 * (np.arange(10) == person.get(photo.file, -1)) for photo in found.photos}
    photos, _ = signal.drawn(found, told, groups)
    (one,) = signal.measure({Label.NO_MASK: photos[Label.NO_MASK]}, vectors, told, groups, silent)
    assert one.balanced.value <= 0.5


@pytest.fixture
def looked_at(dataset, monkeypatch) -> Path:
    """The dataset once its photos have been through a network, for a machine without ImageNet weights."""
    monkeypatch.setattr(imagenet_features, "build", random_network)
    files = [photo.file for photo in scan(dataset).photos]
    assert len(imagenet_features.find(dataset, files)) == 120
    return dataset


def test_a_process_finds_it_out_and_it_is_kept_until_something_changes(looked_at, capsys):
    worker.start(looked_at)
    job = worker.job_of(looked_at)
    wait_for(lambda: not job.state.active, 180)
    assert job.state.status == "finished", job.log_tail()
    key, found = kept.read(looked_at)
    assert key == kept.key(*asked(looked_at))
    assert [one.label for one in found.labels] == [Label.MASK, Label.NO_MASK]
    assert found == worker.find(looked_at, silent), "the same again"
    assert main(["health", str(looked_at)]) == 0
    out = capsys.readouterr().out
    assert "phone" in out and "told apart" in out and "wrong_mask: site" in out
    sources.note(looked_at, {"mask/mask-000.png": "site"})
    assert kept.key(*asked(looked_at)) != key
    assert main(["health", str(looked_at)]) == 0
    assert "add --sources" in capsys.readouterr().out


def test_a_damaged_record_counts_as_none(looked_at, own_home):
    worker.find(looked_at, silent)
    (record,) = (own_home / "cache" / "sources").iterdir()
    record.write_text(record.read_text().replace("0.", "1.", 1))
    assert kept.read(looked_at) is None


def test_without_weights_it_is_a_sentence(dataset, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(pretrained, "_reachable", lambda host: False)
    assert main(["health", str(dataset), "--sources"]) == 2
    out, err = capsys.readouterr()
    assert "phone" in out and err == f"{worker.without_weights()}\n"
    assert "which are not on this machine: put mobilenet_v2" in err


def test_sources_that_can_t_be_measured_are_a_sentence(crowd, tmp_path, capsys):
    assert main(["health", str(crowd), "--sources"]) == 2
    assert "are of one source" in capsys.readouterr().err
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    sources.note(folder, {"mask/mask-000.png": "phone"})
    with pytest.raises(UserError, match=r"No label of .* has two sources with 20 photos in 5 groups each"):
        worker.find(folder, silent)


def test_what_it_means():
    def of(share: float) -> Signal:
        return Signal((Told(Label.MASK, ("a", "b"), 90, Estimate(share, share, share)),), {})

    (said,) = source_signal_words.sentences(of(0.99), [Leaning(Label.WRONG_MASK, "x", 0.97, 0.1)])
    assert said.replace("\u00a0", " ") == (
        "97 % of wrong_mask is of the source x, and sources can be told apart with 99 % (chance: 50 %): a network may "
        "learn the source instead of the mask. Leave one source out to see."
    )
    assert "a network can see where a photo is from" in source_signal_words.sentences(of(0.8), [])[0]
    assert "is not plain to see" in source_signal_words.sentences(of(0.6), [])[0]
