from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.domain import Family, Signal, ValueKind
from genservice.errors import InvalidSignalError
from genservice.policy import leaving_out, release
from genservice.policy.ladders import CHAINS
from genservice.policy.values import InventedTitle
from tests.unit.policy.making import WORDS

PRIVATE = "zzzprivatezzz"
TITLES = {
    "cold-quay": InventedTitle(genres=("crime", "noir"), moods=("tense",), themes=("grief",)),
    "the-ferryman": InventedTitle(genres=("crime",), moods=("tense", "warm"), themes=("ocean",)),
    "vigil": InventedTitle(genres=("drama",), moods=("warm",), themes=("faith",), sensitive=True),
    "bare": InventedTitle(),
    **{f"t{n}": InventedTitle(genres=("crime", f"g{n}")) for n in range(8)},
}


def signal(
    kind: ValueKind,
    *ladder: str,
    most: int = 50,
    terms: tuple[str, ...] = (),
    answered_by: tuple[Family, ...] = (),
) -> Signal:
    return Signal(
        name="it", label="It", value=kind, data="user", sensitivity="low", ladder=(*ladder, "none"),
        keep_days=1, max=most, terms=terms, answered_by=answered_by,
    )  # fmt: skip


def value_at(declared: Signal, level: str, value: Any) -> Any:
    released = release(declared, level, value, titles=TITLES, words=WORDS)
    return None if released is None else released.value


GENRES = signal("title_ids", "titles", "genres", answered_by=("genres",))
THEMES = signal("title_ids", "titles", "themes", answered_by=("themes",))
MOODS = signal("title_ids", "titles", "moods")
PEOPLE = signal("person_ids", "people")
TERMS = signal("terms", "words", answered_by=("themes", "genres"))
OPEN = signal("terms", "words")
OWN = signal("term", "word", terms=("phone", "tv"))
AGE = signal("number", "years", "band", most=120)
MINUTES = signal("number", "minutes", "bucket", most=1440)
PLACE = signal("place", "city", "country")
TIMES = signal("times", "times", "hour", "daypart")
TEXT = signal("text", "text", "terms", answered_by=("themes", "genres"))


@dataclass(frozen=True)
class Case:
    id: str
    signal: Signal
    level: str
    value: Any
    expected: Any


