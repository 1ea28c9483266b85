"""Segments: named audiences that send signals and grant nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog import load_vocabulary
from genservice.domain import AGE_BANDS, Context
from genservice.errors import InvalidInputError, PolicyError
from genservice.policy import (
    PolicySet,
    Segment,
    Words,
    decide,
    from_files,
    load,
    release,
    run,
    unknown_terms,
    with_segment,
)
from genservice.policy.demands import require_words
from genservice.shipped import shipped
from genservice.words import policy_words
from tests.unit.policy.making import SIGNALS, WORDS

MORE = """
  genre_affinity: {label: Genres you like, value: terms, max: 2, data: user.behavior, sensitivity: medium, ladder: [words, none], keep_days: 1, answered_by: [genres, themes]}
  disliked_themes: {label: What you avoid, value: terms, data: user.behavior, sensitivity: medium, ladder: [words, none], keep_days: 1}
  pace_preference: {label: The pace you like, value: term, data: user.behavior, sensitivity: medium, ladder: [word, none], keep_days: 1, answered_by: [pace]}
  companions: {label: Who is with you, value: term, data: user.social, sensitivity: high, ladder: [word, none], keep_days: 1, terms: [alone, family]}
  session_length: {label: How long you watch, value: number, max: 300, data: user.behavior, sensitivity: medium, ladder: [minutes, bucket, none], keep_days: 1}
  followed_people: {label: Whom you follow, value: person_ids, data: user.behavior, sensitivity: medium, ladder: [people, none], keep_days: 1}
  search_terms: {label: What you searched, value: text, data: user.behavior, sensitivity: high, ladder: [text, terms, none], keep_days: 1}
