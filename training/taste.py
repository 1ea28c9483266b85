"""What an editor would send back: lawful texts that read like labels in a row.

The embedded model learns from texts that pass here, and so learns the taste; nothing enforces it while
it writes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genservice.composition import Draft, Offer, Piece
    from genservice.composition.told import Sentence

_LABELS = re.compile(r"^(GENRE|MOOD|THEME|PACE|COUNTRY|YEAR|MINUTES)(_\d+)?$")
_STORY = frozenset({"LOGLINE", "GOAL", "TURN"})
_VERBS = frozenset(
    [
        "is",
        "are",
        "was",
        "has",
        "have",
        "had",
        "must",
        "can",
        "could",
        "would",
        "will",
        "may",
        "might",
        "does",
        "do",
        "did",
        "goes",
        "go",
        "comes",
        "come",
        "asks",
        "ask",
        "sets",
        "set",
        "tries",
        "try",
        "hopes",
        "hope",
        "means",
        "mean",
        "faces",
        "face",
        "falls",
        "follows",
        "tells",
        "takes",
        "take",
        "turns",
        "turn",
        "runs",
        "run",
        "keeps",
        "keep",
        "makes",
        "make",
        "gets",
        "get",
        "gives",
        "give",
        "finds",
        "find",
        "puts",
        "put",
        "brings",
        "bring",
        "plays",
        "play",
        "directs",
        "stars",
        "star",
        "leads",
        "lead",
        "begins",
        "begin",
        "starts",
        "start",
        "waits",
        "wait",
        "burns",
        "rushes",
        "rush",
        "moves",
        "move",
        "looks",
        "look",
        "speaks",
        "speak",
        "knows",
        "know",
        "wants",
        "want",
        "needs",
        "need",
        "likes",
        "like",
        "leaves",
        "leave",
        "holds",
        "hold",
        "lets",
        "let",
        "says",
        "say",
        "stays",
        "stay",
        "concerns",
        "circles",
        "joins",
        "belongs",
        "owes",
        "costs",
        "cost",
        "counts",
        "count",
        "travels",
        "travel",
        "grows",
        "grow",
        "sits",
        "sit",
        "stands",
        "stand",
    ]
)
_ROOMY = 200
_SMALL = 140


def stiff(draft: Draft, offer: Offer) -> bool:
    """Whether a finished draft reads like labels in a row."""
    sentences = draft.told.sentences
    roomy = offer.brief.limit > _ROOMY
    told = [at for at, one in enumerate(sentences) if _tells(one)]
    bare = [not one.slots & _STORY and verbless(one) for one in sentences]
    return (
        _longest_run(bare) > 2
        or sum(bare) > (3 if roomy else 2)
        or sum(_labels(one) > 0 for one in sentences) > (3 if roomy else 2)
        or sum(one.role == "cast" for one in sentences) > (2 if roomy else 1)
        or (offer.brief.limit <= _SMALL and sum(one.role == "angle" for one in sentences) > 1)
        or (bool(told) and len(sentences) - 1 - told[-1] > (3 if roomy else 2))
    )


def verbless(sentence: Sentence) -> bool:
    """Whether no word of a sentence is a verb, as far as its house phrases go."""
    return not any(_has_verb(piece) for piece in sentence.pieces)


def _has_verb(piece: Piece) -> bool:
    if piece.imperative and piece.role not in {"noun", "tail"}:
        return True
    return any(word.lower() in _VERBS for word in piece.words) or any(
        slot.startswith("STORY") for slot in piece.slots
    )


def _tells(sentence: Sentence) -> bool:
    return bool(sentence.slots & _STORY) or sentence.role == "story"


def _labels(sentence: Sentence) -> int:
    return sum(_LABELS.match(slot) is not None for slot in sentence.slots)


def _longest_run(flags: list[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
