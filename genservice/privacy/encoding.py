"""How the tagger reads a text: sentences, word pieces, and how each word is written.

The pieces are lower case, so that "emma" and "EMMA" share what is known of them; how a word was
written goes in beside them, where BERT has its token types. Training and serving share this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokenizers import Tokenizer

LOWER, TITLE, UPPER, MIXED = range(4)
"""How a word is written: the four token types of the tagger."""

LONGEST = 126
"""Pieces of one sentence, its two marks apart; what is longer is read in parts."""

_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]]*(?P<gap>\s+)|(?P<break>[\n\r]\s*)")
_ABBREVIATED = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|mx|dr|prof|st|rev|sr|jr|vs|no|[a-z])\.$", re.IGNORECASE)  # fmt: skip


class Encoded(msgspec.Struct, frozen=True):
    """One sentence as pieces. The three rows are of one length, marks at both ends included."""

    pieces: tuple[int, ...]
    cases: tuple[int, ...]
    heads: tuple[int, ...]
    """Where in `pieces` each word's first piece stands."""
    words: tuple[tuple[int, int], ...]
    """Each word's span in the text, in order; one for each of `heads`."""
    signs: tuple[bool, ...]
    """Whether each word is a sign rather than letters or digits."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences of a folded text, without the white space around them."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end, after = match.span(match.lastgroup or 0)
        if match.lastgroup == "gap" and _ABBREVIATED.search(text, max(start, end - 6), end):
            continue
        if text[start:end].strip():
            yield start, end
        start = after
    end = len(text.rstrip())
    if start < end:
        yield start, end


def case_of(word: str) -> int:
    """How a word is written: `LOWER`, `TITLE`, `UPPER` or `MIXED`."""
    if word == word.lower():
        return LOWER
    if len(word) > 1 and word == word.upper():
        return UPPER
    return TITLE if word[0] != word[0].lower() and word[1:] == word[1:].lower() else MIXED


class Encoder:
    """Turns sentences into pieces.

    Args:
        tokenizer: Of word pieces, lower case, as BERT has them.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        if start is None or end is None:
            raise ValueError("the tokenizer has no [CLS] and [SEP]")
        self._start, self._end = start, end

    def encode(self, texts: Sequence[str]) -> list[tuple[Encoded, ...]]:
        """Each text as one sentence, in several parts where it is longer than `LONGEST` pieces."""
        words = [[match.span() for match in _WORD.finditer(text)] for text in texts]
        encodings = self._tokenizer.encode_batch(
            [
                [text[start:end] for start, end in spans]
                for text, spans in zip(texts, words, strict=True)
            ],
            is_pretokenized=True,
            add_special_tokens=False,
        )
        return [
            tuple(self._parts(text, spans, encoding.ids, encoding.word_ids))
            for text, spans, encoding in zip(texts, words, encodings, strict=True)
        ]

    def _parts(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        ids: Sequence[int],
        owners: Sequence[int | None],
    ) -> Iterator[Encoded]:
        first = 0
        while first < len(ids):
            last = min(first + LONGEST, len(ids))
            while last < len(ids) and last - 1 > first and owners[last] == owners[last - 1]:
                last -= 1
            yield self._part(text, spans, ids[first:last], owners[first:last])
            first = last

    def _part(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        ids: Sequence[int],
        owners: Sequence[int | None],
    ) -> Encoded:
        cases, heads, words = [LOWER], list[int](), list[tuple[int, int]]()
        before = None
        for index, owner in enumerate(owners, start=1):
            if owner is None:
                cases.append(LOWER)
                continue
            start, end = spans[owner]
            if owner != before:
                heads.append(index)
                words.append((start, end))
                case = case_of(text[start:end])
                before = owner
            else:
                case = cases[-1]
            cases.append(case)
        cases.append(LOWER)
        return Encoded(
            pieces=(self._start, *ids, self._end),
            cases=tuple(cases),
            heads=tuple(heads),
            words=tuple(words),
            signs=tuple(not text[start].isalnum() for start, _ in words),
        )