"""
RULE = json.dumps(
    {"rules": [{"id": "r", "why": "-", "signals": ["companions"], "decision": "allow"}]}
)
FAMILIES = {"companions": "family", "time_of_day": ["15:00"], "genre_affinity": ["drama", "crime"]}


def with_segments(segments: Any, **files: str) -> PolicySet:
    """A small set with these segments. JSON is YAML."""
    return from_files(
        {
            "signals.yaml": SIGNALS + MORE,
            "rules.yaml": RULE,
            "segments.yaml": json.dumps({"segments": segments}),
            **{f"{name}.yaml": text for name, text in files.items()},
        }
    )


def segment(signals: Any, **changes: Any) -> dict[str, Any]:
    return {"label": "A label", "why": "Because.", "signals": signals, **changes}


def problems_of(signals: Any) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        with_segments({"s": segment(signals)})
    return [f"{problem.detail} ({problem.hint})" for problem in caught.value.problems]


# ----- what may stand in one -----


@dataclass(frozen=True)
class Case:
    signal: str
    value: Any
    said: str

    @property
    def id(self) -> str:
        return f"{self.signal} {self.value}"


WRONG = [
    Case("companions", "famly", "not a word of it: 'famly' (did you mean 'family'?)"),
    Case("companions", ["family"], "a word of it must be a word, and this is a list (None)"),
    Case("genre_affinity", "crime", "'genre_affinity' must be a list, and this is text (None)"),
    Case("genre_affinity", [], "'genre_affinity' must not be empty (None)"),
    Case("genre_affinity", ["crime", "crime"], "'crime' stands twice in this list (None)"),
    Case("genre_affinity", ["a", "b", "c"], "longer than the 2 that may be sent (None)"),
    Case("genre_affinity", ["Slow burn"], "a word is lower-case letters, digits and _: 'Slow burn' (None)"),
    Case("session_length", "45", "'session_length' must be a whole number from 0 to 300 (None)"),
    Case("session_length", 301, "'session_length' must be a whole number from 0 to 300 (None)"),
    Case("time_of_day", ["15"], "not a time of day: '15' (HH:MM, as in \"15:00\")"),
    Case("time_of_day", ["2026-03-01T15:00:00Z"], "not a time of day: '2026-03-01T15:00:00Z' (HH:MM, as in \"15:00\")"),
    Case("time_of_day", [900], "a time must be text, and this is a number (put it in quotes)"),
    Case("location", "DE", "a place must be keys and values, and this is text (None)"),
    Case("watch_history", ["cold-quay"], "'watch_history' is what somebody watched, and a segment is about nobody (name genres, moods or themes instead)"),
    Case("followed_people", ["p-17"], "'followed_people' names people, and a segment is about nobody (send it in the request, beside the segment)"),
    Case("search_terms", "crime", "'search_terms' is somebody's own words, and a segment is about nobody (name words of the vocabulary instead)"),
    Case("payment_history", ["gold"], "'payment_history' is never used: its ladder is [none] (take it out of this segment)"),
    Case("companion", "family", "not a signal: 'companion' (did you mean 'companions'?)"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_value_that_no_segment_may_send_is_refused_with_what_to_do(case: Case):
    assert case.said in problems_of({case.signal: case.value})


def test_a_segment_says_what_a_request_would_send_whatever_the_order():
    policies = with_segments({"zeta": segment(FAMILIES), "alpha": segment({"session_length": 30})})
    assert [found.name for found in policies.segments] == ["alpha", "zeta"]
    found = policies.segment("zeta")
    assert found is not None
    assert (found.label, found.why) == ("A label", "Because.")
    assert found.signals == {
        "companions": "family",
        "genre_affinity": ("crime", "drama"),
        "time_of_day": ("15:00",),
    }
    backwards = with_segments(
        {
            "alpha": segment({"session_length": 30}),
            "zeta": segment({name: FAMILIES[name] for name in reversed(FAMILIES)}),
        }
    )
    assert backwards.version == policies.version


def test_what_a_segment_says_is_part_of_the_version():
    plain = with_segments({"s": segment(FAMILIES)}).version
    others = [
        segment(FAMILIES, label="Another"),
        segment(FAMILIES, why="Otherwise."),
        segment({**FAMILIES, "companions": "alone"}),
    ]
    versions = {plain, *(with_segments({"s": other}).version for other in others)}
    assert len(versions) == 4
    assert with_segments({"t": segment(FAMILIES)}).version not in versions


def test_a_file_that_is_no_yaml_is_the_only_problem_even_where_tests_name_its_segments():
    test = {"name": "t", "contexts": ["c"], "purposes": ["promo"], "segment": "s", "expect": {}}
    context = {"region": "DE", "age_band": "age_25_34", "consents": []}
    suite = json.dumps({"contexts": {"c": context}, "tests": [test]})
    with pytest.raises(PolicyError) as caught:
        from_files(
            {
                "signals.yaml": SIGNALS + MORE,
                "segments.yaml": "segments: {s: [",
                "rules_test.yaml": suite,
            }
        )
    assert [problem.file for problem in caught.value.problems] == ["segments.yaml"]


# ----- the vocabulary -----


def test_words_that_the_vocabulary_lacks_are_named_at_their_places():
    policies = with_segments(
        {"s": segment({"pace_preference": "slowburn", "genre_affinity": ["crime", "dramma"]})}
    )
    assert [
        (problem.detail, problem.hint, problem.column)
        for problem in unknown_terms(policies, WORDS)
    ] == [
        ("not a word of the vocabulary for 'genre_affinity': 'dramma'", "did you mean 'drama'?", 131),
        ("not a word of the vocabulary for 'pace_preference': 'slowburn'", "did you mean 'slow_burn'?", 91),
    ]  # fmt: skip


def test_words_that_are_never_a_reason_given_are_refused_where_they_would_be_one():
    policies = with_segments(
        {"s": segment({"genre_affinity": ["faith"], "disliked_themes": ["faith"]})}
    )
    with pytest.raises(PolicyError) as caught:
        require_words(policies, WORDS)
    (problem,) = caught.value.problems
    assert str(problem).endswith(
        "'faith' is never a reason given: it could betray something of a person (take it out of 's')"
    )


# ----- in use -----


def test_an_unknown_segment_is_refused_with_what_was_meant():
    policies = with_segments({"families": segment(FAMILIES)})
    with pytest.raises(InvalidInputError) as caught:
        with_segment(policies, "famlies", {})
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.detail, problem.hint) == (
        "#/audience/segment",
        "no such segment",
        "did you mean 'families'?",
    )


def test_a_word_far_from_every_segment_is_never_shown():
    with pytest.raises(InvalidInputError) as caught:
        with_segment(with_segments({"s": segment(FAMILIES)}), "emma_of_harbour_street", {})
    assert "emma" not in str(caught.value.problems)


def test_a_signal_in_both_is_refused_by_name_alone():
    policies = with_segments({"families": segment(FAMILIES)})
    with pytest.raises(InvalidInputError) as caught:
        with_segment(policies, "families", {"time_of_day": ["07:00"], "session_length": 30})
    (problem,) = caught.value.problems
    assert problem.pointer == "#/audience/signals/time_of_day"
    assert "07:00" not in str(problem)


def test_what_is_sent_besides_joins_what_the_segment_sends():
    policies = with_segments({"s": segment({"companions": "family"})})
    assert with_segment(policies, "s", {"shoe_size": 43}) == {
        "companions": "family",
        "shoe_size": 43,
    }
    assert with_segment(policies, None, {"shoe_size": 43}) == {"shoe_size": 43}


def test_a_test_may_name_a_segment_beside_an_audience():
    suite = {
        "contexts": {"c": {"region": "DE", "age_band": "age_25_34", "consents": []}},
        "audiences": {"in_kiel": {"location": {"country": "DE", "city": "Kiel"}}},
        "tests": [
            {
                "name": "t",
                "contexts": ["c"],
                "purposes": ["promo"],
                "segment": "s",
                "audience": "in_kiel",
                "expect": {"companions": "word"},
                "brief": {"companions": "family", "location": None},
            }
        ],
    }
    files = {"rules_test": json.dumps(suite)}
    segments = {"s": segment({"companions": "family"})}
    assert run(with_segments(segments, **files), words=WORDS).wrong == ()
    segments = {"s": segment({"companions": "alone"})}
    (wrong,) = run(with_segments(segments, **files), words=WORDS).wrong
    assert '- brief companions: "family"' in str(wrong)
    segments = {"s": segment({"location": {"country": "DE"}, "companions": "family"})}
    with pytest.raises(PolicyError, match="both the audience and the segment send 'location'"):
        with_segments(segments, **files)


# ----- the shipped ones -----


SHIPPED = load(shipped("policies"))


@pytest.fixture(scope="module")
def words() -> Words:
    return policy_words(load_vocabulary(shipped("catalogue")))


def test_about_a_dozen_are_shipped_and_every_value_has_its_signals_shape(words: Words):
    assert len(SHIPPED.segments) >= 12
    require_words(SHIPPED, words)
    for found in SHIPPED.segments:
        for name, value in found.signals.items():
            signal = SHIPPED.signal(name)
            assert signal is not None
            for level in signal.ladder[:-1]:
                released = release(signal, level, value, titles={}, words=words)
                assert released is not None, (found.name, name, level)


@given(
    st.sampled_from(SHIPPED.segments),
    st.builds(
        Context,
        purpose=st.sampled_from(["synopsis", "promo", "recommendation", "advertising"]),
        region=st.sampled_from(["DE", "GB", "US-CA", "BR", "JP", "unknown"]),
        age_band=st.sampled_from(AGE_BANDS),
        consents=st.sampled_from([(), ("content_profile", "content_use")]),
        gpc=st.booleans(),
    ),
)
def test_naming_a_segment_brings_no_minor_and_no_objector_more_than_the_moment(
    found: Segment, context: Context
):
    outcomes = {item.signal: item.outcome for item in decide(SHIPPED, context)}
    sent = with_segment(SHIPPED, found.name, {})
    used = {name for name in sent if outcomes[name] != "withheld"}
    if context.gpc or context.age_band not in SHIPPED.groups.age_band["adult"]:
        assert used <= {"device", "time_of_day"}
