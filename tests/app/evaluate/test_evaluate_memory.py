"""Evaluate's photos: 60 pictures of 12 megapixels take less than 500 MB of a server, and are classified once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from core.store.paths import PROJECT
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import picture

_MEGABYTES = 500
_SCRIPT = """
import json, resource, sys, threading
from pathlib import Path
from streamlit.testing.v1 import AppTest
from core.inference.predictor import Predictor

# What it takes to load a network is no part of what photos take.
Predictor(Path(sys.argv[2]), exact=True)
answers, real = [], Predictor.probabilities

def counted(self, crops):
    if threading.current_thread().name != "load a network":
        answers.append(len(crops))
    return real(self, crops)

Predictor.probabilities = counted

def told(app):
    assert not app.exception, app.exception
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    cards = sum(button.label == "Why?" for button in app.button)
    return {"megabytes": peak, "answers": sum(answers), "cards": cards}

app = AppTest.from_file(sys.argv[1], default_timeout=120)
app.switch_page("pages/4_Evaluate.py")
app.query_params["evaluate_model"], app.query_params["view"] = "tiny", "Photos"
steps = [told(app.run())]
app.segmented_control(key="eval_from").set_value("From a folder").run()
steps.append(told(app.slider(key="eval_count").set_value(60).run()))
steps.append(told(app.button(key="why_3").click().run()))
steps.append(told(app.segmented_control(key="eval_as").set_value("Cropped to the face").run()))
steps.append(told(app.run()))
print(json.dumps(steps))
"""


def test_sixty_large_photos_take_little_memory_and_are_classified_once(tmp_path: Path, own_home: Path):
    for number, label in enumerate(("mask", "no_mask")):
        folder = tmp_path / "datasets" / "large" / label
        folder.mkdir(parents=True)
        picture(number, 4000, 3000).save(folder / "0.jpg", quality=80)
        whole = (folder / "0.jpg").read_bytes()
        for copy in range(1, 30):
            # What follows a JPEG's end is no part of its picture.
            (folder / f"{copy}.jpg").write_bytes(whole + bytes([copy]))
    model = tiny_model(own_home / "models" / "tiny.pth")
    said = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(PROJECT / "Home.py"), str(model)], cwd=PROJECT, capture_output=True,
        text=True, env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    before, whole, again, cropped, once_more = json.loads(said.stdout.splitlines()[-1])
    assert whole["cards"] == 60 and cropped["cards"] >= 60
    assert whole["answers"] - before["answers"] == 60
    assert again["answers"] == whole["answers"] and once_more["answers"] == cropped["answers"]
    assert once_more["megabytes"] - before["megabytes"] < _MEGABYTES
