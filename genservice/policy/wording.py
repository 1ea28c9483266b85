"""Decisions in words: short plain sentences for viewers, made of what the policy set itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from genservice.policy.values import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.domain import Decision

NOTHING_ALLOWS = "Nothing allows it here, and what nothing allows is not used."

_LEVELS = {
    "titles": "as the titles themselves",
    "genres": "only as their genres",
    "moods": "only as their moods",
    "themes": "only as their themes",
    "people": "as the people themselves",
    "words": "as words of our vocabulary",
    "word": "as a word of our vocabulary",
    "years": "in years",
    "band": "only as an age band",
    "minutes": "in minutes",
    "bucket": "only as short, medium or long",
    "city": "as the town",
    "country": "only as the country",
    "times": "to the minute",
    "hour": "only to the hour",
    "daypart": "only as the part of the day",
    "text": "in your words",
    "terms": "only as words of our vocabulary found in it",
}
"""Level -> how it is said to a viewer."""


class Says(Protocol):
    """A rule as far as its words go."""

    @property
    def says(self) -> str:
        """`allow`, `coarsen to LEVEL` or `withhold`."""
        ...

    @property
    def why(self) -> str:
        """Why, for viewers and auditors."""
        ...


def level_in_words(level: str) -> str:
    """How a viewer reads of a level: `only as their genres`."""
    return _LEVELS.get(level, f"as {level}")


def accounting(decision: Decision) -> tuple[str, ...]:
    """What a rule that spoke has to say to account for a decision.

    What may be used is accounted for by the allows and by the caps that hold it where it is; what is
    withheld, by the rules that withhold it.
    """
    if decision.outcome == "withheld":
        return "withhold", f"coarsen to {NONE}"
    return "allow", f"coarsen to {decision.level}"


def because(decision: Decision, spoken: Iterable[Says]) -> str:
    """Why a signal is used or not, for a viewer: the whys of the rules that account for it, each once."""
    says = accounting(decision)
    whys = dict.fromkeys(rule.why for rule in spoken if rule.says in says)
    return " ".join(whys) or NOTHING_ALLOWS
