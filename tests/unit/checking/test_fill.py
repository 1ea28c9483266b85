from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.checking import fill
from genservice.checking.articles import article_for
from genservice.domain import Slot, Span
from tests.unit.checking.examples import HARBOUR_SLOTS, OWLS_SLOTS


@dataclass(frozen=True)
class Case:
    id: str
    raw: str
    text: str
    slots: tuple[Slot, ...] = HARBOUR_SLOTS


def label(name: str, text: str) -> tuple[Slot, ...]:
    return (Slot(name=name, kind="mood", text=text, pointer="/moods/0"),)


CASES = (
    Case("names stand as they are", "Watch [TITLE].", "Watch Harbour Lights."),
    Case("a sentence begins with a capital", "[WHO] must [GOAL].",
         "A harbour pilot's daughter must clear his name before the inquest closes."),
    Case("so does one after a full stop", "[TITLE]. [MOOD], [MOOD_2].", "Harbour Lights. Tense, melancholy."),
    Case("free text inside a sentence keeps its small letter", "Watch [WHO].", "Watch a harbour pilot's daughter."),
    Case("free text holds name slots", "[STORY_1].",
         "Ada Thorne asks who rang the chapel bell on the night of the storm."),
    Case("possessive", "[LEAD]'s [GENRE].", "Imre Vale's crime drama."),
    Case("a becomes an", "A [GENRE].", "An animated story.", OWLS_SLOTS),
    Case("an becomes a", "In an [MOOD] key.", "In a tense key."),
    Case("written right already", "An [GENRE].", "An animated story.", OWLS_SLOTS),
    Case("two full stops", "Watch [TITLE].", "Watch The Night Owls!", OWLS_SLOTS),
    Case("what follows such a name begins a sentence", "Watch [TITLE]. [WHO_PL] must [GOAL].",
         "Watch The Night Owls! Two young owls must return a lost music box before dawn.", OWLS_SLOTS),
    Case("other marks after such a name stay", "[TITLE], a [GENRE].", "The Night Owls!, an animated story.", OWLS_SLOTS),
    Case("a comma after a name that ends a sentence begins none", "[TITLE], [MOOD].",
         "The Night Owls!, charming.", OWLS_SLOTS),
    Case("numbers", "A [MINUTES] film.", "An 88 minutes film.", OWLS_SLOTS),
    Case("articles that belong to no slot stay", "A egg, a [MOOD].", "A egg, a tense."),
    Case("what is not offered stays", "[NOBODY].", "[NOBODY]."),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_slots_are_filled_and_the_seams_mended(case: Case) -> None:
    assert fill(case.raw, case.slots).text == case.text


def test_spans_move_with_the_words_they_cover() -> None:
    raw = "A [GENRE] in [PLACE]: [TITLE]."
    spans = (
        Span(at=(2, 9), fact="/genres/0"),
        Span(at=(13, 20), fact="/setting/0/place"),
        Span(at=(22, 29), fact="/name"),
    )

    filled = fill(raw, HARBOUR_SLOTS, spans)

    assert [filled.text[slice(*span.at)] for span in filled.spans] == [
        "crime drama",
        "Whitby",
        "Harbour Lights",
    ]


def test_spans_stay_right_where_an_article_grows_and_a_full_stop_goes() -> None:
    raw = "A [GENRE]. See [TITLE]. [YEAR]."
    spans = (Span(at=(2, 9), fact="/genres/0"), Span(at=(24, 30), fact="/year"))

    filled = fill(raw, OWLS_SLOTS, spans)

    assert filled.text == "An animated story. See The Night Owls! 2011."
    assert [filled.text[slice(*span.at)] for span in filled.spans] == ["animated story", "2011"]


@pytest.mark.parametrize(
    ("word", "article"),
    [
        ("hour", "an"), ("honest", "an"), ("house", "a"), ("European", "a"), ("unique", "a"),
        ("unusual", "an"), ("unnamed", "an"), ("united", "a"), ("one", "a"), ("only", "an"), ("1980s", "a"),
        ("1843", "an"), ("8", "an"), ("11", "an"), ("18", "an"), ("110", "a"), ("80", "an"), ("FBI", "an"), ("MI5", "an"),
        ("BBC", "a"), ("umbrella", "an"), ("user", "a"), ("ewe", "a"), ("eerie", "an"), ("Ugandan", "a"),
        ("unhurried", "an"), ("historic", None), ("éclair", None),
    ],
)  # fmt: skip
def test_articles_follow_the_sound(word: str, article: str | None) -> None:
    assert article_for(word) == article
