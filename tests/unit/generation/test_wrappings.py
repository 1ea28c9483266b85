"""What stands around a text goes, its slots and words stay."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genservice.generation.wrappings import unwrapped

TEXT = "[TITLE] is a [MOOD] [GENRE] with [CAST_2]: it's set in [PLACE]."
SLOT = re.compile(r"\[[A-Z0-9_]+\]")

WRAPPED = [
    '"{}"',
    "\u201c{}\u201d",
    "'{}'",
    "\u2018{}\u2019",
    "\u00ab{}\u00bb",
    "**{}**",
    "*{}*",
    '"**{}**"',
    "```\n{}\n```",
    "```text\n{}\n```",
    "Sure! Here is your promo:\n\n{}",
    "Sure, here's a short promo for the tile:\n{}",
    "Certainly! Here\u2019s the synopsis:\n\n\u201c{}\u201d",
    "Of course. Below is the text: {}",
    "Here is a promo of at most 90 characters:\n\n{}\n\n(85 characters)",
    "Sure!\n{}",
    "Promo: {}",
    "**Promo:** {}",
    "**Synopsis**: {}",
    "### Promo:\n{}",
    "{} (120 characters)",
    "{}\n\n*(Character count: 118)*",
    "{} (about 20 words)",
    "{}\n\n(118/180 characters)",
    "{}\n\nLet me know if you would like another one!",
    "{}\n\nNote: I kept the slots as they are.",
    "<think>The [LEAD] is a spoiler.\n\nI will say \"[TITLE]\".</think>\n\n{}",
    "<think>\n\n</think>\n\n{}",
    "They want a promo. </think>{}",
    "<thinking>Hm.</thinking>\n{}",
    "[THINK]Which slots? [TITLE], surely.[/THINK]{}",
    "<think>Short.</think>\nSure! Here is the promo:\n\n```\n\"{}\"\n```\n\nLet me know!",
]  # fmt: skip


@pytest.mark.parametrize("wrapping", WRAPPED, ids=repr)
def test_what_stands_around_a_text_is_taken_off(wrapping):
    assert unwrapped(wrapping.replace("{}", TEXT)) == TEXT


KEPT = [
    TEXT,
    "",
    '"No," she says, "never."',
    "'It is [TITLE],' he says, and it's true.",
    "[TITLE] (2021)",
    "A film (90 minutes)",
    "[TITLE]: a drama.",
    "Title: [TITLE]\nA drama.",
    "Here is a town where it never rains: [PLACE].",
    "Here is a promo for [TITLE]: a drama.",
    "This is [TITLE]: a text in a bottle.",
    "Great. A [GENRE].",
    "Sure-footed [LEAD] climbs.",
    "Text messages from nowhere.",
    "2 * 3 * 4",
    "a*b*c",
    "If you would like a quiet night: [TITLE].",
    "Two\n\nparagraphs.",
    "- A [GENRE]\n- [TITLE]",
    "# [TITLE]\nA [GENRE].",
    "Promo:",
    '""',
    "``````",
    "[CAST_2] and [CAST_12] in _[TITLE]_.",
]


@pytest.mark.parametrize("text", KEPT, ids=repr)
def test_what_may_belong_to_a_text_stays(text):
    assert unwrapped(text) == text


def test_emphasis_within_a_text_goes_and_its_words_stay():
    assert unwrapped("**[TITLE]** is a *quiet* [GENRE].") == "[TITLE] is a quiet [GENRE]."


@pytest.mark.parametrize("between", ["\n", "\n\n", " \n \n ", "\n\n\n"], ids=repr)
def test_paragraphs_of_whole_sentences_follow_one_another(between):
    assert unwrapped(f"A [GENRE].{between}[TITLE] begins.") == "A [GENRE]. [TITLE] begins."


@pytest.mark.parametrize(
    "text",
    [
        "<think>The user wants a promo of [TITLE].",
        "<think>",
        "<THINK>Loud.",
        "[TITLE]. <think>Was that good?</think>",
        "[TITLE]. <think>Was that good?",
        "<think>One.</think> A [GENRE]. <think>Two.</think>",
        "<think>One.</think>",
        "One. </think>",
        "<b>One.</b> <think>Two.",
        "[THINK]One.",
        "<think><think>One.</think> [TITLE].</think> [TITLE].",
    ],
)
def test_of_reasoning_that_has_no_end_or_no_place_nothing_is_read(text):
    assert unwrapped(text) == ""


bits = st.sampled_from(
    [TEXT, "[TITLE]", "[TITL", '"', "'", "\u201c", "\u201d", "**", "*", "```", "\n", "\n\n", " ", "Sure!",
     "Here is the promo:", "Promo:", "(12 characters)", "Let me know.", "Note: so.", "a", "it's"]
)  # fmt: skip


@given(st.lists(bits, max_size=12).map("".join))
@example('"\n"[TITLE]"\n"')
def test_slots_and_their_order_never_change_and_once_is_enough(text):
    bare = unwrapped(text)
    assert SLOT.findall(bare) == SLOT.findall(text)
    assert unwrapped(bare) == bare


@given(st.text(max_size=200))
def test_any_text_will_do(text):
    assert unwrapped(unwrapped(text)) == unwrapped(text)


@pytest.mark.parametrize(
    "unit",
    [" ", "\n", "*", "`", "(", '"', "Promo: ", "```\n", "*a", "<think>", "\t\n ", ".\n\n"],
    ids=repr,
)
def test_no_text_takes_long(unit):
    began = time.perf_counter()
    unwrapped("a" + unit * 50_000 + "b")
    unwrapped(unit * 4_000)
    unwrapped(unit * 2_000 + "b")
    assert time.perf_counter() - began < 5
