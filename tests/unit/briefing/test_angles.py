"""The angle: at most two released signals that a fact of the title answers, and never more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.briefing import Options, build, load_occasions
from genservice.catalog import load_vocabulary, slotted
from genservice.checking import Sources, check, load_phrases
from genservice.domain import (
    Copy,
    Credit,
    Rating,
    Released,
    Setting,
    Signal,
    StoryElement,
    Title,
)
from genservice.shipped import shipped

VOCABULARY = load_vocabulary(shipped("catalogue"))
OCCASIONS = load_occasions(shipped("catalogue"))

HARBOUR = Title(
    id="harbour-lights",
    kind="series",
    name="Harbour Lights",
    language="en",
    year=2024,
    minutes=52,
    countries=("GB",),
    credits=(
        Credit(name="Imre Vale", person="p-17", job="actor", billing=1, character="Ada Thorne"),
        Credit(name="Noor Castellan", job="director"),
    ),
    genres=("crime", "drama"),
    moods=("tense", "bleak"),
    themes=("grief", "faith", "small_town"),
    pace="slow_burn",
    setting=(Setting(place="Whitby", period="1980s"),),
    logline="In a town that keeps its dead close, a pilot's daughter comes home.",
    story=(
        StoryElement(text="a pilot's daughter", part="who"),
        StoryElement(text="clear his name", part="goal"),
        StoryElement(text="the tide brings up a boat", part="turn"),
        StoryElement(text="in a town that keeps its dead close", part="where"),
        StoryElement(text="The body is her brother's.", spoiler="major"),
    ),
    ratings=(Rating(region="GB", system="BBFC", value="15", min_age=15),),
    alerts=("bereavement",),
    accessibility=("audio_description",),
)


def signal(name: str, *families: str, weight: int = 0) -> Signal:
    return Signal(
        name=name,
        label=name,
        value="terms",
        data="user",
        sensitivity="low",
        ladder=("words", "none"),
        keep_days=1,
        answered_by=families,
        weight=weight,
    )


SIGNALS = (
    signal("companions", "occasion", weight=2),
    signal("disliked_themes"),
    signal("followed_people", "people", weight=9),
    signal("genre_affinity", "genres", weight=5),
    signal("location", "countries", weight=1),
    signal("mood_affinity", "moods", weight=6),
    signal("session_length", "minutes", weight=1),
    signal("theme_affinity", "themes", weight=7),
    signal("time_of_day", "occasion", weight=2),
    signal("accessibility_needs", "accessibility", weight=3),
)
FACTS = frozenset(
    {"title", "person", "character", "place", "genre", "mood", "theme", "pace", "country", "period", "year",
     "kind", "minutes", "occasion", "accessibility", "who", "goal", "turn", "where", "sentence"}
)  # fmt: skip


def brief(*released: Released, title: Title = HARBOUR, length="medium", tone="plain", reads=None):
    return build(
        title,
        slotted(title, VOCABULARY).slots,
        released,
        Options(purpose="promo", channel="detail", length=length, tone=tone),
        signals=SIGNALS,
        vocabulary=VOCABULARY,
        occasions=OCCASIONS,
        reads_facts=FACTS,
        reads_signals=frozenset(item.name for item in SIGNALS) if reads is None else reads,
    )


def released(name: str, *words: str) -> Released:
    return Released(signal=name, level="words", value=words)


@dataclass(frozen=True)
class Case:
    id: str
    released: Released
    slot: str | None
    pointer: str | None = None


CASES = [
    Case("the first genre", released("genre_affinity", "crime"), "GENRE", "/genres/0"),
    Case("the second genre", released("genre_affinity", "drama"), "GENRE_2", "/genres/1"),
    Case("a genre it has not", released("genre_affinity", "comedy"), None),
    Case("a mood", released("mood_affinity", "bleak"), "MOOD_2", "/moods/1"),
    Case("a theme", released("theme_affinity", "grief"), "THEME", "/themes/0"),
    Case("a sensitive theme is never a reason", released("theme_affinity", "faith"), None),
    Case("a person by id", released("followed_people", "p-17"), "LEAD", "/credits/0/name"),
    Case(
        "a person by name, where no id is given",
        released("followed_people", "noor-castellan"),
        "DIRECTOR",
        "/credits/1/name",
    ),
    Case("nobody of the cast", released("followed_people", "p-99"), None),
    Case(
        "a country",
        Released(signal="location", level="country", value={"country": "GB"}),
        "COUNTRY",
        "/countries/0",
    ),
    Case(
        "a session it fits",
        Released(signal="session_length", level="bucket", value="medium"),
        "MINUTES",
        "/minutes",
    ),
    Case(
        "a session it does not fit",
        Released(signal="session_length", level="bucket", value="short"),
        None,
    ),
    Case("late evenings", released("time_of_day", "late_evening"), "OCCASION", "/moods/0"),
    Case("a morning it does not suit", released("time_of_day", "morning"), None),
    Case("a family, beyond the rating", released("companions", "family"), None),
    Case(
        "audio description",
        released("accessibility_needs", "audio_description"),
        "ACCESS",
        "/accessibility/0",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_signal_shapes_a_text_only_where_a_fact_answers_it(case: Case) -> None:
    angle = brief(case.released).angle
    assert [(item.slot, item.pointer) for item in angle] == (
        [(case.slot, case.pointer)] if case.slot else []
    )


@pytest.mark.parametrize(
    ("aid", "text"),
    [
        ("subtitles", "subtitles"),
        ("audio_description", "audio description"),
        ("signed", "sign language"),
    ],
)
def test_an_aid_reads_as_what_a_title_comes_with(aid: str, text: str) -> None:
    title = msgspec.structs.replace(HARBOUR, accessibility=(aid,))
    made = brief(released("accessibility_needs", aid), title=title)
    (slot,) = (slot for slot in made.slots if slot.kind == "accessibility")
    assert (slot.text, slot.term, slot.pointer) == (text, aid, "/accessibility/0")

    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    sources = Sources.of(title, slots=made.slots, vocabulary=VOCABULARY, phrases=phrases)
    said = [f"With {text}.", f"It comes with {text}.", f"{text.capitalize()} included."]
    assert [check(sentence, sources=sources).findings for sentence in said] == [()] * 3


def test_what_the_title_does_not_answer_leaves_the_twins_brief() -> None:
    assert brief(released("genre_affinity", "western")) == brief()


def test_the_heavier_signal_comes_first_and_two_are_the_most() -> None:
    made = brief(
        released("genre_affinity", "crime"),
        released("mood_affinity", "tense"),
        released("followed_people", "p-17"),
    )
    assert [item.signal for item in made.angle] == ["followed_people", "mood_affinity"]


def test_a_short_text_has_room_for_one() -> None:
    made = brief(
        released("genre_affinity", "crime"), released("mood_affinity", "tense"), length="short"
    )
    assert [item.signal for item in made.angle] == ["mood_affinity"]


def test_a_signal_that_the_prompt_does_not_read_shapes_nothing() -> None:
    assert brief(released("genre_affinity", "crime"), reads=frozenset()) == brief(reads=frozenset())


def test_a_disliked_theme_is_never_offered_and_the_story_stays() -> None:
    made = brief(released("disliked_themes", "grief"))
    names = {slot.name for slot in made.slots}
    assert "grief" not in {slot.term for slot in made.slots}
    assert {"LOGLINE", "WHO", "GOAL"} <= names


def test_a_sensitive_theme_reads_as_in_the_twin() -> None:
    neutral = {slot.term for slot in brief().slots}
    liked = {slot.term for slot in brief(released("theme_affinity", "faith", "grief")).slots}
    assert "faith" not in neutral
    assert "faith" not in liked


def test_spoilers_never_enter_a_brief() -> None:
    assert not any("brother" in slot.text for slot in brief(length="long").slots)


def test_a_grave_alert_rules_out_playful_and_urgent() -> None:
    grave = Title(
        id="x", kind="film", name="X Y", language="en", genres=("drama",), alerts=("suicide",)
    )
    assert brief(title=grave, tone="playful").tone == "plain"
    assert brief(title=grave, tone="tense").tone == "tense"


def test_editors_tones_rule() -> None:
    title = Title(
        id="x",
        kind="film",
        name="X Y",
        language="en",
        genres=("drama",),
        copy=Copy(tones=("warm", "dry")),
    )
    assert brief(title=title, tone="playful").tone == "warm"
    assert brief(title=title, tone="dry").tone == "dry"


words = st.sampled_from(
    ["crime", "drama", "comedy", "tense", "grief", "faith", "p-17", "late_evening", "short"]
)
audiences = st.lists(
    st.builds(
        lambda item, found: Released(signal=item.name, level="words", value=tuple(found)),
        st.sampled_from(SIGNALS),
        st.lists(words, max_size=3),
    ),
    max_size=6,
    unique_by=lambda item: item.signal,
)


@given(audiences)
def test_every_angle_is_a_released_signal_that_a_fact_answers(audience: list[Released]) -> None:
    made = brief(*audience)
    sent = {item.signal: item.value for item in audience}
    assert len(made.angle) <= 2
    assert len({item.slot for item in made.angle}) == len(made.angle)
    for item in made.angle:
        assert item.term in sent[item.signal]
        assert item.slot in {slot.name for slot in made.slots}


@given(audiences, st.randoms())
def test_the_order_of_what_is_released_never_matters(audience: list[Released], random) -> None:
    shuffled = list(audience)
    random.shuffle(shuffled)
    assert brief(*shuffled) == brief(*audience)


def test_every_occasion_is_of_the_catalogues_words() -> None:
    known = {
        family: {term.name for term in getattr(VOCABULARY, family)}
        for family in ("genres", "moods", "pace", "alerts")
    }
    for occasion in load_occasions(Path(shipped("catalogue"))):
        assert set(occasion.genres) <= known["genres"]
        assert set(occasion.moods) <= known["moods"]
        assert set(occasion.pace) <= known["pace"]
        assert set(occasion.not_with) <= known["alerts"]
