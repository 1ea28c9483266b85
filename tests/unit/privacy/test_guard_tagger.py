"""The tagger's place: one batch a call, a sentence once, nothing kept, and no name lost or moved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.privacy import Guard, build_guard, guard_revision
from genservice.privacy.presidio import Presidio
from genservice.privacy.screening import WINDOW, screen, screen_all
from tests.unit.privacy.engines import Plain, PlainTagger

WORDS = ("quellmark", "Zorvath-Ng", "Øyvind")


@pytest.fixture(scope="module")
def tagger() -> PlainTagger:
    return PlainTagger(words=("quellmark", "Zorvath-Ng", "Oyvind"))


@pytest.fixture(scope="module")
def tagged(tagger: PlainTagger) -> Presidio:
    """Presidio with a tagger, and no recogniser of ours beside it."""
    return Presidio((), deadline=20, tagger=tagger)


@pytest.fixture(scope="module")
def guard(tagger: PlainTagger) -> Iterator[Guard]:
    guard = build_guard(tagger=tagger, deadline=20)
    yield guard
    guard.close()


async def test_the_texts_of_one_call_are_tagged_in_one_batch(guard: Guard, tagger: PlainTagger):
    tagger.asked.clear()
    texts = ["a calm film. no blood.", "something by the sea", "a calm film. no rain."]
    await guard.screen(texts, side="viewer")
    assert tagger.asked == [["a calm film.", "no blood.", "something by the sea", "no rain."]]


async def test_only_sentences_that_changed_are_tagged_again(guard: Guard, tagger: PlainTagger):
    tagger.asked.clear()
    (screening,) = await guard.screen(["a calm film. ask quellmark. no blood."], side="viewer")
    assert screening.text == "a calm film. ask <PERSON>. no blood."
    first, second = tagger.asked
    assert first == ["a calm film.", "ask quellmark.", "no blood."]
    assert [sentence[:4] for sentence in second] == ["ask "]
    assert "quellmark" not in second[0]


async def test_nothing_is_kept_from_one_call_to_the_next(guard: Guard, tagger: PlainTagger):
    tagger.asked.clear()
    for _ in range(2):
        await guard.screen(["ask quellmark"], side="viewer")
    assert [batch for batch in tagger.asked if batch == ["ask quellmark"]] == [
        ["ask quellmark"]
    ] * 2


async def test_in_titles_the_tagger_is_not_asked(guard: Guard, tagger: PlainTagger):
    tagger.asked.clear()
    (title,) = await guard.screen(["ask quellmark"], side="title")
    (output,) = await guard.screen(["ask quellmark"], side="output")
    assert (title.text, output.text) == ("ask quellmark", "ask <PERSON>")
    assert all(batch[0].startswith("ask") for batch in tagger.asked)
    assert len(tagger.asked) == 2


def test_the_taggers_weights_are_part_of_the_revision(guard: Guard):
    other = PlainTagger(revision="tagger@other")
    assert guard.revision == guard_revision(tagger=PlainTagger())
    assert len({guard.revision, guard_revision(tagger=other), guard_revision()}) == 3


@given(
    st.lists(
        st.sampled_from((*WORDS, "calm", "a", "[LEAD]", "<PERSON>", ". ", "\n", "? ", "é", "\u200b", "1")),
        max_size=60,
    ).map(" ".join)
)  # fmt: skip
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_name_is_found_where_it_stands(tagged: Presidio, text: str):
    screening = screen(text, "output", engine=tagged)
    found = {
        text[each.start : each.end].strip("\u200b \u0301")
        for each in screening.findings
        if each.type == "PERSON"
    }
    assert all(any(word in span for word in WORDS) for span in found)
    assert not any(word in screening.text for word in WORDS)


def test_names_are_found_across_the_seams_of_long_texts(tagged: Presidio):
    for at in range(WINDOW - 40, WINDOW + 10, 7):
        text = "calm " * (at // 5) + "quellmark " + "calm " * 100
        (finding,) = screen(text, "output", engine=tagged).findings
        assert text[finding.start : finding.end] == "quellmark"


@given(st.lists(st.lists(st.sampled_from(["emma", "calm", ". ", "\n", "<", ">"]), max_size=8).map(" ".join), max_size=5))  # fmt: skip
def test_texts_read_side_by_side_are_read_as_on_their_own(texts: list[str]):
    engine = Plain()
    together = screen_all(texts, "viewer", engine=engine)
    assert together == tuple(screen(text, "viewer", engine=engine) for text in texts)
