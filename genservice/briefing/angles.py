"""The angle: at most two released signals that a fact of this title answers.

Chosen before the model and without it, so that a signal the title does not meet never reaches it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from genservice.briefing.occasions import rated_up_to
from genservice.domain import (
    Angle,
    Family,
    Released,
    Signal,
    Slot,
    SlotKind,
    Title,
    Vocabulary,
    plan_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.briefing.occasions import Occasion

_LABELS: dict[Family, SlotKind] = {
    "genres": "genre",
    "moods": "mood",
    "themes": "theme",
    "pace": "pace",
    "countries": "country",
}
_MINUTES: dict[str, tuple[int, int]] = {"short": (1, 35), "medium": (36, 75), "long": (76, 1500)}
"""Running times that fit a session, in minutes; the buckets that `session_length` coarsens to."""
_FOR_THE_YOUNG = frozenset({"family", "kids"})
_YOUNG = 8
"""The age from which a title may be seen that is offered as something for children or families."""
_AIDS = {"signed": "sign language"}
"""Aids whose word does not stand after "with", and the noun that does."""


class _Offer:
    """What one title can answer with."""

    def __init__(
        self,
        title: Title,
        slots: Sequence[Slot],
        vocabulary: Vocabulary,
        occasions: Sequence[Occasion],
        barred: frozenset[str],
    ) -> None:
        self.title = title
        self.slots = slots
        self.occasions = {occasion.name: occasion for occasion in occasions}
        self.never = barred | sensitive_words(vocabulary)
        if title.ratings and not rated_up_to(title, _YOUNG):
            self.never |= _FOR_THE_YOUNG

    def answer(
        self, family: Family, words: Sequence[str], shun: frozenset[str]
    ) -> tuple[str, Slot] | None:
        """The word both share and the slot that says it, or None."""
        if family in _LABELS:
            kind = _LABELS[family]
            for slot in self.slots:
                term = slot.term
                if slot.kind != kind or term is None or term not in words:
                    continue
                if term not in shun | self.never:
                    return term, slot
            return None
        if family == "people":
            return self._person(words)
        if family == "minutes":
            return self._minutes(words)
        return self._label(family, words, shun)

    def _person(self, words: Sequence[str]) -> tuple[str, Slot] | None:
        for slot in self.slots:
            if slot.kind != "person":
                continue
            credit = self.title.credits[int(slot.pointer.split("/")[2])]
            person = credit.person or person_id(credit.name)
            if person in words:
                return person, slot
        return None

    def _minutes(self, words: Sequence[str]) -> tuple[str, Slot] | None:
        minutes = self.title.minutes
        for word in words:
            low, high = _MINUTES.get(word, (1, 0))
            if minutes is not None and low <= minutes <= high:
                return next(((word, slot) for slot in self.slots if slot.kind == "minutes"), None)
        return None

    def _label(
        self, family: Family, words: Sequence[str], shun: frozenset[str]
    ) -> tuple[str, Slot] | None:
        for word in words:
            if family == "occasion" and (occasion := self.occasions.get(word)) is not None:
                if (pointer := occasion.answered_by(self.title, shun)) is not None:
                    return word, Slot(
                        name="OCCASION",
                        kind="occasion",
                        text=occasion.label,
                        pointer=pointer,
                        term=word,
                    )
            elif family == "accessibility" and word in self.title.accessibility:
                pointer = f"/accessibility/{self.title.accessibility.index(word)}"
                text = _AIDS.get(word, word.replace("_", " "))
                return word, Slot(
                    name="ACCESS", kind="accessibility", text=text, pointer=pointer, term=word
                )
            elif family == "tiers" and word in self.title.tiers:
                pointer = f"/tiers/{self.title.tiers.index(word)}"
                return word, Slot(
                    name="TIER",
                    kind="tier",
                    text=f"the {plan_of(word)}",
                    pointer=pointer,
                    term=word,
                )
        return None


def sensitive_words(vocabulary: Vocabulary) -> frozenset[str]:
    """The words that the catalogue marks as sensitive, whatever their family."""
    families = (vocabulary.genres, vocabulary.moods, vocabulary.themes, vocabulary.alerts)
    return frozenset(term.name for family in families for term in family if term.sensitive)


def person_id(name: str) -> str:
    """The id of a person whose credit carries none: the name as a slug."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def choose_angle(
    title: Title,
    slots: Sequence[Slot],
    released: Iterable[Released],
    signals: Sequence[Signal],
    *,
    vocabulary: Vocabulary,
    occasions: Sequence[Occasion],
    reads: frozenset[str],
    most: int,
    barred: frozenset[str] = frozenset(),
) -> tuple[tuple[Angle, ...], tuple[Slot, ...]]:
    """The angle, heaviest signal first, and the slots it adds to the title's own.

    Args:
        title: What is written about.
        slots: The slots it offers.
        released: What policy released, as coarse as it released it.
        signals: The declared signals.
        vocabulary: Tells which themes are sensitive: those are never a reason given.
        occasions: What times of day and company may become.
        reads: The signals that the prompt declares; others never shape a text.
        most: How many signals may shape it.
        barred: Further words that are never a reason given.
    """
    values = {item.signal: item for item in released}
    shun = disliked(values.values())
    offer = _Offer(title, slots, vocabulary, occasions, barred)
    angle: list[Angle] = []
    added: list[Slot] = []
    for signal in sorted(signals, key=lambda signal: (-signal.weight, signal.name)):
        item = values.get(signal.name)
        if item is None or signal.name not in reads or len(angle) == most:
            continue
        for family in signal.answered_by:
            found = offer.answer(family, words_of(item.value), shun)
            if found is None or any(found[1].name == taken.slot for taken in angle):
                continue
            term, slot = found
            if slot not in slots:
                added.append(slot)
            angle.append(
                Angle(
                    signal=signal.name,
                    level=item.level,
                    family=family,
                    term=term,
                    slot=slot.name,
                    pointer=slot.pointer,
                )
            )
            break
    return tuple(angle), tuple(added)


DISLIKES = "disliked_themes"
"""The signal whose words are shunned rather than followed."""


def disliked(released: Iterable[Released]) -> frozenset[str]:
    """Themes, genres and moods that a released dislike names."""
    return frozenset(
        word for item in released if item.signal == DISLIKES for word in words_of(item.value)
    )


def words_of(value: Any) -> tuple[str, ...]:
    """A released value as words: itself, its items, or the country of a place in lower case."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return tuple(str(part).lower() for key, part in value.items() if key == "country")  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return tuple(word for item in value for word in words_of(item))  # pyright: ignore[reportUnknownVariableType]
    return ()
