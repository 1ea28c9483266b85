"""What is asked for: titles, places, tones and audiences, drawn from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from genservice.answers import Order
from genservice.briefing import Options, person_id
from genservice.domain import CHANNELS, LENGTHS, Channel, Length, Purpose, Title, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

_TONES: tuple[Tone, ...] = ("plain", "warm", "dry", "tense", "playful", "urgent")
_REGION = "DE"
_MOST_SIGNALS = 2
_UNMET = 0.3
"""How often an audience also likes what the title is not."""


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """One order of an audience that agreed to everything, so that no rule hides the writer."""

    order: Order
    answerable: bool
    """Whether a signal was sent that a fact of the title answers, as far as can be told before policy."""


def writable(titles: Iterable[Title]) -> tuple[Title, ...]:
    """The titles about which a writer may write at all, whatever the length."""
    free = (title for title in titles if title.copy.mode == "open")
    return tuple(title for title in free if not any(text.pinned for text in title.texts))


def draw(titles: Sequence[Title], consents: Sequence[str], rng: Random) -> Draw:
    """One order: a title, a place for the text, a tone, and an audience with up to two signals met.

    Args:
        titles: What may be written about; see `writable`.
        consents: Every declared consent: the audience gave them all.
        rng: Where chance comes from.
    """
    title = rng.choice(titles)
    purpose: Purpose = rng.choices(("promo", "synopsis"), (60, 40))[0]
    channel: Channel = rng.choice(CHANNELS) if purpose == "promo" else "detail"
    length: Length = rng.choice(list(LENGTHS))
    tone = rng.choice(title.copy.tones or _TONES)
    wanted = rng.choices(range(_MOST_SIGNALS + 1), (15, 55, 30))[0]
    signals = _signals(title, wanted, rng)
    answerable = bool(signals)
    if rng.random() < _UNMET:
        signals = {**_unmet(titles, title, rng), **signals}
    options = Options(purpose=purpose, channel=channel, length=length, tone=tone)
    return Draw(order=_order(title, options, consents, signals, rng), answerable=answerable)


def openings_of(
    titles: Sequence[Title], consents: Sequence[str], rng: Random, count: int
) -> tuple[Order, ...]:
    """As many orders as `count`, alike but for their seeds: an e-mail's promo, with one signal met."""
    title = rng.choice(titles)
    tone = rng.choice(title.copy.tones or _TONES)
    options = Options(purpose="promo", channel="email", length="medium", tone=tone)
    order = _order(title, options, consents, _signals(title, 1, rng), rng)
    return tuple(msgspec.structs.replace(order, seed=seed) for seed in range(count))


def _order(
    title: Title,
    options: Options,
    consents: Sequence[str],
    signals: dict[str, Any],
    rng: Random,
) -> Order:
    return Order(
        title=title,
        options=options,
        region=_REGION,
        age_band="age_25_34",
        consents=tuple(consents),
        language=title.language,
        signals=signals,
        seed=rng.randrange(1000),
    )


def _signals(title: Title, count: int, rng: Random) -> dict[str, Any]:
    """Signals of so many sorts, each made to meet a fact of the title."""
    able = [make for make in _MAKERS if make(title, rng)]
    chosen = rng.sample(able, min(count, len(able)))
    return {name: value for make in chosen for name, value in make(title, rng).items()}


def _genre(title: Title, rng: Random) -> dict[str, Any]:
    return {"genre_affinity": [rng.choice(title.genres)]} if title.genres else {}


def _mood(title: Title, rng: Random) -> dict[str, Any]:
    return {"mood_affinity": [rng.choice(title.moods)]} if title.moods else {}


def _theme(title: Title, rng: Random) -> dict[str, Any]:
    return {"theme_affinity": [rng.choice(title.themes)]} if title.themes else {}


def _pace(title: Title, _rng: Random) -> dict[str, Any]:
    return {"pace_preference": title.pace} if title.pace else {}


def _person(title: Title, rng: Random) -> dict[str, Any]:
    if not title.credits:
        return {}
    credit = rng.choice(title.credits[:4])
    return {"followed_people": [credit.person or person_id(credit.name)]}


def _minutes(title: Title, _rng: Random) -> dict[str, Any]:
    return {"session_length": title.minutes} if title.minutes else {}


def _country(title: Title, rng: Random) -> dict[str, Any]:
    return {"location": {"country": rng.choice(title.countries)}} if title.countries else {}


def _accessibility(title: Title, rng: Random) -> dict[str, Any]:
    aids = title.accessibility
    return {"accessibility_needs": [rng.choice(aids)]} if aids else {}


def _tier(title: Title, rng: Random) -> dict[str, Any]:
    return {"subscription_tier": rng.choice(title.tiers)} if title.tiers else {}


def _time(title: Title, rng: Random) -> dict[str, Any]:
    return {"time_of_day": [f"{rng.randrange(24):02}:10"]} if title.moods else {}


def _company(title: Title, rng: Random) -> dict[str, Any]:
    return {"companions": rng.choice(("friends", "partner", "family"))} if title.moods else {}


_MAKERS: tuple[Callable[[Title, Random], dict[str, Any]], ...] = (
    _genre, _mood, _theme, _pace, _person, _minutes, _country, _accessibility, _tier, _time, _company,
)  # fmt: skip


def _unmet(titles: Sequence[Title], title: Title, rng: Random) -> dict[str, Any]:
    """A taste for something that this title is not."""
    other = rng.choice(titles)
    genres = [genre for genre in other.genres if genre not in title.genres]
    moods = [mood for mood in other.moods if mood not in title.moods]
    return {"genre_affinity": genres[:1], "mood_affinity": moods[:1]} if genres and moods else {}
