"""Who a text is for, on the path: what is recorded of it when, and what hears of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genservice.answers import Order
from genservice.audience import audience_of
from genservice.briefing import Options
from genservice.controls import SIGNAL_OFF
from genservice.domain import Blurb, Controls, Held
from genservice.errors import ConflictError, InvalidInputError, UnavailableError
from genservice.telling import Closing
from tests.remembering import Remembering, held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.domain import Decision
    from tests.small_service import Small

BOTH = ("content_profile", "content_use")
CRIME = {"genre_affinity": ["crime"]}


def order_of(small: Small, viewer: str | None = "v-1", **changes: Any) -> Order:
    given = {
        "title": small.title("cold-quay"),
        "options": Options(purpose="promo", length="long"),
        "region": "DE",
        "age_band": "age_25_34",
        "consents": BOTH,
        "viewer": viewer,
    }
    return Order(**{**given, **changes})


class Listening:
    """Hears what the decision log and the set in shadow hear."""

    def __init__(self) -> None:
        self.logged: list[tuple[dict[str, str], set[str]]] = []
        self.seen: list[dict[str, str]] = []

    def record(self, policies, context, decisions: Sequence[Decision], sent) -> None:
        self.logged.append((outcomes(decisions), set(sent)))

    def saw(self, policies, decisions: Sequence[Decision], under) -> None:
        self.seen.append(outcomes(decisions))


def outcomes(decisions: Sequence[Decision]) -> dict[str, str]:
    return {decision.signal: decision.outcome for decision in decisions}


# ----- what is known -----


def test_without_a_viewer_what_is_sent_is_all(small) -> None:
    found = audience_of(small.service.policies(), order_of(small, None, signals=CRIME), None)
    assert (found.signals, found.stored, found.standing) == (CRIME, frozenset(), None)
    assert found.controls == Controls()


def test_what_is_sent_or_in_a_segment_stands_in_place_of_what_is_stored(small) -> None:
    sent = {"pace_preference": None}
    of = held({"genre_affinity": ["war"], "pace_preference": "slow_burn", "device": "tv"})
    order = order_of(small, signals=sent, segment="whodunit_solvers")
    found = audience_of(small.service.policies(), order, of)
    assert found.stored == {"device"}
    assert found.signals["pace_preference"] is None
    assert found.signals["genre_affinity"] != ["war"]


def test_what_is_stored_never_clashes_with_a_segment_and_what_is_sent_does(small) -> None:
    of = held({"genre_affinity": ["war"]})
    order = order_of(small, segment="slow_burn_crime")
    assert audience_of(small.service.policies(), order, of).stored == frozenset()
    with pytest.raises(InvalidInputError):
        audience_of(
            small.service.policies(),
            order_of(small, segment="slow_burn_crime", signals={"genre_affinity": ["war"]}),
            Held(),
        )


# ----- who hears what -----


def test_log_and_shadow_hear_what_policy_decided_and_nothing_of_what_is_switched_off(small) -> None:
    ears = Listening()
    of = held(
        {**CRIME, "device": "tv"},
        consents=BOTH,
        controls=Controls(signals_off=("genre_affinity", "mood_affinity")),
    )
    small.put_in(viewers=Remembering(**{"v-1": of}), decisions=ears, shadow=ears)
    sent = {"mood_affinity": ["tense"], "theme_affinity": ["grief"]}
    answer = small.run(small.blurbs.write(order_of(small, signals=sent)))
    (logged, present), (seen,) = ears.logged[0], ears.seen
    assert logged == seen
    assert logged["genre_affinity"] == "released"
    assert present == {"device", "theme_affinity"}
    stated = {item.signal: item for item in answer.receipt.statement.decisions}
    assert stated["genre_affinity"].outcome == "withheld"
    assert stated["genre_affinity"].rules[-1] == SIGNAL_OFF.id


def test_no_part_behind_the_audience_hears_of_a_viewer_or_a_segment(small) -> None:
    small.put_in(viewers=Remembering(**{"v-1": held(CRIME, consents=BOTH)}))
    heard: list[Order] = []
    serve = small.blurbs._serving.serve

    async def listening(policies, order: Order, *args: Any, **named: Any) -> Any:
        heard.append(order)
        return await serve(policies, order, *args, **named)

    small.blurbs._serving.serve = listening
    small.run(small.blurbs.write(order_of(small, segment="early_risers")))
    assert [(order.viewer, order.segment) for order in heard] == [(None, None)]


# ----- what is recorded, and when -----


async def told(small: Small, order: Order, hear: Callable[[Any], None]) -> None:
    async for event in small.blurbs.stream(order):
        hear(event)


def test_what_is_shown_in_a_stream_is_on_record_with_the_receipt_that_ends_it(small) -> None:
    viewers = Remembering(**{"v-1": held(CRIME, consents=BOTH)})
    small.put_in(viewers=viewers)
    events: list[Any] = []
    small.run(told(small, order_of(small), events.append))
    ids = tuple(event.id for event in events if isinstance(event, Blurb))
    assert viewers.servings == [("v-1", events[-1].receipt.id, ids)]


def test_nothing_is_recorded_of_nobody(small) -> None:
    viewers = Remembering()
    small.put_in(viewers=viewers)
    small.run(small.blurbs.write(order_of(small, None, signals=CRIME)))
    assert viewers.servings == []


@pytest.mark.parametrize(
    "error", [UnavailableError("The database is gone."), ConflictError("Erased.")], ids=str
)
def test_what_cannot_be_recorded_is_told_no_receipt_of(small, error) -> None:
    viewers = Remembering(**{"v-1": held(CRIME, consents=BOTH)})
    viewers.failing["record_serving"] = error
    small.put_in(viewers=viewers)

    order, events = order_of(small), list[Any]()
    with pytest.raises(UnavailableError) as caught:
        small.run(told(small, order, events.append))
    assert caught.value.retry_after >= 1
    assert events
    assert not any(isinstance(event, Closing) for event in events)
    with pytest.raises(UnavailableError):
        small.run(small.blurbs.write(order))


def test_what_is_held_is_read_anew_for_each_request(small) -> None:
    viewers = Remembering(**{"v-1": held(CRIME, consents=BOTH)})
    small.put_in(viewers=viewers)

    order, reasons = order_of(small), list[Any]()
    for level in ("full", "off", "full"):
        viewers.held_of["v-1"] = held(CRIME, consents=BOTH, controls=Controls(level=level))
        reasons.append(small.run(small.blurbs.write(order)).blurbs[0].reason)
    assert reasons == [None, "personalisation_off", None]
