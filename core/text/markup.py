"""Text that users and foreign files bring (paths, names, messages), made safe for what it is written into: it shows its
own letters on one line, and draws no link, picture, table, formula, icon or colour."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Signs that turn the direction of what follows, and halves of characters, which no page can be sent.
_ODD = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What Streamlit and GitHub look for once backslashes are gone: icons, emoji, addresses and arrows.
_WORDS = re.compile(
    r":(?=[\w+-]+:|material[/_]|//)|(?<=www)(?=\.)|@(?=[\w-])|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)", re.IGNORECASE
)
# What Markdown means by signs: an underscore means nothing within a word, a list or heading begins a line.
_SIGNS = re.compile(
    r"[\\`*\[\]<>|$~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|:(?=[A-Za-z:])"
    r"|(?:^|(?<=^ ))(?:(?:[-+]|#+|\d+[.)])(?=\s|$)|[-=](?=[-= ]*$))"
)
_JOINER = "\N{WORD JOINER}"


def plain(text: str) -> str:
    """The text for Markdown, as Streamlit's pages and a model card on GitHub or Hugging Face read it.

    Signs get a backslash. What is found in text even so, as :smile: or www., is parted by a sign that has no width.
    """
    parted = _WORDS.sub(lambda found: found[0][:1] + _JOINER + found[0][1:], re.sub("^ +", " ", one_line(text)))
    return _SIGNS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", parted)


def one_line(text: str) -> str:
    """The text with line breaks and control characters as a space each, and a mark for what would turn its direction
    or can't be written."""
    return _ODD.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text))
