"""Audiences, contexts, titles and policies that nobody thought of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from genservice.catalog import load_vocabulary
from genservice.domain import AGE_BANDS, Credit, Rating, Setting, StoryElement, Title
from genservice.policy import load
from genservice.shipped import shipped

POLICIES = load(shipped("policies"))
VOCABULARY = load_vocabulary(shipped("catalogue"))
SIGNALS = {signal.name: signal for signal in POLICIES.signals}
CONSENTS = sorted(consent.name for consent in POLICIES.consents)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Anything that JSON can hold: what a withheld signal may be."""


def _words(family: str) -> st.SearchStrategy[list[str]]:
    names = [term.name for term in getattr(VOCABULARY, family)]
    return st.lists(st.sampled_from(names), max_size=5, unique=True)


_clock = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
_catalogue = st.sampled_from(
    ["the-godfather", "double-indemnity", "casablanca", "moonlight", "no-such-title", "psycho"]
)


def lawful(name: str) -> st.SearchStrategy[Any]:
    """A value of the signal's own shape."""
    signal = SIGNALS[name]
    if signal.value in ("term", "terms") and signal.terms:
        one = st.sampled_from(signal.terms)
        return one if signal.value == "term" else st.lists(one, max_size=4)
    special: dict[str, st.SearchStrategy[Any]] = {
        "pace_preference": st.sampled_from([term.name for term in VOCABULARY.pace]),
        "genre_affinity": _words("genres"),
        "mood_affinity": _words("moods"),
        "theme_affinity": _words("themes"),
        "disliked_themes": _words("themes"),
    }
    shapes: dict[str, st.SearchStrategy[Any]] = {
        "title_ids": st.lists(_catalogue, max_size=5),
        "person_ids": st.lists(
            st.sampled_from(["marlon-brando", "p-1", "ingrid-bergman"]), max_size=3
        ),
        "number": st.integers(0, min(signal.max, 120)),
        "place": st.sampled_from(
            [
                {"country": "DE", "city": "Kiel"},
                {"country": "US"},
                {"country": "GB", "city": "Hull"},
            ]
        ),
        "times": st.lists(_clock, max_size=3),
        "text": st.sampled_from(
            ["crime and the sea", "friendship", "", "Jane Roe, jane@example.org, grief"]
        ),
        "terms": st.just([]),
        "term": st.nothing(),
    }
    return special.get(name, shapes[signal.value])


contexts = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["DE", "FR", "GB", "US", "US-CA", "BR", "JP", "unknown"]),
        "age_band": st.sampled_from(AGE_BANDS),
        "consents": st.lists(st.sampled_from(CONSENTS), unique=True).map(tuple),
        "gpc": st.booleans(),
    }
)
granting = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["DE", "GB", "US", "BR"]),
        "age_band": st.sampled_from(["age_18_24", "age_35_49", "age_65_plus"]),
        "consents": st.just(tuple(CONSENTS)),
        "gpc": st.just(False),
    }
)
"""Contexts in which much is released."""


@st.composite
def audiences(draw: st.DrawFn, names: list[str] | None = None) -> dict[str, Any]:
    """Signals of their own shapes, some of them."""
    chosen = draw(st.lists(st.sampled_from(sorted(names or SIGNALS)), unique=True, max_size=8))
    return {name: draw(lawful(name)) for name in chosen if SIGNALS[name].ladder != ("none",)}


_letters = st.sampled_from("abcdefghijklmnopqrstuvwxyzéøß")
_name_word = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from("BCDFGJKLMNPRSTVZÉ"),
    st.text(_letters, min_size=3, max_size=8),
)
_person = st.builds("{} {}".format, _name_word, _name_word)


@st.composite
def titles(draw: st.DrawFn) -> Title:
    """A title with real words of the vocabulary and names that nobody has."""
    cast = draw(st.lists(_person, max_size=3, unique=True))
    return Title(
        id=draw(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)),
        kind=draw(st.sampled_from(["film", "series", "season", "episode", "programme"])),
        name=draw(st.builds("{} {}".format, _name_word, _name_word)),
        language="en",
        year=draw(st.none() | st.integers(1900, 2026)),
        minutes=draw(st.none() | st.integers(1, 240)),
        countries=tuple(
            draw(st.lists(st.sampled_from(["GB", "US", "FR", "KR"]), max_size=2, unique=True))
        ),
        credits=tuple(
            Credit(name=name, job="actor", billing=at) for at, name in enumerate(cast, 1)
        ),
        genres=tuple(draw(_words("genres"))[:3]) or ("drama",),
        moods=tuple(draw(_words("moods"))[:3]),
        themes=tuple(draw(_words("themes"))[:3]),
        pace=draw(st.none() | st.sampled_from([term.name for term in VOCABULARY.pace])),
        setting=draw(st.just(()) | st.builds(lambda place: (Setting(place=place),), _name_word)),
        logline=draw(st.none() | st.just("A keeper of bees finds a letter in the oldest hive.")),
        story=(
            StoryElement(text="a keeper of bees", part="who"),
            StoryElement(text="find who wrote the letter", part="goal"),
            StoryElement(text="The letter was written by a brother.", spoiler="major"),
        )[: draw(st.integers(0, 3))],
        ratings=draw(
            st.just(()) | st.just((Rating(region="GB", system="BBFC", value="PG", min_age=8),))
        ),
        alerts=tuple(draw(_words("alerts"))[:2]),
    )


_rule_signals = st.lists(
    st.sampled_from(sorted(name for name, signal in SIGNALS.items() if signal.ladder != ("none",))),
    min_size=1,
    max_size=6,
    unique=True,
)


@st.composite
def rule_files(draw: st.DrawFn) -> str:
    """A rules file of random allows and caps over the shipped signals."""
    lines = ["rules:"]
    for at in range(draw(st.integers(1, 6))):
        signals = draw(_rule_signals)
        verb = draw(st.sampled_from(["allow", "allow", "withhold"]))
        when = draw(
            st.sampled_from(
                [
                    "{}",
                    "{age_band: [adult]}",
                    "{gpc: false}",
                    "{region: [EEA]}",
                    "{consents: [content_use]}",
                ]
            )
        )
        lines.append(
            f"  - {{id: r-{at}, why: A rule of the tests., when: {when}, signals: [{', '.join(signals)}], decision: {verb}}}"
        )
    return "\n".join(lines) + "\n"
