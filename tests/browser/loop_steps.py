"""Steps from a new dataset to a network that was trained again, as a user takes them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from core.data.synthetic.demo import make_clip
from core.schema.labels import THREE_CLASSES, Label
from core.store import runs
from core.store.runs import Run
from tests.browser.harness import PATIENCE, PLAYER, TRAINED, rest
from tests.browser.steps import hold, start_camera, stop_player
from tests.fixtures.support import wait_for


class Camera:
    """Chromium's fake camera: it reads its clip again whenever it is started."""

    def __init__(self, clip: Path) -> None:
        self.clip = clip
        self.shows(Label.NO_MASK, seed=0)

    def shows(self, label: Label, seed: int) -> None:
        """Have one drawn person, who is another one for each seed, stand before the camera when it is started next."""
        make_clip(self.clip, [(str(label), 1.0)], fps=6, seed=seed)


class Loop:
    """A user at a page. `look` is called where there is something to see."""

    def __init__(self, page: Page, url: str, camera: Camera, look: Callable[[], object] = lambda: None) -> None:
        self.page, self.url, self.camera, self.look = page, url, camera, look

    def new_dataset(self, name: str) -> None:
        """Make it on the Data page."""
        self.page.goto(f"{self.url}/Data")
        self.page.get_by_role("button", name="New dataset").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.look()
        self.page.get_by_role("button", name="Make it").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def take_all(self, people: Sequence[str], at_least: int) -> None:
        """So many photos or more of each person with each label."""
        for number, person in enumerate(people):
            for label in THREE_CLASSES:
                self.take_photos(label, person, number, at_least)

    def take_photos(self, label: Label, person: str, seed: int, at_least: int) -> None:
        """Hold the button until so many photos of a person are saved."""
        self.camera.shows(label, seed)
        # Lets the camera go.
        self.page.goto(f"{self.url}/Data")
        rest(self.page)
        if not (ways := self.page.get_by_role("radio", name="Add photos")).is_checked():
            ways.click()
        box = self.page.get_by_role("combobox", name="Person")
        # What the view before showed has one too, and is there for a while.
        expect(box).to_have_count(1)
        self.page.get_by_role("radio", name=re.compile(rf"\b{label}$")).click()
        box.fill(person)
        box.press("Enter")
        shutter = start_camera(self.page)
        expect(self.page.locator(".now")).to_have_text(f"{label} · {person}")
        hold(self.page, shutter, at_least)
        self.look()

    def train(self, choice: str) -> Run:
        """Train from Home's form, as quickly or as well as that choice, and wait for the network."""
        self.page.goto(self.url)
        # The circle itself is covered.
        self.page.get_by_test_id("stSidebar").get_by_text(choice, exact=True).click()
        expect(self.page.get_by_role("radio", name=re.compile(f"^{choice}"))).to_be_checked()
        rest(self.page)
        return self._trained()

    def train_again(self, run: Run) -> Run:
        """Train with the same settings on what the dataset holds now."""
        self.page.goto(f"{self.url}/Runs?run={run.id}")
        self.page.get_by_role("button", name="Train again with changes").click()
        self.page.wait_for_url(re.compile(r"/(\?.*)?$"))
        rest(self.page)
        return self._trained()

    def live(self, label: Label, seed: int) -> None:
        """Go from a run's page to Live with its network, and wait for what it says of the person at the camera."""
        self.camera.shows(label, seed)
        self.page.get_by_role("link", name="Try live").first.click()
        self.page.frame_locator(PLAYER).get_by_role("button", name="START").click()
        expect(self.page.locator(".reading[data-label]").first).to_be_visible()
        self.look()

    def say_what_is_right(self, label: Label) -> None:
        """Have the face kept with this label, and stop the camera."""
        self.page.get_by_role("button", name="This is wrong").first.click()
        expect(self.page.get_by_text("Which label is right?")).to_be_visible()
        self.look()
        self.page.get_by_role("button", name=re.compile(f" {label}$")).click()
        expect(self.page.get_by_text("Kept in the inbox of")).to_be_visible()
        self.look()
        stop_player(self.page)

    def label_what_waits(self) -> None:
        """Take the one face in the inbox into the dataset with the label that was said."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Data", exact=True).click()
        self.page.get_by_role("radio", name="Inbox (1)").click()
        expect(self.page.locator(".place[data-file]")).to_be_visible()
        self.look()
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_text("All done")).to_be_visible()

    def compare(self) -> None:
        """Open Compare, which begins with the newest runs on these photos."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Compare", exact=True).click()
        expect(self.page.get_by_role("heading", name=re.compile("too few to compare|is shown|points"))).to_be_visible()
        rest(self.page)
        self.look()

    def _trained(self) -> Run:
        before = len(runs.every())
        self.look()
        self.page.get_by_test_id("stSidebar").get_by_role("button", name="Train", exact=True).click()
        self.page.wait_for_url("**/Runs?run=*")
        wait_for(lambda: len(runs.every()) > before, PATIENCE)
        run = runs.every()[0]
        wait_for(lambda: not run.state.active, TRAINED)
        assert run.state.status == "finished", run.state.message
        expect(self.page.get_by_role("link", name="Try live").first).to_be_visible()
        self.look()
        return run
