"""One stream of tokens for every text that is checked or vouches: raw, filled, fact or phrase."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from genservice.inference.reading import stem as plain_stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TokenKind = Literal["slot", "name", "word", "number", "stop", "symbol"]

_TOKEN = re.compile(
    r"(?P<slot>\[[^\[\]\n]{0,60}\])"
    r"|(?P<clitic>(?<=[\]\w!?.])['\u2019]s(?!\w))"
    r"|(?P<number>\d+(?:[.,:]\d+)*(?:['\u2019]?[^\W\d_]+)?)"
    r"|(?P<word>[^\W_]+(?:['\u2019][^\W_]+)*)"
    r"|(?P<stop>(?:\.\.\.|\u2026|[.!?])+)"
    r"|(?P<mark>[,;:\u2013\u2014()\"\u201c\u201d\u2018\u2019'/\-])"
    r"|(?P<symbol>[^\s])"
)
_ABBREVIATED = re.compile(
    r"(?<![^\W_])(?:[A-Z]|[Mm]rs?|Ms|Dr|St|Jr|Sr|Prof|vs)\Z"
)  # a full stop after these ends no sentence
_OPENERS = ':("\u201c\u2018\u2013\u2014'


class Token(NamedTuple):
    """One piece of a text, with its place."""

    start: int
    end: int
    kind: TokenKind
    norm: str
    """What is compared: lower case; `@` and the full name for a name; `[NAME]` for other slots."""
    stem: str
    opens: bool
    """A capital here says nothing: a sentence, a quotation or what follows a colon begins."""
    marked: bool
    """A comma, dash, colon, quote or bracket stands right before it."""
    capital: bool


class Names(NamedTuple):
    """The names a text may hold, found by their exact spelling, longest first."""

    by_first: Mapping[str, tuple[tuple[str, str], ...]]

    @classmethod
    def of(cls, surfaces: Iterable[tuple[str, str]]) -> Names:
        """Names from pairs of a spelling and the full name that it stands for."""
        grouped: dict[str, dict[str, str]] = {}
        for surface, full in surfaces:
            if surface.strip():
                grouped.setdefault(surface[0], {}).setdefault(surface, full)
        return cls(
            {
                first: tuple(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0])))
                for first, found in grouped.items()
            }
        )

    def at(self, text: str, start: int) -> tuple[int, str] | None:
        """End and full name of the longest name that stands at `start`, or None."""
        named = self.by_first.get(text[start])
        if named is None or (start and _wordlike(text[start - 1]) and _wordlike(text[start])):
            return None
        for surface, full in named:
            end = start + len(surface)
            if text.startswith(surface, start) and not (
                end < len(text) and _wordlike(text[end]) and _wordlike(text[end - 1])
            ):
                return end, full
        return None


NO_NAMES = Names({})


def tokens(
    text: str,
    names: Names = NO_NAMES,
    *,
    slot_norm: Callable[[str], str] | None = None,
) -> tuple[Token, ...]:
    """The tokens of a text, in order; every character but white space and plain marks lies in one.

    Args:
        text: What is read.
        names: Names that count as one token each.
        slot_norm: What a slot compares as, by its name. Left out, a bracket is a slot all the same,
            and compares as itself.
    """
    return _Reader(text, names, slot_norm or "[{}]".format).read()


class _Reader:
    """Reads a text from left to right, keeping what the next token needs to know."""

    def __init__(self, text: str, names: Names, slot_norm: Callable[[str], str]) -> None:
        self.text = text
        self.names = names
        self.slot_norm = slot_norm
        self.found: list[Token] = []
        self.opens = True
        self.marked = False

    def read(self) -> tuple[Token, ...]:
        at = 0
        while (match := _TOKEN.search(self.text, at)) is not None:
            at = self.step(match)
        return tuple(self.found)

    def step(self, match: re.Match[str]) -> int:
        """Take what begins at a match; answers where to go on."""
        start, end, group, piece = match.start(), match.end(), match.lastgroup, match.group()
        if (name := self.names.at(self.text, start)) is not None:
            end, full = name
            # "Airplane! A comedy": a name's own mark may end the sentence.
            self.add(start, end, "name", f"@{full}", then_opens=self.text[end - 1] in ".!?\u2026")
        elif group == "slot":
            self.add(start, end, "slot", self.slot_norm(piece[1:-1]))
        elif group == "mark":
            self.opens = self.opens or piece in _OPENERS
            self.marked = self.marked or piece != "-" or _stands_free(self.text, start)
        elif group == "stop":
            if piece == "." and self.abbreviated(start):
                self.opens = self.marked = True  # it may end the sentence too: nobody can tell
            else:
                self.add(start, end, "stop", ".", then_opens=True)
        elif group != "clitic":
            kind: TokenKind = "number" if group == "number" else "symbol"
            if group == "word" or piece == "&":
                kind = "word"
            self.add(start, end, kind, normal(piece))
        return end

    def abbreviated(self, at: int) -> bool:
        """Whether a full stop belongs to the word before it: an initial, a form of address."""
        after_name = self.found and self.found[-1].kind == "name" and self.found[-1].end == at
        return not after_name and bool(_ABBREVIATED.search(self.text, max(0, at - 5), at))

    def add(
        self, start: int, end: int, kind: TokenKind, norm: str, *, then_opens: bool = False
    ) -> None:
        stemmed = stem(norm) if kind == "word" else norm
        capital = kind == "word" and self.text[start].isupper()
        token = Token(start, end, kind, norm, stemmed, self.opens, self.marked, capital)
        self.found.append(token)
        self.opens, self.marked = then_opens, False


def _wordlike(character: str) -> bool:
    return character.isalnum()


def _stands_free(text: str, at: int) -> bool:
    return not (0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum())


def normal(word: str) -> str:
    """A word as it is compared: lower case, straight apostrophes, `an` as `a`, `&` as `and`."""
    lowered = word.lower().replace("\u2019", "'")
    return "a" if lowered == "an" else "and" if lowered == "&" else lowered


def stem(norm: str) -> str:
    """A word without -'s, -s, -es, -ies, -ed and -ing, lightly: enough for forms of one word."""
    return plain_stem(norm.removesuffix("'s").removesuffix("'"))
