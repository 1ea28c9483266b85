"""Whether a raw text is put together as the house phrases may be, and so reads as a sentence should.

    text     = sentence (" " sentence)*
    sentence = a whole phrase
             | [lead " "] noun ((" " | ", ") tail)* [": [TITLE]"] "."

A small model that has learned this grammar still slips now and then: each phrase is in order, and the
sentence they make is not. Only a model that writes in house phrases alone can be held to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.checking.phrases import Phrases

_NUMBER = re.compile(r"(\[[a-z_]+?)_\d+\]")


class Composition:
    """The grammar of one set of house phrases."""

    def __init__(self, phrases: Phrases) -> None:
        by_role: dict[str, set[str]] = {"lead": set(), "noun": set(), "tail": set(), "whole": set()}
        for phrase in phrases.phrases:
            by_role[phrase.role if phrase.role in by_role else "whole"].add(_plain(phrase.text))
        lead, noun, tail, whole = (
            _any(by_role[role]) for role in ("lead", "noun", "tail", "whole")
        )
        clause = rf"(?:{lead} )?{noun}(?:,? {tail}){{0,4}}(?:: \[title\])?\."
        sentence = rf"(?:{whole}|{clause})"
        self._text = re.compile(rf"{sentence}(?: {sentence})*")

    def makes(self, raw: str) -> bool:
        """Whether `raw`, with its slots in it, is one of the texts that the phrases make."""
        return self._text.fullmatch(_plain(raw)) is not None


def _plain(text: str) -> str:
    """Lower case, slots without their numbers, "a" for "an"."""
    return re.sub(r"\ban (?=\[)", "a ", _NUMBER.sub(r"\1]", text.lower()))


def _any(texts: Iterable[str]) -> str:
    # Longer ones first: what begins alike is tried as a whole before its beginning.
    return f"(?:{'|'.join(re.escape(text) for text in sorted(texts, key=lambda t: (-len(t), t)))})"
