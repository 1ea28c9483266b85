from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import msgspec
import pytest

from genservice.checking import Sources, check, uncovered
from genservice.domain import Angle, Award, Rating, Span, Title
from tests.unit.checking.examples import (
    GLACIER,
    GLACIER_SLOTS,
    HARBOUR,
    HARBOUR_SLOTS,
    OWLS,
    OWLS_SLOTS,
    sources,
)

SLOTS = {HARBOUR.id: HARBOUR_SLOTS, OWLS.id: OWLS_SLOTS, GLACIER.id: GLACIER_SLOTS}


@cache
def known(title_id: str) -> Sources:
    title = {title.id: title for title in (HARBOUR, OWLS, GLACIER)}[title_id]
    return sources(title, SLOTS[title_id])


@dataclass(frozen=True)
class Clean:
    id: str
    title: Title
    text: str


CLEAN = (
    Clean("quoted logline", HARBOUR, f"{HARBOUR.logline}."),
    Clean("labels and a name", HARBOUR, "A tense, slow-burn crime drama. Watch Harbour Lights."),
    Clean("the example of SHAPES", HARBOUR,
          "Slow-burn crime in a town that keeps its dead close: Harbour Lights."),
    Clean("house phrase around free text", HARBOUR,
          "When the tide brings up a boat nobody missed, a harbour pilot's daughter must clear his"
          " name before the inquest closes."),
    Clean("name in a quotation", HARBOUR,
          "Ada Thorne asks who rang the chapel bell on the night of the storm."),
    Clean("surname and possessive", HARBOUR, "A crime drama about Thorne's grief, with Vale."),
    Clean("who plays whom", HARBOUR, "Imre Vale is Ada Thorne in Harbour Lights, a crime drama."),
    Clean("director", HARBOUR, "From director Noor Castellan, a tense crime drama."),
    Clean("people in their parts, in the writer's own words", HARBOUR,
          "Starring Imre Vale and Tobias Renn, a tense crime drama: Noor Castellan directs."),
    Clean("season in figures and words", HARBOUR, "Season 1. Season one. The first season."),
    Clean("pronoun of a named character", HARBOUR,
          "Ada Thorne asks who rang the chapel bell on the night of the storm: her grief."),
    Clean("nomination", HARBOUR, "Nominated: Northern Screen Award."),
    Clean("award that was won", OWLS, "An Oscar-winning film."),
    Clean("minutes", OWLS, "An 88-minute film."),
    Clean("year and decade", OWLS, "A 2011 film, a film of the 2010s."),
    Clean("name that ends a sentence", OWLS, "Straight to it: The Night Owls! A brisk animated story."),
    Clean("suitable for all", OWLS, "A film for all ages."),
    Clean("words of one fact in another order", GLACIER,
          "Runa Eide spends one winter with the divers who map a glacier."),
    Clean("true story that the facts tell", GLACIER,
          "The film is based on real events of the expedition of 2017."),
    Clean("number in its own sentence", GLACIER,
          "Their instruments record 412 cracks in a single night."),
    Clean("country", GLACIER, "A Norwegian documentary with subtitles."),
)  # fmt: skip


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case.id)
def test_a_text_whose_every_word_has_a_source_passes(case: Clean) -> None:
    report = check(case.text, sources=known(case.title.id))

    assert report.findings == ()
    assert uncovered(case.text, report, known(case.title.id)) == ()


@dataclass(frozen=True)
class Wrong:
    id: str
    title: Title
    text: str
    kind: str
    words: str


