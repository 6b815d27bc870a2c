"""decisions.csv: what is written beside the photos, what is read of a hand-made one, and what can't be lost."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from core.data.dataset.label_decisions import FILE, Decision, decide, decide_many, read, take_back, undo
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store.paths import PROJECT
from tests.fixtures.support import picture

# Says that it is there, waits for a line, and decides to keep each of the files.
_DECIDE = (
    sys.executable, "-c",
    "import sys; from pathlib import Path; from core.data.dataset.label_decisions import decide\n"
    "print('ready', flush=True); sys.stdin.readline()\n"
    "for file in sys.argv[2:]: decide(Path(sys.argv[1]), file, 'keep')",
)  # fmt: skip
HEAD = "file,decision,label,was,when\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three photos of each of two labels, one folder name an alias, one photo in a person's folder."""
    root = tmp_path / "photos"
    for file in ("With Mask/0.png", "With Mask/1.png", "With Mask/anna/2.png", "no_mask/0.png", "no_mask/1.png"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        picture(1).save(root / file)
    return root


def test_decisions_are_read_as_they_were_made(root: Path):
    assert read(root) == {}
    decide(root, "no_mask/1.png", "keep")
    decide(root, "With Mask/anna/2.png", "relabel", Label.WRONG_MASK)
    decide(root, "With Mask/0.png", "exclude")
    found = read(root)
    assert [(item.file, item.choice, item.label, item.was) for item in found.values()] == [
        ("no_mask/1.png", "keep", None, Label.NO_MASK),
        ("With Mask/anna/2.png", "relabel", Label.WRONG_MASK, Label.MASK),
        ("With Mask/0.png", "exclude", None, Label.MASK),
    ]
    assert all(datetime.fromisoformat(item.when).tzinfo for item in found.values())
    lines = (root / FILE).read_text().splitlines()
    assert lines[0] + "\n" == HEAD
    assert lines[2].startswith("With Mask/anna/2.png,relabel,wrong_mask,mask,20")


def test_a_new_decision_about_a_photo_replaces_the_old_one(root: Path):
    decide(root, "no_mask/0.png", "exclude")
    decide(root, "no_mask/1.png", "keep")
    decide(root, "no_mask/0.png", "relabel", Label.MASK)
    assert [(item.file, item.choice) for item in read(root).values()] == [
        ("no_mask/1.png", "keep"), ("no_mask/0.png", "relabel"),
    ]  # fmt: skip


def test_the_last_or_a_given_decision_is_taken_back(root: Path):
    for number in (0, 1):
        decide(root, f"no_mask/{number}.png", "keep")
        decide(root, f"With Mask/{number}.png", "exclude")
    undo(root)
    assert list(read(root)) == ["no_mask/0.png", "With Mask/0.png", "no_mask/1.png"]
    undo(root, "With Mask/0.png")
    undo(root, "With Mask/0.png")
    assert list(read(root)) == ["no_mask/0.png", "no_mask/1.png"]
    undo(root)
    undo(root)
    assert not (root / FILE).exists()
    undo(root)
    assert not (root / FILE).exists()


def test_a_table_from_excel_is_read_and_its_own_columns_are_kept(root: Path):
    lines = ["file,decision,label,was,when,note", r"no_mask\0.png, Relabel ,With Mask,,03.04.2026,strap", ",,,,,",
             "no_mask/1.png,KEEP,,no_mask,,"]  # fmt: skip
    (root / FILE).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    found = read(root)
    assert [(item.file, item.choice, item.label) for item in found.values()] == [
        ("no_mask/0.png", "relabel", Label.MASK), ("no_mask/1.png", "keep", None),
    ]  # fmt: skip
    decide(root, "With Mask/0.png", "exclude")
    assert r"no_mask\0.png, Relabel ,With Mask,,03.04.2026,strap" in (root / FILE).read_text().splitlines()
    assert list(read(root)) == ["no_mask/0.png", "no_mask/1.png", "With Mask/0.png"]
    undo(root, "no_mask/0.png")
    assert list(read(root)) == ["no_mask/1.png", "With Mask/0.png"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mask/a.png,delete,,,", r"line 3: 'delete' is no decision; write keep, relabel or exclude"),
        ("mask/a.png,relabel,scarf,,", r"line 3: 'scarf' is no label; relabel to mask, no_mask, wrong_mask"),
        ("mask/a.png,relabel,,,", r"line 3: '' is no label"),
        ("mask/a.png", r"line 3: '' is no decision"),
        ("../mask/a.png,keep,,,", r"line 3: \.\./mask/a\.png is not inside the dataset"),
        ("/mask/a.png,keep,,,", r"line 3: /mask/a\.png is not inside"),
        (r"..\a.png,exclude,,,", r"line 3: \.\./a\.png is not inside"),
        ("C:/mask/a.png,exclude,,,", r"line 3: C:/mask/a\.png is not inside"),
    ],
)
def test_a_line_that_is_not_understood_is_named_and_left_alone(root: Path, line: str, says: str):
    content = f"{HEAD}no_mask/0.png,keep,,,\n{line}\n"
    (root / FILE).write_text(content)
    for act in (lambda: read(root), lambda: decide(root, "no_mask/1.png", "keep"), lambda: undo(root)):
        with pytest.raises(UserError, match=rf"{FILE}, {says}"):
            act()
    assert (root / FILE).read_text() == content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "must begin with a line that names the columns file, decision, label, was, when"),
        (b"file;decision;label\na;keep;\n", "must begin with a line"),
        ("file,decision,label\nä,keep,".encode("utf-16"), "is not a readable CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(root: Path, content: bytes, says: str):
    (root / FILE).write_bytes(content)
    with pytest.raises(UserError, match=says):
        read(root)


def test_a_folder_in_its_place_is_a_sentence(root: Path):
    (root / FILE).mkdir()
    with pytest.raises(UserError, match="can't be read"):
        read(root)


def test_nothing_is_decided_about_what_is_not_a_photo_of_the_dataset(root: Path):
    picture(1).save(root.parent / "outside.png")
    for file, says in (("no_mask/9.png", "There is no photo"), ("../outside.png", "not inside the dataset")):
        with pytest.raises(UserError, match=says):
            decide(root, file, "keep")
    assert not (root / FILE).exists()


def test_a_full_disk_loses_no_decision(root: Path):
    decide(root, "no_mask/0.png", "keep")
    before = (root / FILE).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), limits[1]))
    try:
        with pytest.raises(UserError, match=r"can't be written \(File too large\), so nothing was changed"):
            decide(root, "no_mask/1.png", "keep")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (root / FILE).read_bytes() == before
    assert {path.name for path in root.iterdir() if not path.name.endswith(".lock")} == {"With Mask", "no_mask", FILE}


