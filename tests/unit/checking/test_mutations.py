"""What a check is for: a text with one thing changed must not pass. See tests/mutation.py."""

from __future__ import annotations

import re
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.checking import Sources, check, fill, fit, uncovered
from genservice.domain import Slot, Title
from tests.mutation import Written, caught, mutations, share
from tests.unit.checking.examples import PHRASES, TITLES, VOCABULARY, sources

LABELS = tuple(term.label for term in (*VOCABULARY.genres, *VOCABULARY.moods, *VOCABULARY.themes))
SENTENCES = ("line", "premise", "close", "hook", "cast", "angle", "tag")
PHRASE_WORDS = tuple(
    word for phrase in PHRASES.phrases for word in re.findall(r"\b[a-z]{4,}\b", phrase.text)
)


@cache
def known(index: int) -> Sources:
    return sources(*TITLES[index])


@cache
def frames(index: int) -> tuple[str, ...]:
    """The house phrases that are sentences and need only slots that the title offers."""
    title, slots = TITLES[index]
    offered = {f"[{slot.name}]" for slot in slots}
    return tuple(
        phrase.text
        for phrase in PHRASES.phrases
        if phrase.role in SENTENCES
        and phrase.true_of(title)
        and set(re.findall(r"\[[A-Z0-9_]+\]", phrase.text)) <= offered
    )


@st.composite
def raw_texts(draw: st.DrawFn) -> tuple[int, str]:
    """One to three house phrases about one of the titles, no slot of them twice."""
    index = draw(st.integers(0, len(TITLES) - 1))
    chosen: list[str] = []
    used: set[str] = set()
    for text in draw(st.lists(st.sampled_from(frames(index)), min_size=1, max_size=3)):
        names = set(re.findall(r"\[[A-Z0-9_]+\]", text))
        if not names & used:
            used |= names
            chosen.append(text)
    return index, " ".join(chosen)


@settings(max_examples=300, deadline=None)
@given(raw_texts())
def test_what_passes_raw_passes_filled_with_every_word_of_content_under_a_span(
    drawn: tuple[int, str],
) -> None:
    index, raw = drawn
    _, slots = TITLES[index]
    before = check(raw, sources=known(index), offered=slots)
    assert before.findings == ()

    filled = fill(raw, slots, before.spans)
    after = check(filled.text, sources=known(index))

    assert after.findings == ()
    assert uncovered(filled.text, after, known(index)) == ()
    assert "[" not in filled.text
    for spans in (before.spans, filled.spans, after.spans):
        ends = [place for span in spans for place in span.at]
        assert ends == sorted(ends)
    assert all(0 <= s.at[0] < s.at[1] <= len(filled.text) for s in (*filled.spans, *after.spans))
    assert all(span.fact or span.phrase for span in after.spans)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.integers(0, len(TITLES) - 1))
def test_any_text_at_all_gets_an_answer_in_order_and_within_it(text: str, index: int) -> None:
    report = check(text, sources=known(index))

    places = [finding.at for finding in report.findings]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert all(start < end <= len(text) for start, end in (span.at for span in report.spans))
    assert report.passed <= (uncovered(text, report, known(index)) == ())
    fit(text, 90, names=known(index).names)


@settings(max_examples=200, deadline=None)
@given(raw_texts(), st.from_regex(r"[bcdfgz]{3}[aeiou][a-z]{2,6}", fullmatch=True), st.data())
def test_a_word_of_no_source_is_caught_wherever_it_is_put(
    drawn: tuple[int, str], word: str, data: st.DataObject
) -> None:
    index, raw = drawn
    text = fill(raw, TITLES[index][1]).text
    places = [match.end() for match in re.finditer(r"(?<=[a-z])(?=[ ,.])", text)]
    at = data.draw(st.sampled_from(places))

    report = check(f"{text[:at]} {word}{text[at:]}", sources=known(index))

    assert not report.passed


def written(title: Title, slots: tuple[Slot, ...], raw: str) -> Written:
    names = [title.name, *(c.name for c in title.credits), *(c.character for c in title.credits)]
    facts = [title.logline or "", title.description or "", *(e.text for e in title.story)]
    words = re.findall(r"\b[a-z]{3,}\b", " ".join(facts))
    known_names = tuple(dict.fromkeys(name for name in names if name))
    return Written(fill(raw, slots).text, known_names, tuple(words))


@pytest.mark.parametrize("seed", range(3))
def test_at_least_ninety_five_of_a_hundred_mutations_are_caught(seed: int) -> None:
    rng = Random(seed)
    texts = [
        (index, written(title, slots, raw))
        for index, (title, slots) in enumerate(TITLES)
        for raw in rng.sample(frames(index), 25)
    ]
    counts: list[float] = []
    for index in range(len(TITLES)):
        others = [text for other, text in texts if other != index]
        made = [
            mutation
            for own, text in texts
            if own == index
            for mutation in mutations(
                text, others, labels=LABELS, phrase_words=PHRASE_WORDS, rng=rng, each=1
            )
        ]
        counts.append(share(caught(made, lambda t, i=index: not check(t, sources=known(i)).passed)))

    assert min(counts) >= 0.95