WRONG = (
    Wrong("word of nothing", HARBOUR, "A tense crime drama with dragons.", "unsupported", "dragons"),
    Wrong("word of the title out of place", HARBOUR, "A slow-burn harbour.", "unsupported", "harbour"),
    Wrong("label of another title", HARBOUR, "A brisk crime drama.", "unsupported", "brisk"),
    Wrong("word of the same fact in a quotation", HARBOUR,
          "In a town that keeps its harbour close, a harbour pilot's daughter comes home.",
          "altered", "harbour"),
    Wrong("small word for a word of content", HARBOUR,
          "A harbour pilot's daughter must who his name before the inquest closes.", "altered", "who"),
    Wrong("name of another title", HARBOUR, "Watch Cold Quay.", "name", "Cold"),
    Wrong("lead of another title", HARBOUR, "A crime drama with Maud Lindqvist.", "name", "Maud"),
    Wrong("capital that begins nothing", HARBOUR, "A crime drama of Grief.", "name", "Grief"),
    Wrong("other year", OWLS, "A 2012 film.", "number", "2012"),
    Wrong("minutes as a year", OWLS, "A film from 88.", "number", "88"),
    Wrong("other number in a quotation", GLACIER,
          "Their instruments record 413 cracks in a single night.", "number", "413"),
    Wrong("number in words", OWLS, "Three young owls fly across a sleeping city.", "number", "Three"),
    Wrong("other kind", HARBOUR, "A tense film.", "unsupported", "film"),
    Wrong("praise", HARBOUR, "A brilliant crime drama.", "claim", "brilliant"),
    Wrong("superlative", HARBOUR, "The tensest crime drama.", "claim", "tensest"),
    Wrong("superlative of two words", HARBOUR, "The most tense crime drama.", "claim", "The most"),
    Wrong("prize that was not won", HARBOUR, "An award-winning crime drama.", "claim", "award-winning"),
    Wrong("prize of another name", HARBOUR, "An Oscar-nominated crime drama.", "claim", "Oscar"),
    Wrong("newness", HARBOUR, "A new crime drama.", "claim", "new"),
    Wrong("availability", HARBOUR, "Now streaming: Harbour Lights.", "claim", "streaming"),
    Wrong("offer", HARBOUR, "Watch Harbour Lights tonight.", "claim", "tonight"),
    Wrong("true story", HARBOUR, "A crime drama based on real events.", "claim", "real events"),
    Wrong("suitability", HARBOUR, "A crime drama for the whole family.", "claim", "whole family"),
    Wrong("gender that no fact gives", HARBOUR, "Imre Vale and his grief.", "pronoun", "his"),
    Wrong("gender of another", OWLS, "Otto Baptiste and her film.", "pronoun", "her"),
    Wrong("director who acts", HARBOUR, "A crime drama starring Noor Castellan.", "role", "Noor Castellan"),
    Wrong("actor who directs", HARBOUR, "Directed by Imre Vale.", "role", "Imre Vale"),
    Wrong("second of two directors", HARBOUR, "Directed by Noor Castellan and Imre Vale.", "role", "Imre Vale"),
    Wrong("part of another, played by", HARBOUR, "Silas Crowe is played by Imre Vale.", "role", "Imre Vale"),
    Wrong("part of another, answered to", HARBOUR, "Here, Imre Vale answers to Silas Crowe.", "role", "Imre Vale"),
    Wrong("director in a part", HARBOUR, "Ada Thorne is played by Noor Castellan.", "role", "Noor Castellan"),
    Wrong("other part", HARBOUR, "Imre Vale is Silas Crowe in Harbour Lights.", "role", "Imre Vale"),
    Wrong("spoiler's word", HARBOUR, "A crime drama about a body.", "spoiler", "body"),
    Wrong("minor spoiler, quoted", OWLS, "The weathercock was a toymaker once.", "spoiler", "toymaker"),
    Wrong("the viewer", HARBOUR, "A crime drama for you.", "viewer", "you"),
    Wrong("what the viewer did", HARBOUR, "Because you watched Harbour Lights.", "viewer", "Because you"),
    Wrong("slot in a filled text", HARBOUR, "Watch [TITLE].", "slot", "[TITLE]"),
    Wrong("symbol", HARBOUR, "A crime drama*.", "unsupported", "*"),
)  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_what_no_source_vouches_for_is_found_in_its_place(case: Wrong) -> None:
    report = check(case.text, sources=known(case.title.id))

    found = [(finding.kind, case.text[slice(*finding.at)]) for finding in report.findings]
    assert case.kind in {kind for kind, _ in found}
    assert any(case.words in words or words in case.words for _, words in found), found


def test_findings_hold_no_word_of_the_text() -> None:
    report = check("A crime drama with Zebulon.", sources=known(HARBOUR.id))

    assert report.findings
    assert "Zebulon" not in str(report.findings)


def test_spans_say_which_fact_signal_or_phrase_vouches() -> None:
    angle = Angle(
        signal="watch_history", level="genres", family="genres", term="crime", slot="GENRE",
        pointer="/genres/0",
    )  # fmt: skip
    text = "Slow-burn crime in a town that keeps its dead close: Harbour Lights."

    report = check(text, sources=known(HARBOUR.id), angle=[angle])

    assert report.spans[:2] == (
        Span(at=(0, 9), fact="/pace"),
        Span(at=(10, 15), fact="/genres/0", signal="watch_history"),
    )
    assert report.spans[-1] == Span(at=(53, 67), fact="/name")


