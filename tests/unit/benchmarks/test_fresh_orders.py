"""Fresh promos are fresh: no two orders are alike, and the service as deployed is asked for none twice."""

from __future__ import annotations

from collections import Counter
from itertools import count, islice

import msgspec
import pytest

import benchmarks.deployed
from benchmarks.deployed import MOST_EACH_SECOND, Deployed
from benchmarks.load import Load
from benchmarks.orders import body_of, orders_of
from genservice.domain import Title

TITLES = [
    Title(id=name, kind="film", name=name, language="en", genres=(genre, "drama"))
    for name, genre in (("a", "crime"), ("b", "comedy"), ("c", "fantasy"))
]
LOAD = Load(
    connections=2,
    seconds=1,
    requests=0,
    each_second=50,
    p50_ms=1,
    p90_ms=1,
    p99_ms=1,
    most_ms=1,
    refused=0,
    failed=0,
    answer_bytes=1,
)


class Resting:
    """A service with nothing to do."""

    def processor_seconds(self) -> float:
        return 0.0


class Sent:
    """What stands in for wrk: answers so many of the bodies, and keeps which it was given."""

    def __init__(self, answered: int) -> None:
        self.answered = answered
        self.turns: list[list[bytes]] = []

    def __call__(self, _, bodies, *, connections, seconds) -> tuple[Load, float]:
        assert len(bodies) >= MOST_EACH_SECOND * seconds
        self.turns.append(list(bodies[: self.answered + connections]))
        return msgspec.structs.replace(LOAD, requests=self.answered), 1000.0


def test_no_two_bodies_are_alike_however_many_are_asked_for():
    bodies = list(map(body_of, islice(orders_of(TITLES), 1000)))
    assert len(set(bodies)) == 1000


def test_every_title_is_asked_for_in_every_channel_for_every_audience_before_any_is_again():
    def asked(order) -> tuple[str, str, bytes]:
        return order.title.id, order.options.channel, msgspec.json.encode(order.signals)

    kinds = Counter(map(asked, islice(orders_of(TITLES), 5 * 5 * 2 * len(TITLES))))
    assert set(kinds.values()) == {1}


def test_what_was_sent_in_one_turn_is_sent_in_no_other(monkeypatch):
    sent = Sent(answered=30)
    monkeypatch.setattr(benchmarks.deployed, "driven", sent)
    listening = Deployed(Resting(), 2, orders_of(TITLES))

    rates = [listening.turn(connections=2, seconds=1) for _ in range(2)]

    bodies = [body for turn in sent.turns for body in turn]
    assert len(bodies) == 2 * 2 * (30 + 2)
    assert len(set(bodies)) == len(bodies)
    assert rates == [50, 50]
    served = listening.served()
    assert (served.blurbs, served.failed, served.processor_ms) == (60, 0, 1.0)


def test_a_turn_in_which_a_body_may_have_been_sent_twice_counts_for_nothing(monkeypatch):
    monkeypatch.setattr(benchmarks.deployed, "driven", Sent(answered=MOST_EACH_SECOND + 1))
    listening = Deployed(Resting(), 2, orders_of(TITLES))

    with pytest.raises(ValueError, match="twice"):
        listening.turn(connections=2, seconds=1)


def test_it_is_waited_for_until_it_rests(monkeypatch):
    at_work = iter([1.0, 1.2, 1.4, 1.4])
    busy = Resting()
    busy.processor_seconds = lambda: next(at_work)
    monkeypatch.setattr(benchmarks.deployed, "driven", Sent(answered=1))
    monkeypatch.setattr(benchmarks.deployed.time, "sleep", lambda _: None)

    Deployed(busy, 2, orders_of(TITLES)).turn(connections=2, seconds=1)

    assert next(at_work, None) is None


def test_one_that_never_rests_is_not_gone_on_with(monkeypatch):
    at_work = count()
    busy = Resting()
    busy.processor_seconds = lambda: next(at_work)
    monkeypatch.setattr(benchmarks.deployed, "driven", Sent(answered=1))
    monkeypatch.setattr(benchmarks.deployed.time, "sleep", lambda _: None)

    with pytest.raises(RuntimeError, match="rest"):
        Deployed(busy, 2, orders_of(TITLES)).turn(connections=2, seconds=1)
