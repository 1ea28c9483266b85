"""Briefs for the tests of composing: small, spelt out, and the shipped phrases read once."""

from __future__ import annotations

from functools import cache

from genservice.catalog import load_vocabulary
from genservice.checking import Phrases, load_phrases
from genservice.checking.phrases import slot_kind
from genservice.composition import Composition, Frame, frames
from genservice.domain import Angle, Brief, Slot, Vocabulary, limit_of
from genservice.prompting import measured
from genservice.shipped import shipped
from training.briefs import holding
from training.written import TEXTS, Joins, learned

HARBOUR = {
    "TITLE": "Harbour Lights",
    "LEAD": "Imre Vale",
    "CAST_2": "Dunja Price",
    "DIRECTOR": "Noor Castellan",
    "CHARACTER_1": "Ada Thorne",
    "PLACE": "Whitby",
    "PERIOD": "the 1980s",
    "YEAR": "2024",
    "KIND": "series",
    "GENRE": "crime drama",
    "MOOD": "tense",
    "THEME": "grief",
    "PACE": "slow-burn",
    "WHO": "a harbour pilot's daughter",
    "GOAL": "clear a dead man's name",
    "TURN": "the tide brings up a boat nobody missed",
    "WHERE": "in a town that keeps its dead close",
    "LOGLINE": "A harbour pilot's daughter comes home to clear his name",
    "STORY_1": "The police closed the case in a week",
    "STORY_2": "The harbour office has lost its log for one night in March",
}
TERMS = {"GENRE": "crime", "MOOD": "tense", "THEME": "grief", "PACE": "slow_burn"}
SPARSE = {"TITLE": "Marrow", "LEAD": "Lena Ort", "YEAR": "1998", "GENRE": "horror story"}
ANGLES = {
    "GENRE": "genres",
    "MOOD": "moods",
    "THEME": "themes",
    "PACE": "pace",
    "LEAD": "people",
    "CAST_2": "people",
    "DIRECTOR": "people",
    "COUNTRY": "countries",
    "MINUTES": "minutes",
    "OCCASION": "occasion",
    "ACCESS": "accessibility",
}
ADDED = {
    "COUNTRY": "British",
    "MINUTES": "52 minutes",
    "OCCASION": "late evenings",
    "ACCESS": "audio description",
}


@cache
def phrases() -> Phrases:
    """The shipped phrases."""
    return load_phrases(shipped("prompts") / "phrases.yaml")


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return load_vocabulary(shipped("catalogue"))


@cache
def read_frames() -> tuple[Frame, ...]:
    """The shipped phrases, read for composing."""
    return frames(phrases().phrases)


@cache
def joins() -> Joins:
    """Which phrases followed which in the texts written by hand."""
    return learned(TEXTS, read_frames())


def composition(made: Brief) -> Composition:
    """The texts of a brief, as training lays them out."""
    return Composition(made, holding(read_frames(), made), measured)


def slot(name: str, text: str, term: str | None = None) -> Slot:
    """A slot of the kind its name tells."""
    kind = slot_kind(name)
    assert kind is not None
    return Slot(name=name, kind=kind, text=text, pointer=f"/{name.lower()}", term=term)


def brief(
    texts: dict[str, str] | None = None,
    *,
    angle: tuple[str, ...] = (),
    terms: dict[str, str] | None = None,
    **options: object,
) -> Brief:
    """A brief about Harbour Lights, or about `texts`."""
    texts = dict(HARBOUR if texts is None else texts)
    texts |= {name: ADDED[name] for name in angle if name in ADDED}
    terms = TERMS if terms is None else terms
    given = {"purpose": "promo", "kind": "season", "channel": "email", "length": "medium"}
    given |= {"tone": "plain", **options}
    answers = tuple(
        Angle(
            signal="s",
            level="l",
            family=ANGLES[name],
            term=terms.get(name, name),
            slot=name,
            pointer=f"/{name.lower()}",
        )
        for name in angle
    )
    slots = tuple(slot(name, text, terms.get(name)) for name, text in texts.items())
    limit = limit_of(given["channel"], given["length"])
    return Brief(
        title_id="harbour-lights", revision=0, language="en", limit=limit, slots=slots, angle=answers, **given
    )  # fmt: skip
