"""The order of an inbox: what is least certain comes first, and a burst takes turns with all others."""

from __future__ import annotations

import pytest

from core.data.collect.inbox.crops import Crop
from core.data.collect.inbox.queue import by_photo, default, order, uncertainty
from core.data.collect.inbox.table import Note
from core.schema.labels import Label


def note(mask: float, said: Label | None = None, own_hash: str = "") -> Note:
    shares = {Label.MASK: mask, Label.NO_MASK: 1 - mask}
    return Note(said, max(shares, key=shares.__getitem__), shares, "own.pth", own_hash)


def crop(group: str, name: str, mask: float, own_hash: str = "") -> Crop:
    return Crop(f".inbox/{group}/{name}", note(mask, own_hash=own_hash), "live")


def names(crops: list[Crop]) -> list[str]:
    return [crop.file.rsplit("/", 1)[1] for crop in crops]


@pytest.mark.parametrize(
    ("said", "unsure"),
    [
        (note(0.5), 1.0), (note(0.9), 0.2), (note(0.9, Label.NO_MASK), 1.0), (note(0.9, Label.MASK), 0.2),
        (Note(), 1.0),
    ],
)  # fmt: skip
def test_uncertainty_is_one_less_the_margin(said, unsure):
    assert uncertainty(said) == pytest.approx(unsure)


def test_what_a_person_said_is_the_default_before_the_guess():
    assert default(note(0.9, Label.NO_MASK)) is Label.NO_MASK
    assert default(note(0.9)) is Label.MASK and default(Note()) is None


def test_the_least_certain_comes_first():
    waiting = [crop("a", "sure", 0.99), crop("b", "tie", 0.5), crop("c", "likely", 0.8)]
    assert names(order(waiting, {})) == ["tie", "likely", "sure"]


def test_thirty_of_one_burst_take_turns_with_the_others():
    burst = [crop("burst", f"burst{number}", 0.5 + number / 1000) for number in range(30)]
    found = names(order([*burst, crop("anna", "anna", 0.99), crop("ben", "ben", 0.9)], {}))
    assert found[:4] == ["burst0", "ben", "anna", "burst1"] and len(found) == 32


def test_near_duplicates_are_one_burst_whatever_their_groups():
    waiting = [
        crop("a", "one", 0.5, f"{0:016x}"), crop("b", "same", 0.51, f"{3:016x}"), crop("c", "other", 0.9, "f" * 16)
    ]  # fmt: skip
    assert names(order(waiting, {})) == ["one", "other", "same"]


def test_who_was_answered_has_had_a_turn():
    waiting = [crop("burst", "second", 0.5), crop("anna", "anna", 0.99)]
    for place in ("mask/burst/first.jpg", ".bin/.inbox/burst/first.jpg"):
        assert names(order(waiting, {place: note(0.5)})) == ["anna", "second"]
    assert names(order(waiting, {".inbox/burst/gone.jpg": note(0.5)})) == ["second", "anna"], "never answered"


def test_an_empty_inbox_has_no_order():
    assert order([], {}) == []


def test_the_faces_of_one_photo_follow_each_other():
    waiting = [crop("party", "1", 0.9), crop("zoo", "2", 0.5), crop("party", "3", 0.6)]
    assert names(by_photo(waiting)) == ["1", "3", "2"]
