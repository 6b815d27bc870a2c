"""The words of the product: the two student reports are "report A" and "report B" and a seed is a random number; terms
are those of the field, and docs/glossary.md explains them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from core.cli.parser import parse
from core.schema.presets import PRESETS
from core.store import sweeps
from core.training.sweeps import study

PROJECT = Path(__file__).resolve().parents[2]
SPOKEN = {
    "core", "pages", "tests", "docs", "benchmarks", "models", "Home.py", "README.md", "face_mask_detector.py",
}  # fmt: skip
# The reports were once called the first and the second seed, so a seed that owns or does something is one of them.
OLD = re.compile(
    r"\b(first|second)[ _-]seeds?\b|\bseeds?['’]s?\s|\bseed's\b|\bseeds[ _-]table\b|\bseed[ _]table\b|(?-i:\"seeds\")"
    r"|\bthe seeds? (had|has|have|do|did|does|reported|published|below)\b",
    re.IGNORECASE,
)
# What users typed in the last release, and what its files say, is still understood.
KEPT = {
    "core/cli/options.py": {"seeds_table"},
    "core/cli/parser.py": {"first seed", "second seed"},
    "core/store/sweeps.py": {'"seeds"'},
}
# Words that only this project used, and the field's own.
THINGS = (
    "photos?|files?|folders?|sub-folders?|faces|views?|lines?|rows?|cards?|images|frames|seconds?|s|ms|means|F1|[0-9]+"
)
UNITS = "label|person|epoch|run|second|batch|step|photo|frame|face|training|kind|sweep|seed|group"
OURS = {
    rf"\b(?:{THINGS}) an? (?:{UNITS})\b": "per label",
    r"\b[Ff]rozen parts?\b": "frozen backbone",
    r"\bways to run\b|\bfastest way\b|\ba way is left out\b": "backends",
    r"\bRGB squares\b": "resized inputs",
    r"\bfewer digits\b": "lower precision",
    r"\b[Kk]ept (?:views?|features?)\b": "cached augmented features",
    r"\blooked at\b": "evaluated",
    r"\b[Aa]t (?:the|your) door\b": "at the operating point",
    r"\bwho may pass\b": "compliant",
    r"\bfrom a mask probability of\b|\bAt the threshold\b": "Pass at ≥ 42 % mask",
    r"\btold (?:exactly )?the same\b": "same configuration",
    r"\bbe had\b": "unavailable",
    r"\bwithout a word\b": "exited unexpectedly",
    r"\b[Mm]easur(?:ed|ing) again\b": "evaluated without augmentation",
    r"\b(?:was|were) told\b": "settings",
    r"\b[Ll]abel doubts?\b": "label issues",
    r"\bPublished as\b": "Saved as",
    r"\bspoke for\b": "raised the score of",
    r"\bmade worse\b": "degraded",
    r"\bgroups (?:of photos )?(?:drawn )?anew\b": "resampled",
    r"\bwrong_mask,? buys?\b": "gains",
    r"\bTraining has started\b|\bWatch this run\b": "the page goes to the run",
    r"\bTrained layers\b": "Layers to train",
    r"\bStudy\b": "Experiment",
    r"\bQuick look\b": "Quick",
    r"\b[Ss]elect a row\b": "Tick rows, or click a name",
    r"\b[Ii]t tells apart\b": "Labels",
    r"\b[Tt]rain with(?:out)? wrong_mask:": "the verdict's gains and costs",
    r"\bbare faces (?:are )?recognised\b": "recall",
}
GLOSSARY = PROJECT / "docs" / "glossary.md"
TERM = re.compile(r'^\| <a id="([^"]+)"></a>([^|]+) \| ([^|]+) \| ([^|]+) \|$')


def old_words(text: str) -> set[str]:
    """The old names in a text, where a line may break inside one."""
    plain = re.sub(r"\s*\n[\s#]*", " ", text).replace('" "', "")
    return {match[0].strip().lower() for match in OLD.finditer(plain)}


def test_no_text_calls_a_report_a_seed():
    places = [PROJECT / name for name in SPOKEN]
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    files = [path for path in files if path.suffix in {".py", ".md", ".html", ".js"} and path != Path(__file__)]
    assert len(files) > 300
    found = {str(path.relative_to(PROJECT)): old_words(path.read_text(encoding="utf-8")) for path in files}
    assert {name: words for name, words in found.items() if words} == KEPT
    assert not [path for path in files if re.search(r"seeds", path.name)]


@pytest.mark.parametrize("text", ["the first\n# seed's", "as the seeds do", "the seeds' table", "SEED_TABLE"])
def test_old_words_are_found(text):
    assert old_words(text + " ")


def test_old_words_on_the_command_line_still_work(capsys):
    assert parse(["sweep", "faces", "--seeds-table"]).report_a_table
    assert parse(["sweep", "faces", "-report-a-table"]).report_a_table
    names = {"First seed: ResNet retrained": "report a: resnet retrained", "Quick look": "quick"}
    for name, now in names.items():
        old, new = (parse(["train", "faces", "--preset", one]).config for one in (name, now))
        assert old == new and old.epochs in (60, 5)
    with pytest.raises(SystemExit):
        parse(["sweep", "-h"])
    shown = capsys.readouterr().out
    assert "report_a_table" in shown and not old_words(shown)
    assert all(name.startswith(("Report ", "Quick", "Balanced", "Best")) for name in PRESETS)


def test_a_sweep_of_the_last_release_opens(own_home):
    folder = own_home / "runs" / ".sweeps" / "20260101-101112_seeds"
    folder.mkdir(parents=True)
    row = {"name": "BasicCNN 2c 0.001", "group": "BasicCNN 2c 0.001", "classes": 2, "seconds": 1.0,
           "config": {"dataset": "faces", "backbone": "BasicCNN", "weights": "none", "wrong_mask": False}}  # fmt: skip
    content = {"name": "The first seed's table", "kind": "seeds", "rows": [row]}
    (folder / "sweep.json").write_text(json.dumps(content), encoding="utf-8")
    (sweep,) = sweeps.every()
    assert (sweep.kind, sweep.name) == ("report_a", study.title("report_a", []))
    assert sweep.standing(0).status == "not started"
    made = sweeps.create("Report A's table", "report_a", sweep.rows)
    assert sweeps.get(made.id).kind == "report_a"


def literals(path: Path, docstrings: bool = True) -> list[str]:
    """The strings of a module, f-strings in one piece with "…" for what is put in; the whole text of another file."""
    if path.suffix != ".py":
        return [path.read_text(encoding="utf-8")]
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    bodies = [node.body for node in nodes if isinstance(getattr(node, "body", None), list)]
    unwanted = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr) and not docstrings}
    pieces = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    unwanted.update(id(part) for node in pieces for part in node.values)
    plain = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in unwanted]
    joined = ["".join(getattr(part, "value", "") if isinstance(part, ast.Constant) else "…" for part in node.values)
              for node in pieces]  # fmt: skip
    return [text for text in (*plain, *joined) if isinstance(text, str)]


def spoken(*places: str) -> list[Path]:
    """The files in these places that hold words for users or readers."""
    roots = [PROJECT / place for place in places]
    files = [path for root in roots for path in (root.rglob("*") if root.is_dir() else [root])]
    return [path for path in files if path.suffix in {".py", ".md", ".html"}]


def ours(text: str) -> list[str]:
    """Words that only this project used, in a text where a line may break inside one."""
    plain = re.sub(r"\s+", " ", text)
    return [match[0] for pattern in OURS for match in re.finditer(pattern, plain)]


def test_texts_use_the_words_of_the_field():
    files = spoken("core", "pages", "docs", "models", "Home.py", "README.md")
    assert len(files) > 250
    found = {str(path.relative_to(PROJECT)): [word for text in literals(path) for word in ours(text)] for path in files}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text",
    ["4 a label", "one folder a\nperson", "2.0 s an epoch", "the frozen part", "kept views", "Kept features",
     "at your door", "those who may pass", "runs told the same", "can't be had",
     "photos looked\nat", "measured again", "Label doubts", "Train with wrong_mask: at", "Published as x.pth",
     "Trained\nlayers", "Watch this run", "Select a row to open it", "At the threshold 0.42",
     "from a mask probability of 0.42"],
)  # fmt: skip
def test_words_of_our_own_are_found(text):
    assert ours(text)


@pytest.mark.parametrize("text", ["which photos a network knows", "picture a door", "photos per label", "have a label"])
def test_plain_words_are_none_of_them(text):
    assert not ours(text)


def glossary() -> list[re.Match]:
    """The rows of the glossary: anchor, term, meaning, where."""
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| <a")]
    found = [TERM.match(row) for row in rows]
    assert all(found), [row for row, match in zip(rows, found, strict=True) if not match]
    return found


def test_the_glossary_is_in_order_and_its_anchors_are_its_terms():
    terms = [row[2] for row in glossary()]
    assert len(terms) > 50 and terms == sorted(terms, key=str.lower)
    assert [row[1] for row in glossary()] == [term.lower().replace(" ", "-") for term in terms]


def test_every_term_of_the_glossary_is_used():
    """In a text that a page, a report or the command line shows."""
    own = PROJECT / "core" / "ui" / "glossary" / "view.py"
    files = [path for path in spoken("core", "pages", "Home.py") if path != own]
    shown = "\n".join(text.lower() for path in files for text in literals(path, docstrings=False))
    assert [row[2] for row in glossary() if not re.search(rf"\b{re.escape(row[2].lower())}s?\b", shown)] == []


def test_links_to_the_glossary_lead_to_a_term():
    texts = [path.read_text(encoding="utf-8") for path in spoken("docs", "README.md")]
    links = {link for text in texts for link in re.findall(r"glossary\.md#([\w-]+)", text)}
    assert links and links <= {row[1] for row in glossary()}
