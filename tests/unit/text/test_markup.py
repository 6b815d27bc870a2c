"""Hostile names show as what they are: in Markdown as CommonMark and GitHub read it, after what Streamlit's pages look
for in the text that is left (tests/browser/test_hostile_names.py has the real pages)."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from core.text.markup import plain
from tests.fixtures.hostile import BREAKING, HOSTILE

# As in Streamlit 1.67's StreamlitMarkdown, and mdast-util-gfm-autolink-literal and remark-emoji, which it uses.
_FOUND_IN_TEXT = (
    r":material[/_](\w+):", r":streamlit:", r":\+1:|:-1:|:[\w-]+:", r"(https?:\/\/|www(?=\.))([-.\w]+)([^ \t\r\n]*)",
    r"(?<!\w)([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)",
    r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)",
)  # fmt: skip
# Text directives (micromark-extension-directive) and formulas (micromark-extension-math) are no CommonMark: what would
# be one has no backslash before its sign.
_FOUND_BEFORE = (r"(?<![\\:]):[A-Za-z]", r"(?m)^:{2,}", r"(?<!\\)\$")


# Blanks at the edge of what is bold make it not bold.
_AROUND = ("{}", "- {}", "**{}**", "Photos from {} are gone.", "a | b\n-|-\n{} | c")
_CASES = [
    (name, around)
    for name, text in HOSTILE.items()
    for around in _AROUND
    if around != "**{}**" or text == text.strip()
]


@pytest.mark.parametrize(("name", "around"), _CASES)
def test_a_name_draws_nothing_in_markdown(name: str, around: str):
    text = HOSTILE[name]
    made, shown = read(around.format(plain(text))), re.sub("^ +", "" if around[0] != "P" else " ", text)
    harmless = read(around.format("name"))
    assert tags(made) == tags(harmless)
    assert words(made) == words(harmless).replace("name", shown)
    check(plain(text))


@pytest.mark.parametrize("text", BREAKING)
def test_a_name_stays_on_its_line(text: str):
    made = read(plain(text))
    assert tags(made) == ["<p>", "</p>"] and words(made) == BREAKING[text]
    check(plain(text))


def check(escaped: str) -> None:
    for pattern in _FOUND_BEFORE:
        assert not re.search(pattern, escaped), pattern
    for pattern in _FOUND_IN_TEXT:
        assert not re.search(pattern, html.unescape(re.sub("<[^>]*>", "", read(escaped))), re.IGNORECASE), pattern


def read(text: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


def tags(made: str) -> list[str]:
    return re.findall("<[^>]*>", made)


def words(made: str) -> str:
    """What is to be seen: without tags and signs that have no width."""
    return html.unescape(re.sub("<[^>]*>", "", made)).replace("\N{WORD JOINER}", "").strip()
