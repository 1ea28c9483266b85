"""Near-copies: texts that say again what the model was trained on."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_LEAST = 3
"""A text of fewer sentences is hardly more than a phrase and a name."""
_SHARE = 0.8


class Known:
    """Training texts, ready for being compared with."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read them.

        Args:
            texts: Raw, with their slots.
        """
        self._texts: set[str] = set()
        self._holding: dict[tuple[str, str], list[int]] = {}
        for number, text in enumerate(dict.fromkeys(text.strip() for text in texts)):
            self._texts.add(text)
            for join in _joins(text):
                self._holding.setdefault(join, []).append(number)

    def __len__(self) -> int:
        """How many different ones there are."""
        return len(self._texts)

    def near(self, raw: str) -> bool:
        """Whether a text of three sentences or more goes on as one training text does.

        It does if that one has at least four in five of its joins: pairs of sentences in a row, the
        beginning and the end among them. Phrases are shared by all texts, so a sentence alone is none.
        """
        joins = _joins(raw.strip())
        if len(joins) <= _LEAST:
            return False
        shared = Counter(number for join in joins for number in self._holding.get(join, ()))
        most = max(shared.values(), default=0)
        return most >= _SHARE * len(joins)


def _joins(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(pairwise(["", *_SENTENCE.split(text), ""])))
