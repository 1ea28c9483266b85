"""Which pieces of text can still become a lawful use of slots: a small automaton, without torch.

A text is lawful if every `[` opens the name of an offered slot, which a `]` closes, and every `]`
closes one: `(other* "[" name "]")* other*`. A label or free text said again is a stutter, so each may
be said once; names too, unless the text is long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = re.compile(r"(?:TITLE|LEAD|CAST|CHARACTER|DIRECTOR|CREATOR|PLACE|NAME|KIND)(?:_\w+)?")


class Place(msgspec.Struct, frozen=True):
    """Where in the grammar a text stands."""

    name: str | None = None
    """The part of a slot's name written since its `[`; None outside slots."""
    spent: frozenset[str] = frozenset()
    """Slots already said that may not be said again."""
    missing: frozenset[str] = frozenset()
    """Slots that still have to be said."""

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""
        return self.name is None and not self.missing


class Spelling:
    """The grammar of one request's slots."""

    def __init__(
        self, slots: Iterable[str], must: Iterable[str] = (), *, names_again: bool = True
    ) -> None:
        """Set which slots are offered, and which of them a text has to say before it ends.

        Args:
            slots: The slots offered.
            must: Those that have to be said.
            names_again: Whether a name may be said more than once.
        """
        self._slots = frozenset(slots)
        self._names_again = names_again
        self.start = Place(missing=frozenset(must) & self._slots)

    def advance(self, place: Place, text: str) -> Place | None:
        """Where `text`, written at `place`, leads; None if no lawful text goes that way."""
        name, spent, missing = place.name, place.spent, place.missing
        for character in text:
            if name is None:
                if character == "]":
                    return None
                if character == "[":
                    name = ""
            elif character == "]":
                if name not in self._slots or name in spent:
                    return None
                missing -= {name}
                if not (self._names_again and _NAMES.fullmatch(name)):
                    spent |= {name}
                name = None
            else:
                name += character
        if name is not None and not any(True for _ in self.endings(Place(name, spent))):
            return None
        return Place(name, spent, missing)

    def endings(self, place: Place) -> Iterator[str]:
        """What may follow inside a slot, up to its `]`: for each name that begins so, its rest."""
        start = place.name or ""
        for slot in self._slots - place.spent:
            if slot.startswith(start):
                yield slot[len(start) :] + "]"