def test_a_raw_text_may_use_offered_slots_and_no_others() -> None:
    offered = [slot for slot in HARBOUR_SLOTS if slot.name != "DIRECTOR"]
    text = "[WHO] must [GOAL]. Directed by [DIRECTOR]. [NOBODY]."

    report = check(text, sources=known(HARBOUR.id), offered=offered)

    wrong = {text[slice(*f.at)] for f in report.findings if f.kind == "slot"}
    assert wrong == {"[DIRECTOR]", "[NOBODY]"}


def test_the_same_sentence_twice_is_found() -> None:
    report = check("[LOGLINE]. [LOGLINE].", sources=known(HARBOUR.id), offered=HARBOUR_SLOTS)

    assert [finding.kind for finding in report.findings] == ["slot"]


def test_an_angle_that_the_text_does_not_answer_is_found() -> None:
    angle = Angle(
        signal="mood_affinity", level="terms", family="moods", term="tense", slot="MOOD",
        pointer="/moods/0",
    )  # fmt: skip
    offered = HARBOUR_SLOTS

    missing = check("[WHO] must [GOAL].", sources=known(HARBOUR.id), offered=offered, angle=[angle])
    answered = check("A [MOOD] [GENRE].", sources=known(HARBOUR.id), offered=offered, angle=[angle])

    assert [finding.kind for finding in missing.findings] == ["slot"]
    assert answered.passed


def test_words_that_editors_avoid_are_found_in_every_form() -> None:
    report = check("A tense crime drama.", sources=known(HARBOUR.id), avoid=["dramas"])

    assert [finding.kind for finding in report.findings] == ["avoid"]


def test_a_nomination_grants_no_win_and_a_win_grants_both() -> None:
    won = msgspec.structs.replace(
        HARBOUR, awards=(Award(name="BAFTA Television Award", year=2025, result="won"),)
    )
    text = "A BAFTA-winning crime drama."

    assert not check(text, sources=known(HARBOUR.id)).passed
    assert check(text, sources=sources(won, HARBOUR_SLOTS)).passed


def test_one_high_rating_is_enough_to_forbid_all_ages() -> None:
    stricter = msgspec.structs.replace(
        OWLS, ratings=(*OWLS.ratings, Rating(region="DE", system="FSK", value="12", min_age=12))
    )
    text = "A film for all ages."

    assert check(text, sources=known(OWLS.id)).passed
    assert not check(text, sources=sources(stricter, OWLS_SLOTS)).passed


def test_a_quotation_that_leaves_the_negation_out_is_no_quotation() -> None:
    title = Title(
        id="t", kind="film", name="T", language="en",
        logline="A clerk does not rob the bank on the corner",
    )  # fmt: skip

    assert check("A clerk does not rob the bank on the corner.", sources=sources(title, ())).passed
    assert not check("A clerk does rob the bank on the corner.", sources=sources(title, ())).passed


def test_a_name_that_is_an_ordinary_word_counts_only_as_it_is_written() -> None:
    title = Title(id="up", kind="film", name="Up", language="en", genres=("comedy",))

    assert check("Up is a comedy.", sources=sources(title, ())).passed
    assert not check("A comedy Up There.", sources=sources(title, ())).passed


def test_a_genre_calls_a_title_what_it_is() -> None:
    film = Title(id="t", kind="film", name="T", language="en", genres=("war",))
    series = msgspec.structs.replace(film, kind="series")

    assert check("A war film.", sources=sources(film, ())).passed
    assert check("A war series.", sources=sources(series, ())).passed
    assert not check("A war film.", sources=sources(series, ())).passed
    assert not check("A war series.", sources=sources(film, ())).passed


def test_a_row_of_names_has_its_source_in_the_credits_even_where_a_description_has_it_too() -> None:
    title = msgspec.structs.replace(
        HARBOUR, description="A case that Imre Vale and Tobias Renn work on until the tide turns."
    )
    answer = Angle(
        signal="followed_people", level="people", family="people", term="renn", slot="CAST_2",
        pointer="/credits/2/name",
    )  # fmt: skip
    report = check(
        "A crime drama with Imre Vale and Tobias Renn.",
        sources=sources(title, HARBOUR_SLOTS),
        angle=(answer,),
    )
    assert report.findings == ()
    assert [span.fact for span in report.spans if span.signal] == ["/credits/2/name"]
