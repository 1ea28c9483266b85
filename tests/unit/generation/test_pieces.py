"""Texts told while they grow: nothing is taken back, and nothing is told that may be taken off."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.pieces import Told, told
from genservice.generation.wrappings import settled, unwrapped

TEXT = "[TITLE] is a [GENRE]. It is [MOOD]."


def tell(*states: str, whole: str, **how) -> list[str]:
    pieces: list[str] = []
    told = Told(pieces.append, **how)
    for state in states:
        told.so_far(state)
    told.whole(whole)
    return pieces


def test_what_is_new_is_told_once() -> None:
    assert tell("A", "A b", "A b", whole="A b c.") == ["A", " b", " c."]


def test_half_a_character_waits_for_its_other_half() -> None:
    assert tell("Am\ufffd", "Am\u00e9", whole="Am\u00e9lie") == ["Am", "\u00e9", "lie"]


def test_a_text_that_changes_behind_what_was_told_is_told_no_further() -> None:
    assert tell("A b", "A c d", whole="A c d") == ["A b"]


@pytest.mark.parametrize("again", ["[TITLE] is a [GENRE]. It is [MOOD].", "It is [MOOD]."])
def test_a_model_that_says_the_beginning_again_is_not_repeated(again: str) -> None:
    states = [again[:end] for end in range(1, len(again))]
    pieces = tell(*states, whole=again, prefix="[TITLE] is a [GENRE].")
    assert "".join(pieces) == "It is [MOOD]."


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "Sure! ",
            "Here is your synopsis:",
            "Here is a story. ",
            "This is a promo: ",
            "\n\n",
            "\n",
            '"',
            "*",
            "**",
            "```",
            "(90 characters)",
            "(a [GENRE])",
            "Let me know!",
            "**Note:** short.",
            "[TITLE] is a [GENRE]. ",
            "It is [MOOD]. ",
            "Synopsis: ",
            "\u201c",
            "\u201d",
            "a",
            " ",
            "# ",
            "_",
        ]
    ),
    max_size=8,
).map("".join)
BEGUN = st.sampled_from(["", "<think>Noir sells.</think>", "[THINK]No.[/THINK]\n"])
TEXTS = st.tuples(BEGUN, FRAGMENTS).map("".join)  # fmt: skip


@given(TEXTS, st.integers(0, 200))
def test_what_is_settled_is_never_taken_off_whatever_follows(text: str, at: int) -> None:
    assert unwrapped(text).startswith(settled(text[:at]).rstrip())


@given(TEXTS)
def test_told_in_any_pieces_it_is_the_text_without_its_wrapping(text: str) -> None:
    states = [text[:end] for end in range(len(text))]
    pieces = tell(*states, whole=unwrapped(text), settled=settled)
    assert "".join(pieces) == unwrapped(text)


def test_a_text_that_reasons_in_its_midst_ends_before_that() -> None:
    assert tell("One. ", whole=unwrapped("One. <think>"), settled=settled) == ["One."]


@pytest.mark.parametrize("text", [TEXT, "This is [TITLE], a [GENRE]. More.", "Here comes [TITLE]."])
def test_a_text_that_nothing_is_put_around_is_told_as_it_comes(text: str) -> None:
    assert settled(text) == text


async def test_work_is_cancelled_once_nobody_reads() -> None:
    ended = asyncio.Event()

    async def work(put) -> None:
        try:
            put("one")
            await asyncio.Event().wait()
        finally:
            ended.set()

    pieces = told(work)
    assert await anext(pieces) == "one"
    await pieces.aclose()
    await ended.wait()


async def test_what_came_is_read_before_the_failure_that_followed() -> None:
    async def work(put) -> None:
        put("one")
        put("two")
        raise ValueError("late")

    pieces = told(work)
    assert [await anext(pieces), await anext(pieces)] == ["one", "two"]
    with pytest.raises(ValueError, match="late"):
        await anext(pieces)
