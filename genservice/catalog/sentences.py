"""Paragraphs taken apart into sentences."""

from __future__ import annotations

import re

from genservice.catalog.everyday import FUNCTION

# The look-behind keeps a long row of marks from being tried from each of them.
_END = re.compile(r"(?<![.!?\u2026])([.!?\u2026]+)([\"\u201d\u2019')\]]*)(\s+)")
_LAST_WORD = re.compile(r"([^\W\d_](?:[^\W_]|\.(?=[^\W\d_]))*)$")
_FIRST_WORD = re.compile(r"[\"\u201c\u2018'(\[]*([^\s\"\u201d,;:.!?)]+)")
_OPENING = "\"\u201c\u2018'(["
_NEVER_LAST = frozenset(
    "mr mrs ms dr st sgt lt capt col gen prof rev gov sen rep mt ft vs no vol messrs hon cf e.g i.e".split()
)
"""Abbreviations that something must follow."""
_MAYBE_LAST = frozenset("jr sr inc ltd co corp bros etc a.k.a a.m p.m".split())
"""Abbreviations that may end a sentence; only a function word behind them says that they do."""


def split(paragraph: str) -> tuple[str, ...]:
    """The sentences of `paragraph`, each as it stands there, without the space between them.

    Full stops of abbreviations, initials and decimals end none; nor does a mark inside a name
    (`Airplane! is`), as what follows is in lower case.
    """
    found: list[str] = []
    for line in paragraph.splitlines():
        start = 0
        for match in _END.finditer(line):
            if _ends(line, start, match):
                found.append(line[start : match.end(2)].strip())
                start = match.end()
        found.append(line[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def _ends(line: str, start: int, match: re.Match[str]) -> bool:
    at = match.end()
    while at < len(line) and line[at] in _OPENING:
        at += 1
    if at >= len(line) or not (line[at].isupper() or line[at].isdigit()):
        return False
    if match[1] != ".":
        return True
    # The longest abbreviation has nine characters.
    before = _LAST_WORD.search(line[max(start, match.start() - 12) : match.start()])
    if before is None:
        return True
    word = before[1].lower()
    if word in _NEVER_LAST:
        return False
    initial = len(word) == 1 or "." in word
    if initial or word in _MAYBE_LAST:
        following = _FIRST_WORD.match(line, match.end())
        return following is not None and following[1].lower() in FUNCTION
    return True