def test_two_pages_deciding_at_once_lose_nothing(root: Path):
    files = [f"no_mask/many{number}.png" for number in range(24)]
    for file in files:
        picture(1).save(root / file)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda file: decide(root, file, "keep"), files))
    assert set(read(root)) == set(files)


def test_many_are_decided_at_once_and_taken_back(root: Path):
    decide(root, "no_mask/0.png", "keep")
    before = (root / FILE).read_bytes()
    files = ("no_mask/0.png", "With Mask/1.png", "mask/gone.png")
    change = decide_many(root, [Decision(file, "relabel", Label.WRONG_MASK) for file in files])
    assert change.missing == ("mask/gone.png",)
    assert {file: one.label for file, one in read(root).items()} == dict.fromkeys(
        ("no_mask/0.png", "With Mask/1.png"), Label.WRONG_MASK
    )
    assert take_back(root, change) == 2
    assert (root / FILE).read_bytes() == before
    assert take_back(root, change) == 0


def test_what_somebody_else_decided_since_is_not_taken_back(root: Path):
    change = decide_many(root, [Decision(f"no_mask/{number}.png", "relabel", Label.MASK) for number in (0, 1)])
    decide(root, "no_mask/0.png", "exclude")
    assert take_back(root, change) == 1
    assert {file: one.choice for file, one in read(root).items()} == {"no_mask/0.png": "exclude"}


def test_many_pages_deciding_about_many_at_once_lose_nothing(root: Path):
    files = [f"no_mask/many{number}.png" for number in range(24)]
    for file in files:
        picture(1).save(root / file)
    shares = [[Decision(file, "exclude") for file in files[start : start + 4]] for start in range(0, 24, 4)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda share: decide_many(root, share), shares))
    assert set(read(root)) == set(files)


def test_two_servers_deciding_at_once_lose_nothing(root: Path):
    files = [f"no_mask/many{number}.png" for number in range(60)]
    for file in files:
        picture(1).save(root / file)
    servers = [
        subprocess.Popen([*_DECIDE, root, *own], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for own in (files[:30], files[30:])
    ]
    for server in servers:
        server.stdout.readline()
    for server in servers:
        server.stdin.write("\n")
        server.stdin.flush()
    for server in servers:
        server.communicate()
    assert [server.returncode for server in servers] == [0, 0]
    assert set(read(root)) == set(files)


def test_a_folder_that_is_gone_does_not_come_back(root: Path):
    shutil.rmtree(root)
    with pytest.raises(UserError, match="There is no folder"):
        undo(root)
    assert not root.exists()
