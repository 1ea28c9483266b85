"""The angle: at most two released signals that a fact of the title answers, and never more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.briefing import Options, build, heeded, load_occasions
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
    tiers=("standard", "premium"),
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
    signal("pace_preference", "pace", weight=4),
    signal("session_length", "minutes", weight=1),
    signal("theme_affinity", "themes", weight=7),
    signal("time_of_day", "occasion", weight=2),
    signal("accessibility_needs", "accessibility", weight=3),
    signal("subscription_tier", "tiers", weight=1),
)
FACTS = frozenset(
    {"title", "person", "character", "place", "genre", "mood", "theme", "pace", "country", "period", "year",
     "kind", "minutes", "occasion", "accessibility", "tier", "who", "goal", "turn", "where", "sentence"}
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
    Case("a pace", released("pace_preference", "slow_burn"), "PACE", "/pace"),
    Case("a pace it does not have", released("pace_preference", "fast"), None),
    Case("company that no fact suits", released("companions", "partner"), None),
    Case("company that no text knows", released("companions", "alone"), None),
    Case("a family, beyond the rating", released("companions", "family"), None),
    Case(
        "audio description",
        released("accessibility_needs", "audio_description"),
        "ACCESS",
        "/accessibility/0",
    ),
    Case("a subscription", released("subscription_tier", "premium"), "TIER", "/tiers/1"),
    Case("a subscription that lacks it", released("subscription_tier", "basic"), None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_signal_shapes_a_text_only_where_a_fact_answers_it(case: Case) -> None:
    angle = brief(case.released).angle
    assert [(item.slot, item.pointer) for item in angle] == (
        [(case.slot, case.pointer)] if case.slot else []
    )


@pytest.mark.parametrize(
    ("tier", "text"),
    [
        ("premium", "the premium plan"),
        ("free_with_ads", "the free plan with adverts"),
    ],
)
def test_a_subscription_reads_as_what_includes_a_title(tier: str, text: str) -> None:
    title = msgspec.structs.replace(HARBOUR, tiers=(tier,))
    made = brief(released("subscription_tier", tier), title=title)
    (slot,) = (slot for slot in made.slots if slot.kind == "tier")
    assert (slot.text, slot.term, slot.pointer) == (text, tier, "/tiers/0")
    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    sources = Sources.of(title, slots=made.slots, vocabulary=VOCABULARY, phrases=phrases)
    assert check(f"Included with {text}.", sources=sources).findings == ()
    without = msgspec.structs.replace(HARBOUR, tiers=())
    sources = Sources.of(without, slots=(), vocabulary=VOCABULARY, phrases=phrases)
    assert check(f"Included with {text}.", sources=sources).findings


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


TENSE = released("mood_affinity", "tense")


def test_a_disliked_theme_is_left_out_and_the_story_stays() -> None:
    made = brief(TENSE, released("disliked_themes", "small_town"))
    assert "small_town" not in {slot.term for slot in made.slots}
    assert {"LOGLINE", "WHO", "GOAL"} <= {slot.name for slot in made.slots}
    assert (made.shun, made.aside) == (("small_town",), ())


@pytest.mark.parametrize(
    ("word", "slot"), [("grief", "THEME"), ("crime", "GENRE")], ids=["first theme", "first genre"]
)
def test_what_a_title_is_about_is_not_hidden_from_who_dislikes_it(word: str, slot: str) -> None:
    made = brief(TENSE, released("disliked_themes", word))
    assert word in {offered.term for offered in made.slots}
    assert (made.shun, made.aside) == ((), (slot,))


def test_what_an_alert_warns_of_is_not_hidden_from_who_dislikes_it() -> None:
    warned = msgspec.structs.replace(HARBOUR, alerts=("small_town",))
    made = brief(TENSE, released("disliked_themes", "small_town"), title=warned)
    assert "small_town" in {slot.term for slot in made.slots}
    assert (made.shun, made.aside) == ((), ("THEME_3",))


@pytest.mark.parametrize("word", ["grief", "small_town"])
def test_a_disliked_theme_is_never_the_hook_even_where_it_is_liked_too(word: str) -> None:
    liked, disliked = released("theme_affinity", word), released("disliked_themes", word)
    assert [item.term for item in brief(liked).angle] == [word]
    assert brief(liked, disliked).angle == ()


@pytest.mark.parametrize(
    ("liked", "disliked"),
    [
        (released("genre_affinity", "crime"), "crime"),
        (released("mood_affinity", "tense"), "tense"),
        (released("pace_preference", "slow_burn"), "slow_burn"),
    ],
    ids=["genre", "mood", "pace"],
)
def test_whatever_is_disliked_is_no_reason_of_another_signal(
    liked: Released, disliked: str
) -> None:
    assert len(brief(liked).angle) == 1
    assert brief(liked, released("disliked_themes", disliked)).angle == ()


def test_an_occasion_is_not_answered_by_what_is_disliked() -> None:
    late = released("time_of_day", "late_evening")
    suits = ("tense", "crime", "slow_burn")
    pointers = ["/moods/0", "/genres/0", "/pace"]
    for at, pointer in enumerate(pointers):
        made = brief(late, released("disliked_themes", *suits[:at]))
        assert [item.pointer for item in made.angle] == [pointer]
    assert brief(late, released("disliked_themes", *suits)).angle == ()


def test_a_dislike_of_what_the_title_has_not_changes_nothing() -> None:
    assert brief(TENSE, released("disliked_themes", "war", "western")) == brief(TENSE)


def test_a_dislike_that_shaped_a_brief_is_told_with_the_words_it_met() -> None:
    sent = (TENSE, released("disliked_themes", "grief", "small_town", "western"))
    used = heeded(brief(*sent), sent)
    assert [(item.signal, item.value) for item in used] == [
        ("disliked_themes", ("grief", "small_town"))
    ]
    assert heeded(brief(TENSE), (TENSE,)) == ()


def test_a_sensitive_theme_reads_as_in_the_twin() -> None:
    sensitive = {term.name for term in VOCABULARY.themes if term.sensitive}
    title = msgspec.structs.replace(HARBOUR, themes=("grief", *sorted(sensitive)))
    twin = brief(title=title)
    for word in sorted(sensitive):
        for sent in (
            (released("theme_affinity", word),),
            (released("theme_affinity", word, "grief"), TENSE),
            (TENSE, released("disliked_themes", word)),
        ):
            made = brief(*sent, title=title)
            assert made.slots == twin.slots
            assert word not in {item.term for item in made.angle}
            assert (made.shun, made.aside) == ((), ())
            assert heeded(made, sent) == ()
    assert sensitive.isdisjoint(slot.term for slot in twin.slots)


def test_spoilers_never_enter_a_brief() -> None:
    assert not any("brother" in slot.text for slot in brief(length="long").slots)


GRAVE = ("abuse", "real_tragedy", "self_harm", "sexual_violence", "suicide")


@pytest.mark.parametrize("alert", GRAVE)
def test_a_grave_alert_rules_out_playful_and_urgent(alert: str) -> None:
    grave = msgspec.structs.replace(HARBOUR, alerts=(alert,))
    assert [brief(title=grave, tone=tone).tone for tone in ("playful", "urgent")] == ["plain"] * 2
    for tone in ("plain", "warm", "dry", "tense"):
        assert brief(title=grave, tone=tone).tone == tone
    assert brief(TENSE, title=grave, tone="playful").tone == "plain"


@pytest.mark.parametrize(
    ("tones", "tone"),
    [
        (("playful",), "plain"),
        (("urgent", "playful"), "plain"),
        (("urgent", "warm"), "warm"),
        (("dry", "warm"), "dry"),
    ],
)
def test_no_list_of_the_editors_brings_a_light_tone_back_to_a_grave_title(tones, tone: str) -> None:
    grave = msgspec.structs.replace(HARBOUR, alerts=("suicide",), copy=Copy(tones=tones))
    for wanted in ("playful", "urgent"):
        assert brief(title=grave, tone=wanted).tone == tone


def rated(*ages: int | None) -> tuple[Rating, ...]:
    return tuple(
        Rating(region=region, system="board", value="rating", min_age=age)
        for region, age in zip(("GB", "US", "DE"), ages, strict=False)
    )


FAMILY = Title(
    id="x", kind="film", name="X Y", language="en", genres=("family", "comedy"), ratings=rated(4)
)


@dataclass(frozen=True)
class Rated:
    id: str
    ratings: tuple[Rating, ...]
    occasion: bool
    genre: bool


RATED = [
    Rated("every region lets children in", rated(4, 0, 8), True, True),
    Rated("one region does not", rated(4, 0, 12), False, False),
    Rated("the first region does not", rated(15, 0), False, False),
    Rated("one rating names no age", rated(4, None), False, False),
    Rated("no rating names an age", rated(None), False, False),
    Rated("nobody rated it", (), False, True),
]


@pytest.mark.parametrize("case", RATED, ids=lambda case: case.id)
def test_child_and_family_angles_stay_within_every_rating(case: Rated) -> None:
    title = msgspec.structs.replace(FAMILY, ratings=case.ratings)
    company = brief(released("companions", "family"), title=title)
    liked = brief(released("genre_affinity", "family"), title=title)
    assert bool(company.angle) == case.occasion
    assert bool(liked.angle) == case.genre
    other = brief(released("genre_affinity", "family", "comedy"), title=title)
    assert [item.term for item in other.angle] == ["family" if case.genre else "comedy"]


COMPANY = [("friends", ("comedy",)), ("partner", ("romance",)), ("family", ("family",))]


@pytest.mark.parametrize(("company", "genres"), COMPANY, ids=[name for name, _ in COMPANY])
def test_a_title_with_a_grave_alert_is_no_company_for_an_evening(company: str, genres) -> None:
    title = msgspec.structs.replace(FAMILY, genres=genres)
    assert [item.slot for item in brief(released("companions", company), title=title).angle] == [
        "OCCASION"
    ]
    for alert in GRAVE:
        grave = msgspec.structs.replace(title, alerts=(alert,))
        assert brief(released("companions", company), title=grave).angle == ()


@pytest.mark.parametrize("alert", [*GRAVE, "violence", "sex", "drugs", "gore"])
def test_no_family_evening_is_made_of_a_title_with_such_an_alert(alert: str) -> None:
    title = msgspec.structs.replace(FAMILY, alerts=(alert,))
    assert brief(released("companions", "family"), title=title).angle == ()


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