CASES = [
    Case("titles as sent, known ones", GENRES, "titles", ["the-ferryman", "nowhere", "cold-quay", "cold-quay"], ("cold-quay", "the-ferryman")),
    Case("titles to genres", GENRES, "genres", ["cold-quay", "the-ferryman"], ("crime", "noir")),
    Case("titles to themes", THEMES, "themes", ["cold-quay", "the-ferryman"], ("grief", "ocean")),
    Case("titles to moods", MOODS, "moods", ["cold-quay", "the-ferryman"], ("tense", "warm")),
    Case("a sensitive title is left out", GENRES, "genres", ["vigil", "cold-quay"], ("crime", "noir")),
    Case("of sensitive titles nothing is left", GENRES, "genres", ["vigil"], None),
    Case("of unknown titles nothing is left", GENRES, "genres", ["nowhere"], None),
    Case("of a title without genres nothing is left", GENRES, "genres", ["bare"], None),
    Case("at most five, the most frequent", GENRES, "genres", [f"t{n}" for n in range(7, -1, -1)], ("crime", "g0", "g1", "g2", "g3")),
    Case("an empty list is nothing", GENRES, "genres", [], None),
    Case("none is nothing, whatever it is", GENRES, "none", object(), None),
    Case("people, sorted", PEOPLE, "people", ["p-52", "p-17", "p-52"], ("p-17", "p-52")),
    Case("the first twenty people", PEOPLE, "people", [f"p-{n:02}" for n in range(40, 0, -1)], tuple(f"p-{n:02}" for n in range(21, 41))),
    Case("words, sorted", TERMS, "words", ["noir", "crime", "noir"], ("crime", "noir")),
    Case("a sensitive word is no reason to give", TERMS, "words", ["faith", "grief"], ("grief",)),
    Case("of sensitive words nothing is left", TERMS, "words", ["faith"], None),
    Case("but may be shunned", OPEN, "words", ["faith", "tense"], ("faith", "tense")),
    Case("a word of its own", OWN, "word", "tv", "tv"),
    Case("years as sent", AGE, "years", 34, 34),
    *(Case(f"{years} years are {band}", AGE, "band", years, band) for years, band in (
        (0, "under_13"), (12, "under_13"), (13, "age_13"), (15, "age_15"), (16, "age_16_17"), (17, "age_16_17"),
        (18, "age_18_24"), (25, "age_25_34"), (49, "age_35_49"), (64, "age_50_64"), (65, "age_65_plus"), (120, "age_65_plus"))),
    *(Case(f"{minutes} minutes are {bucket}", MINUTES, "bucket", minutes, bucket) for minutes, bucket in (
        (0, "short"), (35, "short"), (36, "medium"), (75, "medium"), (76, "long"))),
    Case("city and country", PLACE, "city", {"country": "DE", "city": "Kiel"}, {"country": "DE", "city": "Kiel"}),
    Case("country alone", PLACE, "country", {"country": "DE", "city": "Kiel"}, {"country": "DE"}),
    Case("a country without a city", PLACE, "country", {"country": "NO"}, {"country": "NO"}),
    Case("times as sent", TIMES, "times", ["21:40", "07:05", "21:40"], ("07:05", "21:40")),
    Case("hours", TIMES, "hour", ["21:40", "21:05", "2026-03-01T07:05:00Z"], ("07:00", "21:00")),
    *(Case(f"{time} is {daypart}", TIMES, "daypart", [time], (daypart,)) for time, daypart in (
        ("00:00", "night"), ("04:59", "night"), ("05:00", "early_morning"), ("08:00", "morning"), ("12:00", "afternoon"),
        ("17:00", "evening"), ("20:59", "evening"), ("21:00", "late_evening"), ("23:59:59.5", "late_evening"),
        ("2026-03-01T23:05:00+01:00", "late_evening"))),
    Case("text as sent", TEXT, "text", "  slow noir by the ocean ", "slow noir by the ocean"),
    Case("text to words", TEXT, "terms", "slow noir by the ocean", ("noir", "ocean")),
    Case("text to no sensitive word", TEXT, "terms", "faith and grief", ("grief",)),
    Case("text to words of its families alone", TEXT, "terms", "tense", None),
    Case("text without a word is nothing", TEXT, "terms", PRIVATE, None),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_value_is_released_as_coarse_as_its_level(case: Case):
    assert value_at(case.signal, case.level, case.value) == case.expected


LEFT_OUT = [
    ("titles without a genre", GENRES, "genres", ["cold-quay", "the-ferryman"], ["crime"], ("noir",)),
    ("titles without a mood", MOODS, "moods", ["the-ferryman"], ["tense"], ("warm",)),
    ("a word left out takes no other's place", GENRES, "genres", [f"t{n}" for n in range(8)], ["crime"], ("g0", "g1", "g2", "g3", "g4")),
    ("words", TERMS, "words", ["noir", "crime"], ["crime", "grief"], ("noir",)),
    ("of nothing but words left out nothing is left", TERMS, "words", ["crime"], ["crime"], None),
    ("dislikes as well", OPEN, "words", ["crime", "tense"], ["crime"], ("tense",)),
    ("text", TEXT, "terms", "noir by the ocean", ["ocean"], ("noir",)),
    ("a pace is no theme", signal("term", "word", answered_by=("pace",)), "word", "slow_burn", ["slow_burn"], "slow_burn"),
    ("nor is a word of the signal's own", signal("term", "word", terms=("crime", "tv")), "word", "crime", ["crime"], "crime"),
    ("what is no word leaves nothing out", TERMS, "words", ["noir"], ["nothing", "tv"], ("noir",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "level", "value", "left_out", "expected"),
    [case[1:] for case in LEFT_OUT],
    ids=[case[0] for case in LEFT_OUT],
)
def test_what_a_viewer_leaves_out_is_in_no_value(declared, level, value, left_out, expected):
    words = leaving_out(WORDS, left_out)
    released = release(declared, level, value, titles=TITLES, words=words)
    assert (released and released.value) == expected


@given(
    st.lists(st.sampled_from(list(TITLES)), max_size=12), st.sampled_from(["crime", "g3", "noir"])
)
def test_it_is_as_if_no_title_had_a_genre_that_is_left_out(ids: list[str], left_out: str):
    bare = {
        id_: msgspec.structs.replace(
            title, genres=tuple(genre for genre in title.genres if genre != left_out)
        )
        for id_, title in TITLES.items()
    }
    words = msgspec.structs.replace(
        WORDS, families={**WORDS.families, "genres": frozenset({"crime", "noir", "g3"})}
    )
    kept = release(GENRES, "genres", ids, titles=TITLES, words=leaving_out(words, [left_out]))
    assert kept == release(GENRES, "genres", ids, titles=bare, words=words)


def test_a_release_names_signal_and_level():
    released = release(PLACE, "country", {"country": "DE"}, titles={}, words=WORDS)
    assert released is not None
    assert (released.signal, released.level) == ("it", "country")


def test_a_level_that_is_not_on_the_ladder_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="it has no level 'genres'"):
        release(PLACE, "genres", {"country": "DE"}, titles={}, words=WORDS)


@dataclass(frozen=True)
class Wrong:
    id: str
    signal: Signal
    value: Any
    expected: str
    level: str = field(default="")


WRONG = [
    Wrong("titles: not a list", GENRES, PRIVATE, "expected a list of at most 50 title ids"),
    Wrong("titles: not text", GENRES, [1], "expected a list of at most 50 title ids"),
    Wrong("titles: not an id", GENRES, ["Not an id"], "expected a list of at most 50 title ids"),
    Wrong("titles: a line end", GENRES, ["cold-quay\n"], "expected a list of at most 50 title ids"),
    Wrong("titles: too many", GENRES, ["t1"] * 51, "expected a list of at most 50 title ids"),
    Wrong("titles: null", GENRES, None, "expected a list of at most 50 title ids"),
    Wrong("people: a line end", PEOPLE, ["p\n17"], "expected a list of at most 50 person ids"),
    Wrong("terms: a stranger", TERMS, [PRIVATE], "expected a list of at most 50 words of its vocabulary"),
    Wrong("terms: of another family", TERMS, ["tense"], "expected a list of at most 50 words of its vocabulary"),
    Wrong("term: a stranger", OWN, PRIVATE, "expected a word of its vocabulary"),
    Wrong("term: a list", OWN, ["tv"], "expected a word of its vocabulary"),
    Wrong("number: text", AGE, PRIVATE, "expected a whole number from 0 to 120"),
    Wrong("number: true", AGE, True, "expected a whole number from 0 to 120"),
    Wrong("number: a fraction", AGE, 34.5, "expected a whole number from 0 to 120"),
    Wrong("number: too large", AGE, 121, "expected a whole number from 0 to 120"),
    Wrong("number: negative", AGE, -1, "expected a whole number from 0 to 120"),
    Wrong("place: text", PLACE, PRIVATE, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("place: no country", PLACE, {"city": PRIVATE}, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("place: a list for a country", PLACE, {"country": ["DE"]}, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("place: no such country", PLACE, {"country": "UK"}, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("place: more", PLACE, {"country": "DE", "street": PRIVATE}, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("place: no city", PLACE, {"country": "DE", "city": 7}, "expected a country (ISO 3166-1 alpha-2) and perhaps a city"),
    Wrong("times: no time", TIMES, ["24:00"], "expected a list of at most 50 times (RFC 3339 or HH:MM)"),
    Wrong("times: a date", TIMES, ["2026-03-01"], "expected a list of at most 50 times (RFC 3339 or HH:MM)"),
    Wrong("text: a list", TEXT, [PRIVATE], "expected a text of at most 50 characters"),
    Wrong("text: too long", TEXT, PRIVATE * 5, "expected a text of at most 50 characters"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_value_of_the_wrong_shape_is_refused_without_being_shown(case: Wrong):
    for level in case.signal.ladder[:-1]:
        with pytest.raises(InvalidSignalError) as caught:
            value_at(case.signal, level, case.value)
        (problem,) = caught.value.problems
        assert problem.pointer == "#/audience/signals/it"
        assert problem.detail == case.expected
        assert PRIVATE not in f"{caught.value!r} {problem}"


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_withheld_value_is_not_even_looked_at(case: Wrong):
    assert value_at(case.signal, "none", case.value) is None


# ----- properties: every ladder goes down -----

IDS = st.lists(st.sampled_from([*TITLES, "nowhere"]), max_size=12)
CLOCK = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
VALUES: list[tuple[Signal, st.SearchStrategy[Any]]] = [
    (GENRES, IDS),
    (THEMES, IDS),
    (MOODS, IDS),
    (AGE, st.integers(0, 120)),
    (MINUTES, st.integers(0, 1440)),
    (PLACE, st.fixed_dictionaries({"country": st.sampled_from(["DE", "NO"])}, optional={"city": st.sampled_from(["Kiel", "Oslo"])})),
    (TIMES, st.lists(CLOCK | CLOCK.map("2026-03-01T{}:00Z".format), max_size=12)),
    (TEXT, st.lists(st.sampled_from(["noir", "faith", "ocean", "warm", PRIVATE]), max_size=3).map(" ".join)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "values"), VALUES, ids=lambda part: part.ladder if isinstance(part, Signal) else ""
)
def test_what_is_equal_at_a_level_is_equal_at_every_coarser_one(
    declared: Signal, values: st.SearchStrategy[Any]
):
    seen: dict[tuple[str, str], str] = {}

    @given(values)
    def collect(value: Any) -> None:
        levels = declared.ladder[:-1]
        released = [repr(value_at(declared, level, value)) for level in levels]
        for finer, coarser, at, below in zip(
            levels, levels[1:], released, released[1:], strict=False
        ):
            assert seen.setdefault((finer + coarser, at), below) == below

    collect()


@given(IDS, st.randoms(use_true_random=False))
def test_order_and_doubles_of_a_history_do_not_count(ids: list[str], random: Any):
    again = [*ids, *ids]
    random.shuffle(again)
    assert value_at(GENRES, "genres", ids) == value_at(GENRES, "genres", again)


@given(IDS)
def test_coarse_values_are_few_sorted_and_without_doubles(ids: list[str]):
    found = value_at(GENRES, "genres", ids) or ()
    assert list(found) == sorted(set(found))
    assert len(found) <= 5


def test_every_kind_has_a_chain_and_every_chain_releases():
    for kind, chains in CHAINS.items():
        assert any(case.signal.value == kind for case in CASES)
        for chain in chains:
            assert any(case.signal.ladder == (*chain, "none") for case in CASES)
