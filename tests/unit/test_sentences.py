"""Texts cut into sentences, while they grow and once they stand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.sentences import growing, sentences_of

TEXT = 'A [GENRE] of 1.5 hours. "[TITLE]!" With Dr. [LEAD]. [LOGLINE]. And so it ends.'
CUT = ["A [GENRE] of 1.5 hours.", '"[TITLE]!"', "With Dr. [LEAD].", "[LOGLINE].", "And so it ends."]


async def grown(pieces: list[str], prefix: str = "") -> list[tuple[str, bool]]:
    async def told():
        for piece in pieces:
            yield piece

    return [found async for found in growing(told(), prefix)]


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
async def test_the_same_sentences_are_found_however_a_text_comes_in_pieces(cuts) -> None:
    places = [0, *sorted(set(cuts) - {0, len(TEXT)}), len(TEXT)]
    pieces = [TEXT[a:b] for a, b in pairwise(places)]
    found = await grown(pieces)
    assert [text for text, _ in found] == [" ".join(CUT[: n + 1]) for n in range(len(CUT))]
    assert [whole for _, whole in found] == [False] * (len(CUT) - 1) + [True]


async def test_a_sentence_is_finished_once_the_next_has_begun() -> None:
    assert await grown(["One.", " ", "T"]) == [("One.", False), ("One.", True)]


async def test_an_end_that_breaks_off_is_left_out_unless_there_is_nothing_else() -> None:
    assert (await grown(["One. Two. And th"]))[-1] == ("One. Two.", True)
    assert await grown(["And th"]) == [("And th", True)]


async def test_a_text_goes_on_from_what_stands() -> None:
    assert await grown(["Two. ", "Three."], "One.") == [
        ("One. Two.", False),
        ("One. Two. Three.", True),
    ]
    assert await grown([], "One.") == [("One.", True)]


@pytest.mark.parametrize("gap", ["  ", "\n", "\n\n", "\t", "\u2003", " \n"])
async def test_only_a_single_space_parts_sentences(gap: str) -> None:
    text = f"One.{gap}Two."
    assert await grown([text]) == [(text, True)]
    assert sentences_of(text) == (text,)


def test_ends_that_were_kept_cut_a_finished_text() -> None:
    text = "Who? Me. Then more."
    assert sentences_of(text, (8, 19)) == ("Who? Me.", "Then more.")
    assert sentences_of(text) == ("Who?", "Me.", "Then more.")


@given(st.text(alphabet="AbC .!?\n[]\"'", max_size=60))
def test_sentences_join_to_the_text(text: str) -> None:
    assert " ".join(sentences_of(text)) == text
