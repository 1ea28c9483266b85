"""The names of a title's people, characters and places, and every form in which texts say them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.catalog.capitals import HONORIFICS, is_ordinary_capital
from genservice.catalog.everyday import is_everyday, is_first_a_word
from genservice.domain import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain import Credit, SlotKind, Title

PERFORMERS = frozenset({"actor", "voice", "presenter", "narrator"})
_NO_CHARACTER = frozenset(
    {"self", "himself", "herself", "themselves", "narrator", "host", "presenter", "various"}
)
_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_UNBILLED = 1000
_QUOTED = re.compile(r"[\"\u201c(][^\"\u201d)]*[\"\u201d)]")
_SUBTITLE = re.compile(r"(?::| [\u2013\u2014-]) ")
_LETTERS = re.compile(r"[^\W\d_]")


def offered(title: Title) -> tuple[Slot, ...]:
    """The name slots that every text may use: title, people, characters and places, in that order."""
    people = [("DIRECTOR", "director"), ("CREATOR", "creator")]
    found = [Slot(name="TITLE", kind="title", text=title.name, pointer="/name")]
    cast = list(_cast(title))
    found.extend(
        Slot(name=name, kind="person", text=credit.name, pointer=f"/credits/{index}/name")
        for name, _, index, credit in cast
    )
    for name, job in people:
        makers = [(i, credit) for i, credit in enumerate(title.credits) if credit.job == job]
        found.extend(
            Slot(
                name=numbered(name, n),
                kind="person",
                text=credit.name,
                pointer=f"/credits/{i}/name",
            )
            for n, (i, credit) in enumerate(makers, 1)
        )
    found.extend(
        Slot(name=f"CHARACTER_{number}", kind="character", text=credit.character, pointer=f"/credits/{index}/character")
        for _, number, index, credit in cast
        if credit.character and credit.character.lower() not in _NO_CHARACTER
    )  # fmt: skip
    places = [(i, item.place) for i, item in enumerate(title.setting) if item.place]
    found.extend(
        Slot(name=numbered("PLACE", n), kind="place", text=place, pointer=f"/setting/{i}/place")
        for n, (i, place) in enumerate(places, 1)
    )
    return tuple(found)


def parts(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Slots for what a name is called by: first names of characters, surnames of all."""
    found: list[Slot] = []
    seen = {slot.text for slot in slots}
    for kind in ("character", "person"):
        for slot in slots:
            if slot.kind != kind:
                continue
            for ending, text in _parts_of(slot.text):
                if (ending == "FIRST" and kind == "person") or text in seen:
                    continue
                seen.add(text)
                found.append(_part(slot, ending, text))
    return tuple(found)


def others(title: Title) -> dict[str, tuple[SlotKind, str]]:
    """Further names of the record that free text may hold, with kind and pointer: other titles, other crew."""
    found: dict[str, tuple[SlotKind, str]] = {}
    if title.original_name:
        found[title.original_name] = ("name", "/original_name")
    for piece in _SUBTITLE.split(title.name):
        if piece != title.name and len(piece.split()) > 1:
            found.setdefault(piece, ("name", "/name"))
    for index, name in enumerate(title.also_named):
        found.setdefault(name, ("name", f"/also_named/{index}"))
    for index, credit in enumerate(title.credits):
        for field in ("name", "character"):
            text = getattr(credit, field)
            if text:
                found.setdefault(text, ("name", f"/credits/{index}/{field}"))
    return found


def may_stand_in_text(slot: Slot) -> bool:
    """Whether the slot's text, in exact case, is a name wherever it stands.

    Never an everyday word that happens to be a title (Her, Up), nor a name whose words all could stand
    in a sentence as they are.
    """
    words = slot.text.split()
    if not words or not _LETTERS.search(slot.text):
        return False
    if len(words) == 1:
        if slot.kind in ("character", "person"):
            return not is_first_a_word(slot.text)
        return not (is_everyday(slot.text) or is_ordinary_capital(slot.text))
    return any(word != word.lower() for word in words[1:]) or not all(
        is_everyday(word) for word in words
    )


def numbered(name: str, number: int) -> str:
    """`GENRE`, `GENRE_2`, `GENRE_3`."""
    return name if number == 1 else f"{name}_{number}"


def _cast(title: Title) -> Iterator[tuple[str, int, int, Credit]]:
    """Slot name, number, index and credit of all who are seen or heard, by billing.

    Only billing 1 makes a lead: nobody is promoted to it for want of one.
    """
    cast = [(i, credit) for i, credit in enumerate(title.credits) if credit.job in PERFORMERS]
    cast.sort(key=lambda item: (item[1].billing or _UNBILLED, item[0]))
    led = bool(cast) and cast[0][1].billing == 1
    for number, (index, credit) in enumerate(cast, 1 if led else 2):
        yield ("LEAD" if number == 1 else f"CAST_{number}"), number, index, credit


def _parts_of(name: str) -> Iterator[tuple[str, str]]:
    """First name and surname of a full name, where they can be told and are no everyday words."""
    head = _QUOTED.sub(" ", name.split(" / ", 1)[0])
    words = [word for word in head.split() if word not in _SUFFIXES]
    while words and words[0].rstrip(".") in HONORIFICS:
        words = words[1:]
        if len(words) == 1:
            yield from _usable("LAST", words[0])
            return
    if len(words) > 1:
        yield from _usable("FIRST", words[0])
        yield from _usable("LAST", words[-1])


def _usable(ending: str, word: str) -> Iterator[tuple[str, str]]:
    plain = word.strip(",")
    if (
        len(plain) > 1
        and plain[0].isupper()
        and not plain.endswith(".")
        and not is_first_a_word(plain)
        and not is_ordinary_capital(plain)
    ):
        yield ending, plain


def _part(slot: Slot, ending: str, text: str) -> Slot:
    return Slot(name=f"{slot.name}_{ending}", kind=slot.kind, text=text, pointer=slot.pointer)
