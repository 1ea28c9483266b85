from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from genservice.checking import check, load_phrases, parse_phrases
from genservice.errors import PhraseError
from tests.unit.checking.examples import HARBOUR, HARBOUR_SLOTS, OWLS, OWLS_SLOTS, PHRASES, sources


def file_with(entry: str) -> bytes:
    return (
        f"version: 1\nphrases:\n  - {{id: fine, role: hook, text: Fine.}}\n  - {entry}\n".encode()
    )


@dataclass(frozen=True)
class Case:
    id: str
    entry: str
    column: int
    detail: str


CASES = (
    Case("bad id", "{id: Not Good, role: hook, text: Fine.}", 10, "Expected `str` matching regex"),
    Case("unknown role", "{id: a, role: hok, text: Fine.}", 19, "'hok' is no role of a phrase"),
    Case("double", "{id: fine, role: hook, text: Again.}", 10, "'fine' stands twice"),
    Case("unknown key", "{id: a, role: hook, text: Fine., mood: tense}", 5, "unknown field `mood`"),
    Case("unknown need", "{id: a, role: hook, text: Fine., needs: {genre: [crime]}}", 45, "unknown field `genre`"),
    Case("unknown fact", "{id: a, role: hook, text: Fine., needs: {facts: [fame]}}", 53, "'fame' is no fact"),
    Case("unknown tone", "{id: a, role: hook, text: Fine., tones: [loud]}", 46, "Invalid enum value 'loud'"),
    Case("unknown slot", '{id: a, role: hook, text: "See [TITEL]."}', 31, "unknown slot 'TITEL'"),
    Case("praise", "{id: a, role: hook, text: A masterpiece.}", 31, "'masterpiece' claims"),
    Case("superlative", "{id: a, role: hook, text: The finest hour.}", 31, "'finest' claims"),
    Case("award without a need", "{id: a, role: hook, text: Award-winning.}", 31, "'award winning' claims"),
    Case("nomination where a win is claimed",
         "{id: a, role: hook, text: Award-winning., needs: {facts: [awards]}}", 31, "'award winning' claims"),
    Case("need that grants something else",
         "{id: a, role: hook, text: A true story., needs: {genres: [drama]}}", 31, "'true story' claims"),
    Case("the viewer", "{id: a, role: hook, text: Because you asked.}", 31, "'because you' claims"),
    Case("gender", "{id: a, role: hook, text: She waits.}", 31, "'she' tells a gender"),
    Case("symbol", "{id: a, role: hook, text: Fine*.}", 31, "a character that no text may hold"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_wrong_phrase_is_refused_in_its_place(case: Case) -> None:
    with pytest.raises(PhraseError) as raised:
        parse_phrases(file_with(case.entry), file="phrases.yaml")

    (problem,) = raised.value.problems
    assert (problem.file, problem.line, problem.column) == ("phrases.yaml", 4, case.column)
    assert case.detail in problem.detail


def test_every_problem_is_told_at_once() -> None:
    raw = file_with("{id: fine, role: hook, text: The best.}\n  - {id: X, role: hook, text: Fine.}")

    with pytest.raises(PhraseError) as raised:
        parse_phrases(raw)

    assert [problem.line for problem in raised.value.problems] == [4, 4, 5]


@pytest.mark.parametrize(
    "raw", [b"", b"phrases: 3", b"version: 0\nphrases: []", b"version: 1", b"- a"]
)
def test_what_is_no_file_of_phrases_is_refused(raw: bytes) -> None:
    with pytest.raises(PhraseError):
        parse_phrases(raw)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhraseError, match="cannot be read"):
        load_phrases(tmp_path / "phrases.yaml")


def test_the_revision_follows_the_content_and_not_the_layout() -> None:
    one = parse_phrases(file_with("{id: a, role: hook, text: Fine.}"))
    laid_out = parse_phrases(file_with("id: a\n    role: hook\n    text: Fine."))
    other = parse_phrases(file_with("{id: a, role: hook, text: Fine!}"))

    assert one.revision == laid_out.revision != other.revision


def test_the_shipped_phrases_are_sound() -> None:
    assert len(PHRASES.phrases) > 100


def phrases(*entries: str):
    lines = "\n".join(f"  - {entry}" for entry in entries)
    return parse_phrases(f"version: 1\nphrases:\n{lines}\n".encode())


def test_a_phrase_vouches_as_a_whole_and_in_its_place() -> None:
    known = sources(
        HARBOUR,
        HARBOUR_SLOTS,
        phrases('{id: a, role: hook, text: "[LEAD] walks softly through [PLACE]."}'),
    )

    assert check("Imre Vale walks softly through Whitby.", sources=known).passed
    assert not check("Imre Vale walks through Whitby.", sources=known).passed
    assert not check("Imre Vale softly walks through Whitby.", sources=known).passed
    assert not check("Harbour Lights walks softly through Whitby.", sources=known).passed


def test_half_a_phrase_vouches_for_nothing() -> None:
    known = sources(
        HARBOUR, HARBOUR_SLOTS, phrases('{id: a, role: hook, text: "Ask [LEAD] gently."}')
    )

    assert check("Ask Imre Vale gently.", sources=known).passed
    assert not check("Ask Imre Vale.", sources=known).passed


def test_a_phrase_counts_only_for_titles_that_have_what_it_needs() -> None:
    declared = phrases(
        "{id: a, role: hook, text: Bells ring., needs: {genres: [crime], moods: [tense, dark]}}",
        "{id: b, role: hook, text: Owls call., kinds: [film]}",
    )
    harbour, owls = sources(HARBOUR, HARBOUR_SLOTS, declared), sources(OWLS, OWLS_SLOTS, declared)

    assert check("Bells ring.", sources=harbour).passed
    assert not check("Bells ring.", sources=owls).passed
    assert check("Owls call.", sources=owls).passed
    assert not check("Owls call.", sources=harbour).passed


def test_a_phrase_may_claim_what_its_need_grants() -> None:
    declared = phrases("{id: a, role: hook, text: Award-winning., needs: {facts: [awards_won]}}")

    assert check("Award-winning.", sources=sources(OWLS, OWLS_SLOTS, declared)).passed
    assert not check("Award-winning.", sources=sources(HARBOUR, HARBOUR_SLOTS, declared)).passed


def test_phrases_that_make_a_sentence_together_join_and_others_do_not() -> None:
    known = sources(
        HARBOUR,
        HARBOUR_SLOTS,
        phrases(
            "{id: a, role: lead, text: Settle in for}",
            '{id: b, role: noun, text: "a [MOOD] [GENRE]"}',
            '{id: c, role: tail, text: "with fog about"}',
            "{id: d, role: hook, text: Fog falls.}",
        ),
    )

    assert check("Settle in for a tense crime drama with fog about.", sources=known).passed
    assert check("Fog falls. Settle in for a tense crime drama.", sources=known).passed
    assert not check("A tense crime drama fog falls.", sources=known).passed
