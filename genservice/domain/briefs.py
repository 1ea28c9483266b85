"""What the writer is given, and how names and facts reach it: as slots."""

from __future__ import annotations

from typing import Literal

import msgspec

from genservice.domain.audience import Channel, Family, Purpose
from genservice.domain.titles import Kind, Length, Tone

SlotKind = Literal[
    # names: filled exactly as the catalogue spells them
    "title", "person", "character", "place", "name",
    # labels of the closed vocabulary, each in its family's grammatical form
    "genre", "mood", "theme", "pace", "country", "period", "year", "kind", "minutes", "alert",
    "occasion", "accessibility", "tier",
    # free text of the catalogue
    "who", "goal", "turn", "where", "sentence",
]  # fmt: skip

LIMITS: dict[Channel, int] = {
    "tile": 90,
    "push": 110,
    "home_row": 140,
    "email": 180,
    "detail": 1200,
}
"""Most characters a channel shows."""
LENGTHS: dict[Length, int] = {"short": 90, "medium": 180, "long": 1200}
"""Most characters of a synopsis length (ETSI TS 102 822-3-1, TV-Anytime SynopsisType)."""


def limit_of(channel: Channel, length: Length) -> int:
    """Most characters of a text: the smaller of what channel and length hold."""
    return min(LIMITS[channel], LENGTHS[length])


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A place-holder that stands for one fact in everything the model sees and says.

    Names: `[TITLE]`, `[LEAD]` (billing 1), `[CAST_2]`, ... (further actors, presenters and voices by
    billing), `[DIRECTOR]`, `[CREATOR]`, `[CHARACTER_1]`, ... (of the same order), `[PLACE]`,
    `[NAME_1]`, ... (other names found in free text). Labels: `[GENRE]`, `[GENRE_2]`, `[MOOD]`,
    `[MOOD_2]`, `[THEME]`, `[THEME_2]`, `[PACE]`, `[COUNTRY]`, `[PERIOD]`, `[YEAR]`, `[KIND]`,
    `[MINUTES]`, `[OCCASION]`, `[ACCESS]`, `[TIER]`. Free text: `[WHO]` or, plural, `[WHO_PL]`, `[GOAL]`,
    `[TURN]`, `[WHERE]`, `[LOGLINE]`, `[STORY_1]`, ... Sentences carry no final full stop.
    """

    name: str
    """Without the brackets."""
    kind: SlotKind
    text: str
    """What fills it. Free text may itself hold name slots, which are filled in turn."""
    pointer: str
    """The fact it stands for: a JSON Pointer into the title record."""
    term: str | None = None
    """For labels: the word of the vocabulary."""


class Angle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One released signal that a fact of this title answers, and so shapes the text."""

    signal: str
    level: str
    family: Family
    term: str
    """The word both share: a genre, mood or theme by name, a person's id, a daypart, ..."""
    slot: str
    """The slot the text must use to follow the angle."""
    pointer: str
    """The fact that answers."""


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """The only thing that prompt, model and cache key ever see of title and audience.

    It is about nobody: two viewers whose released values answer the same facts share it.
    """

    title_id: str
    revision: int
    purpose: Purpose
    kind: Kind
    channel: Channel
    length: Length
    tone: Tone
    language: str
    limit: int
    """Most characters, from channel and length."""
    slots: tuple[Slot, ...]
    """What may be said; the order is part of the prompt."""
    inner: tuple[Slot, ...] = ()
    """Slots that stand only inside the free text of others, to be filled with it."""
    angle: tuple[Angle, ...] = ()
    """At most two; none makes it the twin's brief."""
    avoid: tuple[str, ...] = ()
    """Words an editor asked not to use, lower case."""
    shun: tuple[str, ...] = ()
    """Words of this title that a released dislike names: left out. Alerts and subjects stay."""
    aside: tuple[str, ...] = ()
    """Slots of words that a dislike names and that stay, as the title is about them: never the hook."""
    note: str | None = None
    """An editor's screened note; never with a viewer, never cached."""

    @property
    def personalised(self) -> bool:
        """Whether a signal shapes it."""
        return bool(self.angle)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a chat model."""

    role: Literal["system", "user"]
    content: str


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt, rendered strictly from a brief, in the forms that models take."""

    compact: str
    """The embedded model's form: one line of words and slots."""
    turns: tuple[Turn, ...]
    """The chat form; a model without a chat template gets the contents, one after the other. Empty where
    the model that is asked reads the other form."""
    revision: str
    """`promo@1 sha256:...`: version and digest of the prompt file."""
