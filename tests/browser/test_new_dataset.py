"""A dataset's beginning and a person's end in it, on the Data page of a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.data.dataset.label_folders import count_files
from core.schema.labels import Label
from core.training.lifecycle import forget_person
from tests.browser.harness import Server, serve, settle
from tests.fixtures.support import picture


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("new") / "home"
    for person, count in (("Anna", 3), ("Ben", 2)):
        _photos(home / "datasets" / "two_people", person, count)
    started = serve(home)
    yield started
    started.kill()


def test_a_new_dataset_is_chosen_and_asks_for_photos(page: Page, server: Server):
    page.goto(f"{server.url}/Data")
    page.get_by_role("button", name="New dataset").click()
    page.get_by_label("Name", exact=True).fill("My class")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    folder = server.home / "datasets" / "My_class"
    assert sorted(path.name for path in folder.iterdir()) == sorted(Label)
    expect(page.get_by_test_id("stMain").get_by_role("combobox", name="Photos")).to_have_value("datasets/My_class")
    expect(page.get_by_role("radio", name="Add photos")).to_be_checked()
    page.get_by_role("button", name="New dataset").click()
    page.get_by_label("Name", exact=True).fill("my/class")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("can't be a folder's name")).to_be_visible()


def test_a_person_is_forgotten_after_what_is_lost_was_said(page: Page, server: Server):
    folder = server.home / "datasets" / "two_people"
    page.goto(f"{server.url}/Data")
    settle(page)
    photos = page.get_by_test_id("stMain").get_by_role("combobox", name="Photos")
    photos.click()
    page.get_by_role("option", name="datasets/two_people").click()
    page.get_by_role("tab", name="Groups and sizes").click()
    page.get_by_role("button", name="Forget a person").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("combobox", name="Person").click()
    page.get_by_role("option", name="Anna", exact=True).click()
    expect(asked.get_by_text("6 files of Anna")).to_be_visible()
    expect(asked.get_by_text("This can't be undone.")).to_be_visible()
    assert forget_person.people(folder) == ["Anna", "Ben"]
    asked.get_by_role("button", name="Forget", exact=True).click()
    expect(asked.get_by_text("Reports that were written with photos")).to_be_visible()
    assert forget_person.people(folder) == ["Ben"]
    assert count_files(folder) == {Label.MASK: 2, Label.NO_MASK: 2}


def _photos(folder: Path, person: str, count: int) -> None:
    for at, label in enumerate((Label.MASK, Label.NO_MASK)):
        own = folder / label / person
        own.mkdir(parents=True)
        for number in range(count):
            picture(100 * at + 10 * len(person) + number).save(own / f"{number}.png")
