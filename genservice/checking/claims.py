"""Claims that need a fact which says so, as data: praise, awards, newness, availability, and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from genservice.checking.lexicon import is_superlative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.domain import Title

ClaimKind = Literal[
    "superlative", "praise", "award", "nomination", "newness", "availability", "offer", "truth",
    "suitability", "viewer",
]  # fmt: skip

CLAIMS: dict[ClaimKind, tuple[str, ...]] = {
    "superlative": (
        "best", "greatest", "finest", "worst", "the most", "one of the most", "number one", "no 1",
        "of all time", "ever made", "of the year", "the only", "unrivalled", "unmatched",
        "unparalleled", "second to none", "like no other", "top rated", "the first ever",
    ),
    "praise": (
        "masterpiece", "masterful", "masterly", "brilliant", "acclaimed", "critically", "must see",
        "must watch", "unmissable", "beloved", "iconic", "legendary", "classic", "hit", "smash",
        "blockbuster", "celebrated", "outstanding", "superb", "stunning", "breathtaking", "perfect",
        "award worthy", "record breaking", "bestselling", "best selling", "phenomenon", "popular",
        "favourite", "everyone is talking about", "five star", "world famous",
    ),
    "award": (
        "award winning", "award winner", "oscar winning", "oscar winner", "bafta winning",
        "emmy winning", "prize winning", "multi award winning", "won", "wins", "winner", "winners",
        "winning", "prize", "prizes", "trophy",
    ),
    "nomination": (
        "nominated", "nominee", "nomination", "nominations", "shortlisted", "award", "awards",
        "oscar", "oscars", "academy award", "academy awards", "bafta", "baftas", "emmy", "emmys",
        "golden globe", "golden globes", "palme d'or", "golden bear", "golden lion", "cesar",
    ),
    "newness": (
        "new", "brand new", "newest", "latest", "just released", "just out", "newly", "premiere",
        "premieres", "premiering", "debut", "debuts", "this year", "this week", "this month",
        "coming soon", "upcoming", "fresh from", "out now", "new season", "new series",
    ),
    "availability": (
        "available", "streaming", "stream", "now showing", "on demand", "in cinemas", "watch it now",
    ),
    "offer": (
        "free", "for free", "tonight", "tomorrow", "today", "this weekend", "this evening", "now",
        "last chance", "until friday", "until monday", "until sunday", "ends soon", "leaving soon",
        "limited time", "hurry", "exclusive", "exclusively", "only here", "discount", "sale", "subscribe",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekend",
    ),
    "truth": (
        "true story", "true stories", "true tale", "true life", "real life", "real story",
        "real events", "true events", "actual events", "really happened", "based on", "inspired by",
        "adapted from", "a true", "drawn from life", "the truth about",
    ),
    "suitability": (
        "for all ages", "all ages", "for the whole family", "whole family", "family friendly",
        "child friendly", "kid friendly", "for kids", "for children", "for the kids", "for little ones",
        "for everyone", "for adults", "suitable for", "safe for", "all the family",
    ),
    "viewer": (
        "you watched", "you liked", "you loved", "you love", "you like", "you enjoyed", "you saw",
        "you follow", "you searched", "you finished", "you rated", "you enjoy", "you live", "you are",
        "because you", "since you", "as you", "if you", "your history", "your taste", "your tastes",
        "your favourite", "your list", "your age", "your home", "your area", "your city", "your country",
        "fans like", "viewers like", "people like", "someone like", "we know", "we think", "we noticed", "we picked",
        "recommended for", "picked for", "chosen for", "made for", "just for", "tailored to", "based on your",
    ),
}  # fmt: skip
"""Words that make a claim, by kind; a hyphen counts as a space."""

LOOSE: frozenset[str] = frozenset(
    {
        "hit", "classic", "perfect", "won", "wins", "winning", "winner", "winners", "prize", "free", "now",
        "today", "tonight", "sale", "stream", "new", "as you", "if you", "you are", "the only", "based on",
        "inspired by", "a true", "award", "awards", "trophy", "premiere", "debut", "popular", "favourite", "celebrated", "hurry",
        "prizes", "tomorrow", "made for", "people like", "the truth about", "weekend", "the most",
    }
)  # fmt: skip
"""Claims that are often none: a declared house phrase may hold them, a chance word may not."""

GRANTS: dict[ClaimKind, tuple[str, ...]] = {
    "superlative": (),
    "praise": (),
    "award": ("awards_won",),
    "nomination": ("awards", "awards_won"),
    "newness": (),
    "availability": ("available",),
    "offer": (),
    "truth": ("true_story",),
    "suitability": ("suitable_for_all",),
    "viewer": (),
}
"""The needs by which a house phrase may make the claim; see `granted`."""

_ALL_AGES = 7


class Claim(NamedTuple):
    """A claim found among words: where, and of which kind."""

    start: int
    end: int
    kind: ClaimKind
    loose: bool


def _compiled() -> dict[str, tuple[tuple[tuple[str, ...], ClaimKind, bool], ...]]:
    table: dict[str, list[tuple[tuple[str, ...], ClaimKind, bool]]] = {}
    for kind, patterns in CLAIMS.items():
        for pattern in patterns:
            words = tuple(pattern.split())
            table.setdefault(words[0], []).append((words, kind, pattern in LOOSE))
    return {
        first: tuple(sorted(entries, key=lambda entry: (-len(entry[0]), entry[1])))
        for first, entries in table.items()
    }


_BY_FIRST = _compiled()


def claims_in(norms: Sequence[str]) -> tuple[Claim, ...]:
    """The claims that a run of words makes, in order; at one place the longest of each kind."""
    found: list[Claim] = []
    for at, norm in enumerate(norms):
        for words, kind, loose in _BY_FIRST.get(norm, ()):
            if tuple(norms[at : at + len(words)]) == words:
                found.append(Claim(at, at + len(words), kind, loose))
                break
        else:
            if is_superlative(norm):
                found.append(Claim(at, at + 1, "superlative", False))
    return tuple(found)


def granted(title: Title, need: str) -> str | None:
    """The fact by which a title has what a house phrase or a claim needs, as a JSON Pointer.

    `awards_won`: an award, not a nomination. `true_story`: free text that says so.
    `suitable_for_all`: every rating that gives an age gives one of seven or less, and one does.
    Any other need is the name of a field of the record that must not be empty.
    """
    if need == "awards_won":
        won = (i for i, award in enumerate(title.awards) if award.result == "won")
        return next((f"/awards/{index}" for index in won), None)
    if need == "true_story":
        return _says_true(title)
    if need == "suitable_for_all":
        ages = [r.min_age for r in title.ratings if r.min_age is not None]
        return "/ratings/0" if ages and max(ages) <= _ALL_AGES else None
    return f"/{need}" if getattr(title, need, None) else None


NEEDS = frozenset(
    {
        "awards_won", "true_story", "suitable_for_all", "awards", "available", "year", "minutes", "countries",
        "credits", "genres", "moods", "themes", "pace", "setting", "logline", "description", "story",
        "ratings", "alerts", "accessibility", "tiers", "part_of",
    }
)  # fmt: skip
"""What `needs: facts` of a house phrase may name."""


PRIZES: dict[str, tuple[str, ...]] = {
    "oscar": ("academy award", "oscar"),
    "oscars": ("academy award", "oscar"),
    "academy": ("academy award", "oscar"),
    "bafta": ("bafta", "british academy"),
    "baftas": ("bafta", "british academy"),
    "emmy": ("emmy",),
    "emmys": ("emmy",),
    "globe": ("golden globe",),
    "globes": ("golden globe",),
    "palme": ("palme", "cannes"),
    "bear": ("golden bear", "berlin"),
    "lion": ("golden lion", "venice"),
    "cesar": ("cesar", "c\u00e9sar"),
}
"""Prizes that texts name, and how the awards of a record spell them."""


def vouched(title: Title, kind: ClaimKind, words: Sequence[str]) -> str | None:
    """The fact that lets a text about the title make this claim in these words, or None."""
    if kind not in {"award", "nomination"}:
        return next((p for need in GRANTS[kind] if (p := granted(title, need)) is not None), None)
    spellings = next((PRIZES[word] for word in words if word in PRIZES), ("",))
    for index, award in enumerate(title.awards):
        named = f"{award.name} {award.category or ''}".lower()
        fits = kind == "nomination" or award.result == "won"
        if fits and any(spelling in named for spelling in spellings):
            return f"/awards/{index}"
    return None


_TRUE = ("true story", "real events", "true events", "real-life", "actual events", "true-life")


def _says_true(title: Title) -> str | None:
    texts = [("/logline", title.logline), ("/description", title.description)]
    texts += [
        (f"/story/{i}", element.text)
        for i, element in enumerate(title.story)
        if element.spoiler == "none"
    ]
    for pointer, text in texts:
        if text and any(words in text.lower() for words in _TRUE):
            return pointer
    return None
