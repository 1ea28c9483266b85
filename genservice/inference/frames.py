"""Frames: the small closed language in which a policy owner writes how a thing is said.

    as a {who}             words in a row; `{...}` names a class of traits, a list or a part
    you are|were {being}   any of several
    your (own) {having}    what may be missing, in brackets
    very {adverb*}         up to three entries of a list, or none
    your _ {having}        `_`: one word of description, or none
    ^ dear {who}           `^` before all else: where a clause begins
    you watched ... {topic}  `...`: up to eight words of any kind, and no comma
    as a {who} , you       `,` a comma or dash; elsewhere commas may stand or not
    as a {who} $           `$` after all else: where a clause or what a comma parts off ends
    ^ feeling {being} ?    `?` after all else: in a question

Words are compared without case, diacritics and simple endings. There is nothing that could run away:
a frame has at most sixteen pieces, brackets do not nest, and nothing repeats more than three times.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from genservice.errors import GenserviceError
from genservice.inference.reading import stems

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_PIECES = 16
MOST_TIMES = 3
MOST_BETWEEN = 8

_MARKS = (",", "$")
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)(\*?)\}")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


class FrameError(GenserviceError):
    """A frame is not written in the language of frames.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, detail: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(detail)


class Choice(NamedTuple):
    """One place of a frame: any of these words, or an entry of any of these lists."""

    words: frozenset[tuple[str, ...]] = frozenset()
    names: tuple[str, ...] = ()
    least: int = 1
    most: int = 1


class Open(NamedTuple):
    """`_`: one word of description, or none; `...`: up to eight words of any kind."""

    most: int = 1


class Mark(NamedTuple):
    """`,` or `$`."""

    kind: str


class Optional(NamedTuple):
    """What stands in brackets."""

    pieces: tuple[Choice | Open | Mark, ...]


Element = Choice | Open | Mark | Optional


class Frame(NamedTuple):
    """One way of saying something."""

    text: str
    pieces: tuple[Element, ...]
    begins: bool
    """Only where a clause begins."""
    asks: bool
    """Only in a question."""
    needs: tuple[tuple[frozenset[str], frozenset[str]], ...]
    """What a clause must hold for each place that must be filled: first words, or names of lists."""

    @property
    def names(self) -> frozenset[str]:
        """The classes, lists and parts that it names."""
        found: set[str] = set()
        for piece in self.pieces:
            inner = piece.pieces if isinstance(piece, Optional) else (piece,)
            found.update(name for each in inner if isinstance(each, Choice) for name in each.names)
        return frozenset(found)


def parse_frame(text: str, known: Collection[str], parts: Collection[str] | None = None) -> Frame:
    """A frame from its text.

    Args:
        text: As a policy owner writes it.
        known: The classes and lists that it may name.
        parts: The parts that it may name. Left out, it is a part itself: it names none, and may begin
            with what may be missing.

    Raises:
        FrameError: It is not in the language of frames.
    """
    tokens = _TOKEN.findall(text)
    begins = tokens[:1] == ["^"]
    asks = tokens[-1:] == ["?"]
    tokens = tokens[begins : len(tokens) - asks]
    pieces = _pieces(tokens, {*known, *(parts or ())})
    if not any(_demands(piece) for piece in pieces):
        raise FrameError("everything in it may be missing", "name something that must be there")
    if parts is not None and not begins:
        first = pieces[0]
        if not isinstance(first, Choice) or not first.least or not {*first.names}.isdisjoint(parts):
            raise FrameError(
                "it begins with a part, or with what may be missing",
                "begin with a word or a list, or with ^ for a clause's start",
            )
    if sum(len(p.pieces) if isinstance(p, Optional) else 1 for p in pieces) > MOST_PIECES:
        raise FrameError(f"it has more than {MOST_PIECES} pieces", "make two frames of it")
    needs = tuple(
        (frozenset(words[0] for words in piece.words), frozenset(piece.names))
        for piece in pieces
        if isinstance(piece, Choice) and piece.least
    )
    return Frame(text, pieces, begins, asks, needs)


def _demands(piece: Element) -> bool:
    return isinstance(piece, Choice) and piece.least > 0


def _pieces(tokens: list[str], known: Collection[str]) -> tuple[Element, ...]:
    pieces: list[Element] = []
    inside: list[Choice | Open | Mark] | None = None
    for token in tokens:
        if token == "(":  # noqa: S105 (a bracket)
            if inside is not None:
                raise FrameError(
                    "a bracket inside a bracket", "write the bracket out as two frames"
                )
            inside = []
        elif token == ")":  # noqa: S105 (a bracket)
            if not inside:
                raise FrameError("a bracket that holds nothing, or was not opened")
            pieces.append(Optional(tuple(inside)))
            inside = None
        elif inside is not None:
            inside.append(_piece(token, known))
        else:
            pieces.append(_piece(token, known))
    if inside is not None:
        raise FrameError("a bracket that is not closed")
    if any(isinstance(p, Mark) and p.kind == "$" for p in pieces[:-1]):
        raise FrameError("$ stands before other words", "it ends a frame")
    return tuple(pieces)


def _piece(token: str, known: Collection[str]) -> Choice | Open | Mark:
    if token == "_":  # noqa: S105 (a place)
        return Open()
    if token == "...":  # noqa: S105 (a place)
        return Open(MOST_BETWEEN)
    if token in _MARKS:
        return Mark(token)
    words: set[tuple[str, ...]] = set()
    names: list[str] = []
    many = False
    for option in token.split("|"):
        if (named := _NAME.fullmatch(option)) is not None:
            if named[1] not in known:
                raise UnknownNameError(named[1])
            names.append(named[1])
            many = many or bool(named[2])
        elif _WORD.fullmatch(option):
            words.add(stems(option))
        else:
            raise FrameError(
                "neither a word nor a mark that frames know",
                "words, {lists}, this|that, (what may be missing), _, ..., a comma, and ^ $ ? at the ends",
            )
    if many and (words or len(names) > 1):
        raise FrameError("a * beside other choices", "let the list stand alone")
    return Choice(frozenset(words), tuple(names), 0 if many else 1, MOST_TIMES if many else 1)


class UnknownNameError(FrameError):
    """A frame names what is neither a class nor a list nor a part.

    Attributes:
        name: The name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no such list: {name!r}")
