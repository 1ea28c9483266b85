"""Who waits for a text decides when it is written, and nothing of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from genservice.answers import Order, order_of_twin
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Title
from genservice.generation import Counted, Scripted

if TYPE_CHECKING:
    from genservice.generation import Request
    from tests.small_service import Small

SHOWN = Title(
    id="the-weir",
    kind="film",
    name="The Weir",
    language="en",
    genres=("thriller",),
    moods=("tense",),
)
ASKED = Order(
    title=SHOWN, options=Options(purpose="promo"), region="DE", age_band="age_25_34", stored=False
)
SAID = "[TITLE] is a [GENRE]."


class Batched(Scripted):
    """A model that writes for many at once, and so one text at a time for each."""

    counted = Counted()
    waiting = 0
    at_once = 1


def heard(small: Small, model_of: type[Scripted], *orders: Order, passing: int = 0):
    """Answers to some orders, and what the model was asked for: from the text on that may pass."""
    asked: list[tuple[Request, int]] = []

    def say(request: Request, seed: int) -> str:
        asked.append((request, seed))
        return SAID if len(asked) > passing else "The best film ever made."

    small.put_in(model=model_of(say))
    answers = [small.run(small.blurbs.write(order)) for order in orders]
    return answers, asked


def test_no_byte_of_an_answer_depends_on_who_waits(small: Small) -> None:
    orders = [
        msgspec.structs.replace(ASKED, priority=priority, caller=caller)
        for priority, caller in (("app", "one"), ("editor", "two"), ("background", ""))
    ]
    answers, asked = heard(small, Scripted, *orders)
    assert len({canonical(answer) for answer in answers}) == 1
    told = [(request.priority, request.caller) for request, _ in asked]
    assert list(dict.fromkeys(told)) == [("app", "one"), ("editor", "two"), ("background", "")]


def test_nobody_waits_for_a_twin_written_beforehand() -> None:
    assert order_of_twin(SHOWN, Options(purpose="promo")).priority == "background"


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_candidates_one_by_one_come_to_the_text_that_they_come_to_together(
    small: Small, failing: int
) -> None:
    together, both = heard(small, Scripted, ASKED, passing=failing)
    one_by_one, needed = heard(small, Batched, ASKED, passing=failing)
    assert canonical(together) == canonical(one_by_one)
    assert [seed for _, seed in needed] == [seed for _, seed in both][: failing + 1]
