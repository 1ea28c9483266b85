"""Occasions: what a time of day or company becomes in a text, and which titles suit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from genservice.documents import read
from genservice.domain import Slot, Title
from genservice.errors import DocumentError, VocabularyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "occasions.yaml"


class Occasion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One occasion; see the header of catalogue/occasions.yaml."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    label: str
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    pace: tuple[str, ...] = ()
    max_age: int | None = None
    not_with: tuple[str, ...] = ()

    def answered_by(self, title: Title, shun: frozenset[str] = frozenset()) -> str | None:
        """JSON Pointer to the fact of `title` that suits this occasion, or None.

        Args:
            title: What is written about.
            shun: Words that are no reason.
        """
        if any(alert in self.not_with for alert in title.alerts) or not self._old_enough(title):
            return None
        for family, wanted in (("moods", self.moods), ("genres", self.genres)):
            for index, word in enumerate(getattr(title, family)):
                if word in wanted and word not in shun:
                    return f"/{family}/{index}"
        return "/pace" if title.pace in self.pace and title.pace not in shun else None

    def _old_enough(self, title: Title) -> bool:
        if self.max_age is None:
            return True
        return rated_up_to(title, self.max_age)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    occasions: tuple[Occasion, ...]


def rated_up_to(title: Title, age: int) -> bool:
    """Whether `title` is rated, and every rating, whichever region's, says that it may be seen at `age`.

    A rating that names no age may mean any.
    """
    return bool(title.ratings) and all(
        rating.min_age is not None and rating.min_age <= age for rating in title.ratings
    )


def occasion_slots(title: Title, occasions: Iterable[Occasion]) -> tuple[Slot, ...]:
    """A slot for every occasion that `title` answers: `[OCCASION]`, `[OCCASION_2]`, ..."""
    slots: list[Slot] = []
    for occasion in occasions:
        pointer = occasion.answered_by(title)
        if pointer is None:
            continue
        name = f"OCCASION_{len(slots) + 1}" if slots else "OCCASION"
        slots.append(
            Slot(
                name=name, kind="occasion", text=occasion.label, pointer=pointer, term=occasion.name
            )
        )
    return tuple(slots)


def load_occasions(directory: Path) -> tuple[Occasion, ...]:
    """The occasions in `directory`/occasions.yaml.

    Raises:
        VocabularyError: The file is missing or has the wrong shape.
    """
    try:
        document = read(directory / FILE)
        return document.convert("", document.value, _File).occasions
    except DocumentError as error:
        raise VocabularyError(*error.problems) from None
