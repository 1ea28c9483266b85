"""Lists of performers as pages about films have them: names, and what stands between names.

["Eleonora Vance (screenplay)", "voices of", "Imre Vale", "and", "Bea Lind", "[2]"]
Imre Vale and Bea Lind, voices
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOOTNOTE = re.compile(r"\[[^\]]{1,30}\]")
_MADE_IT = re.compile(
    r"\b(?:written|(?:screen)?writers?|screenplay|teleplay|script|story|novel|book|direct(?:or|ed)s?"
    r"|produce[rd]s?)\b",
    re.IGNORECASE,
)
"""In brackets, these words say that whoever stands before made the film, and is not in it."""
_HEADS = (
    (re.compile(r"(?:featuring )?(?:the )?voices? of", re.IGNORECASE), "voice"),
    (re.compile(r"narrat(?:ed|ion) by", re.IGNORECASE), "narrator"),
    (re.compile(r"(?:music(?:al)?|score|songs?)(?: score)? by", re.IGNORECASE), "composer"),
)
_VOICES = re.compile(r"(?:as )?(?:the )?voices?(?: of)?", re.IGNORECASE)
_ROLES = (("narrator", "narrator"), ("narration", "narrator"), ("voice", "voice"))
_AND = re.compile(r"^(?:and|&) | (?:and|&)$")
_SHARED_SURNAME = re.compile(r"([^\W\d_a-z]\S*) (?:and|&) ((?!The )[^\W\d_a-z]\S*) (\S+)")
_TWO_NAMES = re.compile(r"([^\W\d_a-z]\S* \S+) (?:and|&) ((?!The )[^\W\d_a-z]\S* \S+)")
_ARTICLES = ("a ", "an ", "the ")
_OPEN_ENDS = frozenset(
    "about against at between by from in of on under with within the a an".split()
)
"""A name ends with none of these."""
_IN_NAMES = frozenset(
    [
        "a",
        "abu",
        "al",
        "and",
        "af",
        "aus",
        "av",
        "ben",
        "bin",
        "bint",
        "d",
        "da",
        "das",
        "de",
        "degli",
        "dei",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "en",
        "for",
        "ibn",
        "in",
        "la",
        "las",
        "le",
        "li",
        "lo",
        "los",
        "n",
        "of",
        "os",
        "o't",
        "'t",
        "san",
        "st",
        "te",
        "ten",
        "ter",
        "the",
        "und",
        "van",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
"""Words that stand in names of people and bands in lower case."""
_QUOTES = "\"'\u2018\u2019\u201c\u201d.,"


class Performer(msgspec.Struct, frozen=True):
    """One name of the list."""

    name: str
    job: str


class CastList(msgspec.Struct, frozen=True):
    """What a list comes to."""

    performers: tuple[Performer, ...]
    """In the order of the list, each once."""
    left_out: tuple[int, ...]
    """Places of the entries that are, or may be, no names of people in the film."""


def read_cast(entries: Sequence[str]) -> CastList:
    """Who is in a film, by a list in which other words stand too.

    Some lists begin with those who wrote the film, or are cut in the middle of a bracket; some of
    documentaries are a sentence about the subject. What may be no performer is left out.
    """
    names = _Names()
    for place, entry in enumerate(entries):
        if not names.take(place, _FOOTNOTE.sub("", entry)):
            names.left_out.extend(range(place, len(entries)))
            break
    kept = {performer.name: performer for _, performer in reversed(names.kept)}
    performers = [kept.pop(item.name) for _, item in names.kept if item.name in kept]
    return CastList(tuple(performers), tuple(sorted(set(names.left_out))))


class _Names:
    """The names of a list so far."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, Performer]] = []
        self.left_out: list[int] = []
        self._job = "actor"
        self._open = False

    def take(self, place: int, entry: str) -> bool:
        """Read one more entry. False: from here on, the list is no list of names."""
        outside, inside = self._parted(entry)
        if _MADE_IT.search(inside):
            self._forget()
            outside = ""
        elif inside:
            self._remark(inside)
        text = _AND.sub("", outside.strip(" ,;"))
        head = next((job for form, job in _HEADS if form.fullmatch(text)), None)
        if head is not None:
            self._job = head
            text = ""
        elif text.casefold() == "cast:" or _MADE_IT.fullmatch(text):
            self._forget()
            text = ""
        elif is_phrase(text):
            if not self.kept or text[0].islower() or _is_open(text):
                return False
            text = ""
        if not any(map(str.isalnum, text)) or set(":[]") & set(text) or text in {"and", "&"}:
            self.left_out.append(place)
            return True
        self.kept += [(place, Performer(name, self._job)) for name in _people(text)]
        return True

    def _parted(self, entry: str) -> tuple[str, str]:
        """What of an entry stands outside brackets, and what inside; brackets span entries."""
        outside, inside = "", ""
        for piece in re.split(r"([()])", entry):
            if piece == "(":
                self._open = True
            elif piece == ")":
                if not self._open:
                    # The list begins in the middle of a bracket: nothing so far is the cast.
                    self._forget()
                    outside, inside = "", inside + outside
                self._open = False
            elif self._open:
                inside += f"{piece} "
            else:
                outside += piece
        return outside, inside.strip()

    def _remark(self, inside: str) -> None:
        """What brackets say of the names before or after them."""
        if _VOICES.fullmatch(inside) and (inside.endswith("of") or not self.kept):
            self._job = "voice"
            return
        job = next((job for word, job in _ROLES if word in inside.casefold()), None)
        first = 0 if inside.casefold().endswith("voices") else max(len(self.kept) - 1, 0)
        if job is not None:
            self.kept[first:] = [(at, Performer(one.name, job)) for at, one in self.kept[first:]]

    def _forget(self) -> None:
        self.left_out += [place for place, _ in self.kept]
        self.kept.clear()


def _people(text: str) -> Iterator[str]:
    """The names of one entry: two people may share it, and a surname."""
    if (both := _SHARED_SURNAME.fullmatch(text)) is not None:
        yield from (f"{both[1]} {both[3]}", f"{both[2]} {both[3]}")
    elif (both := _TWO_NAMES.fullmatch(text)) is not None:
        yield from (both[1], both[2])
    else:
        yield text


def is_phrase(text: str) -> bool:
    """Whether words are said about something, rather than a name."""
    return text.startswith(_ARTICLES) or _is_open(text) or any(map(_is_plain, text.split()))


def _is_open(text: str) -> bool:
    """Whether words wait for more, as `the history of` does."""
    return text.rpartition(" ")[2].casefold() in _OPEN_ENDS


def _is_plain(word: str) -> bool:
    """Whether a word is one of everyday language by its letters: not `de`, `d'Abo` or `will.i.am`."""
    bare = word.strip(_QUOTES)
    return bool(bare) and bare.isalpha() and bare.islower() and bare not in _IN_NAMES
