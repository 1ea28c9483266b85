"""Lists of performers, as pages about films have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog.castlist import is_phrase, read_cast

NAMES = ["Imre Vale", "Bea Lind", "Noor Ray"]


def said(*entries: str) -> list[str]:
    """Names, with the job where it is not that of an actor."""
    return [
        one.name if one.job == "actor" else f"{one.name}, {one.job}"
        for one in read_cast(entries).performers
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Imre Vale", "Bea d'Alba", "Imre van der Vale", "Noor Ray, Jr.", 'Bea "Duck" Lind', "Ilse 'Bo' Lind",
        "will.i.am", "bea.ray", "muMs da Schemer", "50 Ray", "Bea 3000", "R.E.M.", "The Quay Band", "A Tribe",
        "Kid 'n Ray", "Vale & Lind", "Vale and Lind", "Bea aus Kiel", "Boys of Kiel", "Bo the Bear 2", "Ōta Ryū",
    ],
)  # fmt: skip
def test_a_name_stays_as_it_is(name):
    assert said("Imre Stark", name) == ["Imre Stark", name]


@pytest.mark.parametrize(
    "between", ["and", "&", ".", "", "[2]", "[a]", "(US)", "(as himself)", "(none)", "Dir.: Bo Ray"]
)
def test_what_stands_between_names_is_left_out(between):
    found = read_cast(["Imre Vale", between, "Bea Lind"])

    assert [one.name for one in found.performers] == ["Imre Vale", "Bea Lind"]
    assert found.left_out == (1,)


def test_names_lose_the_word_that_joins_them():
    assert said("Imre Vale", "and Bea Lind") == ["Imre Vale", "Bea Lind"]


def test_two_people_who_share_an_entry_are_two():
    assert said("Bo and Lu Vale") == ["Bo Vale", "Lu Vale"]
    assert said("Imre Vale & Bea Lind") == ["Imre Vale", "Bea Lind"]
    assert said("Bea and The Waves") == ["Bea and The Waves"]


def test_a_name_that_stands_twice_counts_once():
    assert said("Imre Vale", "Bea Lind", "Imre Vale") == ["Imre Vale", "Bea Lind"]


@pytest.mark.parametrize(
    ("entries", "names"),
    [
        (["voices of", *NAMES], [f"{name}, voice" for name in NAMES]),
        (["Voices of", *NAMES], [f"{name}, voice" for name in NAMES]),
        (["(voices of)", *NAMES], [f"{name}, voice" for name in NAMES]),
        (["(voices)", *NAMES], [f"{name}, voice" for name in NAMES]),
        ([*NAMES, "(voices)"], [f"{name}, voice" for name in NAMES]),
        ([*NAMES, "(voice)"], [*NAMES[:2], "Noor Ray, voice"]),
        ([*NAMES[:2], "(voice of)", NAMES[2]], [*NAMES[:2], "Noor Ray, voice"]),
        ([*NAMES, "(narrator)"], [*NAMES[:2], "Noor Ray, narrator"]),
        (["Narrated by", *NAMES[:1], "and", *NAMES[1:2]], ["Imre Vale, narrator", "Bea Lind, narrator"]),
        (["Narrated by", "Imre Vale", "Music by", "Bea Lind"], ["Imre Vale, narrator", "Bea Lind, composer"]),
        (["Musical score by", "Bea Lind"], ["Bea Lind, composer"]),
    ],
)  # fmt: skip
def test_who_is_heard_and_not_seen_is_told_apart(entries, names):
    assert said(*entries) == names


@pytest.mark.parametrize(
    "made",
    [
        ["Bo Stark", "Lu Stark", "(writers)"],
        ["Bo Stark", "Lu Stark (Screenplay)"],
        ["Bo Stark", "(novel)"],
        ["Bo Stark", "(Director", "Screenplay)"],
        ["screenwriter)"],
        ["Bo Stark", ")"],
        ["produced", "written)"],
        ["Dir.:", "Bo Stark", "Cast:"],
    ],
    ids=" ".join,
)
def test_those_who_made_a_film_are_not_its_cast(made):
    found = read_cast([*made, *NAMES])

    assert [one.name for one in found.performers] == NAMES
    assert found.left_out == tuple(range(len(made)))


@pytest.mark.parametrize(
    "topic",
    [
        ["the life of", "Bo Stark"],
        ["the", "Quay Commission"],
        ["the 1999", "Quay Spelling Bee"],
        ["life in", "Kiel", "ghettos"],
        ["Quay music", "and", "divers"],
        ["Race identity within", "quay subculture"],
        ["The use of music against", "Quay"],
        ["Archive footage of", "Bo Stark"],
        ["Quay High School massacre"],
        ["profile of 4 unusual occupations"],
    ],
    ids=" ".join,
)
def test_a_list_that_is_a_sentence_about_a_subject_names_nobody(topic):
    found = read_cast(topic)

    assert found.performers == ()
    assert found.left_out == tuple(range(len(topic)))


def test_a_phrase_ends_the_cast_and_leaves_who_came_before():
    assert said(*NAMES, "various children on", "Quay's Got Talent") == NAMES
    assert said(*NAMES, "Mc chris", "Bo Stark") == [*NAMES, "Bo Stark"]


def test_what_stands_in_brackets_is_nobody():
    assert said("Imre Vale", "(The", "Quay Men", ")", "Bea Lind") == ["Imre Vale", "Bea Lind"]
    assert said("Imre Vale (cast)") == ["Imre Vale"]


@given(entries=st.lists(st.sampled_from([*NAMES, "(", ")", "and", "(voices)", "the", "x of", "Bo & Lu Ray"]) | st.text(max_size=12)))  # fmt: skip
def test_any_list_comes_to_names_without_brackets_each_once(entries):
    found = read_cast(entries)
    names = [one.name for one in found.performers]

    assert len(set(names)) == len(names)
    assert not any(set("()[]") & set(name) or is_phrase(name) for name in names)
    assert set(found.left_out) <= set(range(len(entries)))
