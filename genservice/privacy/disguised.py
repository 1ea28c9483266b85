"""Names that somebody took pains to hide: figures for letters, letters set apart, encodings.

A tagger reads "3mm4", "e m m a" and "RW1tYQ==" as no words at all. Undone, they are looked up among
given names; what decodes to words goes whole, for nobody writes so to an editor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.readings import encoded, with_signs
from genservice.privacy.rules.rule import lower
from genservice.privacy.values import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genservice.privacy.lexicon import Lexicon

SURE, LIKELY = 0.8, 0.6

_FIGURED = re.compile(
    r"(?<![\w@.#/])(?=[a-z$!]{0,16}[\d$])(?=[\d$!]{0,16}[a-z])[a-z\d$!]{4,24}(?![\w@])"
)
_APART = re.compile(r"(?<!\w)[^\W\d_](?:[ .*_\-|/~+,]{1,3}[^\W\d_]){3,40}(?!\w)")
_GAP = re.compile(r"[^\w]+|_+")
_MAYBE_ENCODED = re.compile(r"[&%=\\]|[a-z][A-Z]|[A-Z]{2}[a-z]|\d[a-zA-Z]|[a-zA-Z+]\d")
_OTHERWISE = re.compile(r"[^a-zA-Z\d]|^(?:[\da-fA-F]{2})+$")
"""An escape, or hexadecimal: no word is written so."""
_PLAIN = re.compile(r"[^\W\d_][\w '.,@\-]*")
_LONG_ENOUGH = 6
"""Letters that chance does not make of a word read as base64, where no padding ends it."""


def disguised(lexicon: Lexicon) -> Callable[[str], Iterable[Finding]]:
    """A reader of folded texts for names in disguise; `PERSON` where a name shows, else `OPAQUE`."""

    def given(letters: str) -> bool:
        return len(letters) > 2 and (lexicon.names(letters) or lexicon.may_name(letters))

    def find(text: str) -> Iterable[Finding]:
        lowered = lower(text)
        if any(map(str.isdigit, lowered)) or "$" in lowered:
            yield from _in_figures(lowered, given)
        for match in _APART.finditer(lowered):
            letters = _GAP.sub("", match.group())
            if not lexicon.knows(letters) and _names_somebody(match.group(), letters, given):
                yield _finding(*match.span(), "PERSON", SURE)
        if _MAYBE_ENCODED.search(text) is not None:
            yield from _decoded(text)

    return find


def _in_figures(lowered: str, given: Callable[[str], bool]) -> Iterable[Finding]:
    """Words with figures for letters that are given names, and such a word after one."""
    end = -2
    for match in _FIGURED.finditer(lowered):
        letters = with_signs(match.group())
        follows = match.start() == end + 1 and letters.isalpha()
        if follows or any(
            map(given, (letters, letters.replace("i", "l"), match.group().replace("1", "l")))
        ):
            yield _finding(*match.span(), "PERSON", LIKELY)
            end = match.end()


def _names_somebody(shown: str, letters: str, given: Callable[[str], bool]) -> bool:
    """Whether letters set apart are a given name, alone or with more after it."""
    gaps = _GAP.findall(shown)
    wider = max(map(len, gaps))
    words = re.split(rf"[^\w]{{{wider}}}", shown) if wider > min(map(len, gaps)) else [shown]
    return any(given(_GAP.sub("", word)) for word in words) or any(
        given(letters[:length]) for length in range(4, len(letters) - 2)
    )


def _decoded(text: str) -> Iterable[Finding]:
    for start, end, said in encoded(text):
        while text[end : end + 1] == "=":
            end += 1
        run = text[start:end]
        known = run[-1] == "=" or len(said) >= _LONG_ENOUGH or _OTHERWISE.search(run) is not None
        if known and not run.isdecimal() and _PLAIN.fullmatch(said) is not None:
            yield _finding(start, end, "OPAQUE", LIKELY)


def _finding(start: int, end: int, type_: str, score: float) -> Finding:
    return Finding(start=start, end=end, type=type_, score=score)
