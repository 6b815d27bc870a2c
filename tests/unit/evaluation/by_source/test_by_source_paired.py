"""Two entries by source, counted by hand: who is better where, and which sources are too small to say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.data.collect import sources
from core.evaluation.by_source import paired
from core.evaluation.compare import repeats
from core.evaluation.compare.shared_photos import Key, Shared
from core.evaluation.wording import by_source_words
from core.schema.labels import Label
from tests.fixtures.compare_fixtures import finished_run, right, wrong_on


def shared(*blocks: tuple[str, int, int, int]) -> tuple[Shared, dict[Key, str]]:
    """(source, photos of mask, how many of its first ones a gets wrong, how many of its last ones b does)."""
    source: dict[Key, str] = {}
    right_a: list[bool] = []
    right_b: list[bool] = []
    for name, photos, wrong_a, wrong_b in blocks:
        for number in range(photos):
            source[f"{name}{number}", "mask", 0] = name
            right_a.append(number >= wrong_a)
            right_b.append(number < photos - wrong_b)
    keys = tuple(source)
    guess_a, guess_b = (np.where(np.array(own), "mask", "no_mask") for own in (right_a, right_b))
    true, groups = np.full(len(keys), "mask"), np.array([key[0] for key in keys])
    return Shared(keys, true, groups, guess_a, guess_b, guess_a == "mask", guess_b == "mask"), source


def test_by_hand():
    """On the phone b is right on 20 more of 60; on the site both have 2 of 40 wrong; the friend has 5 photos."""
    found = paired.by_source(*shared(("phone", 60, 24, 4), ("site", 40, 2, 2), ("friend", 5, 0, 5)))
    site, phone, friend = found
    assert [one.source for one in found] == ["site", "phone", "friend"]
    assert (phone.photos, phone.different, phone.groups) == (60, 60, 60)
    assert (phone.balanced.a, phone.balanced.b) == pytest.approx((36 / 60, 56 / 60))
    assert phone.balanced.difference == pytest.approx(20 / 60) and phone.shown
    assert phone.paired.false_alarm_rate.difference == pytest.approx(-20 / 60)
    assert (phone.paired.only_a_right, phone.paired.only_b_right) == (4, 24)
    assert site.balanced.difference == 0 and not site.shown
    assert friend.balanced is None and friend.p_holm is None
    # Two sources were asked about, so the smaller p-value counts twice.
    assert phone.p_holm == pytest.approx(2 * phone.balanced.p_value)
    said = by_source_words.versus_sentence(paired.BySource("A", "B", found))
    assert said.startswith("On phone B is better: B less A is +33.3 points (95 % interval ")
    assert said.endswith(
        "No difference between A and B is shown on 1 other source. Too few photos to compare (30 at least): friend (5)."
    )
    assert by_source_words.versus_row(friend)[-1] == "too few to compare (30 at least)"


def test_nothing_is_said_of_one_source_or_of_none():
    photos, source = shared(("phone", 60, 1, 2))
    assert paired.by_source(photos, source) == () and paired.by_source(photos, {}) == ()


@pytest.fixture
def pair(crowd: Path, tmp_path: Path):
    """Two runs of a few photos of a phone and many of a site; the second is wrong on all of the site."""
    folder = tmp_path / "photos"
    shutil.copytree(crowd, folder)
    files = [f"{label}/{label}-{number:03}.png" for label in Label for number in range(40)]
    sources.note(folder, {file: "phone" if int(file[-7:-4]) < 8 else "site" for file in files})
    weak = [f"-{number:03}.png" for number in range(8, 40)]
    return finished_run(folder, right), finished_run(folder, wrong_on(*weak), epochs=3)


def test_two_runs(pair, capsys):
    reference, other = repeats.entries(pair)
    (found,) = paired.against(reference, [other])
    assert sum(one.different for one in found.sources) == pair[0].report().test.n
    site, phone = found.sources
    assert (site.source, site.balanced.a, site.balanced.b, site.shown) == ("site", 1, 0, True)
    assert (phone.source, phone.paired, phone.different < 30) == ("phone", None, True)
    assert main(["compare", pair[0].id, pair[1].id]) == 0
    out = capsys.readouterr().out
    assert "By source, B against A" in out and "On site A is better" in out
    assert f"Too few photos to compare (30 at least): phone ({phone.different})." in out


def test_runs_that_share_photos_of_one_source_have_no_table(crowd, capsys):
    several = [finished_run(crowd, right, epochs=epochs) for epochs in (2, 3)]
    first, second = repeats.entries(several)
    assert paired.against(first, [second]) == []
    assert main(["compare", *(run.id for run in several)]) == 0
    assert "By source" not in capsys.readouterr().out
