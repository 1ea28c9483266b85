"""What the types of a title record leave open: words of the vocabulary, and characters no text holds."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.catalog.words import words_of
from genservice.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genservice.domain import Title, Vocabulary

NOT_A_WORD = "not a word of the vocabulary"
UNPRINTABLE = "a character that no text may hold"
BLANK = "a name without a character that can be seen"
LIKE_A_SLOT = "square brackets around a word that texts hold in place of a name"

_FAMILIES = ("genres", "moods", "themes", "alerts")
_MOST = 20
"""Most problems told of one record."""
_SLOT = re.compile(
    r"\[(?:ACCESS|ALERT|CAST|CHARACTER|COMPOSER|COUNTRY|CREATOR|DIRECTOR|GENRE|GOAL|KIND|LEAD|LOGLINE|MINUTES|MOOD|"
    r"NAME|NARRATOR|OCCASION|PACE|PERIOD|PLACE|PRESENTER|STORY|THEME|TIER|TITLE|TURN|VOICE|WHERE|WHO|WRITER|YEAR)"
    r"(?:_[A-Z0-9_]+)?\]"
)
"""Not just any brackets: there is a film called [REC]."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def require_valid(title: Title, vocabulary: Vocabulary, *, at: str) -> None:
    """Return if a title may be stored and written for.

    Args:
        title: A record that was sent, one by one; `read` checks those of files.
        vocabulary: The catalogue's vocabulary.
        at: The pointer to the record in what was sent.

    Raises:
        InvalidInputError: It holds words that are not of the vocabulary, each with the word that was
            probably meant, a character that no text may hold, or a name that is blank or reads as a slot.
    """
    problems = tuple(islice(problems_of(title, vocabulary, at=at), _MOST))
    if problems:
        raise InvalidInputError(*problems)


def require_printable(value: Any, *, at: str) -> None:
    """Return if every text of a value, structs taken apart, may be stored.

    Raises:
        InvalidInputError: One holds control, direction or half characters.
    """
    if (pointer := unprintable(msgspec.to_builtins(value), at)) is not None:
        raise InvalidInputError(Problem(pointer=pointer, detail=UNPRINTABLE))


def problems_of(title: Title, vocabulary: Vocabulary, *, at: str = "") -> Iterator[Problem]:
    """What is wrong with a title, field by field."""
    words = words_of(vocabulary)
    for family in _FAMILIES:
        said: tuple[str, ...] = getattr(title, family)
        for index, word in enumerate(said):
            if not words.has(family, word):
                hint = words.meant(family, word)
                yield Problem(pointer=f"{at}/{family}/{index}", detail=NOT_A_WORD, hint=hint)
    if title.pace is not None and not words.has("pace", title.pace):
        hint = words.meant("pace", title.pace)
        yield Problem(pointer=f"{at}/pace", detail=NOT_A_WORD, hint=hint)
    if (pointer := unprintable(msgspec.to_builtins(title), at)) is not None:
        yield Problem(pointer=pointer, detail=UNPRINTABLE)
    for pointer, detail in misnamed(title):
        yield Problem(pointer=f"{at}{pointer}", detail=detail)


def misnamed(title: Title) -> Iterator[tuple[str, str]]:
    """Pointer to each name that texts cannot say as it stands, and why."""
    for pointer, name in _names(title):
        if all(unicodedata.category(letter)[0] in "CZ" for letter in name):
            yield pointer, BLANK
        elif _SLOT.search(name):
            yield pointer, LIKE_A_SLOT


def _names(title: Title) -> Iterator[tuple[str, str]]:
    yield "/name", title.name
    if title.original_name is not None:
        yield "/original_name", title.original_name
    for index, name in enumerate(title.also_named):
        yield f"/also_named/{index}", name
    for index, credit in enumerate(title.credits):
        yield f"/credits/{index}/name", credit.name
        if credit.character is not None:
            yield f"/credits/{index}/character", credit.character
    for index, setting in enumerate(title.setting):
        if setting.place is not None:
            yield f"/setting/{index}/place", setting.place


def unprintable(value: Any, pointer: str) -> str | None:
    """Pointer to the first text with control, direction or half characters, or None."""
    if isinstance(value, str):
        return pointer if not value.isprintable() and _CONTROL.search(value) else None
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
    elif isinstance(value, list | tuple):
        items = enumerate(cast("list[Any]", value))
    for key, item in items:
        if (found := unprintable(item, f"{pointer}/{key}")) is not None:
            return found
    return None
