"""Texts written beforehand are those that are looked for later, and leave no other trace."""

from __future__ import annotations

import pytest

from genservice.batch import Audience, prewrite
from genservice.batch.plan import order_of
from genservice.briefing import Options
from genservice.errors import ModelUnavailableError

CONSENTED = ("content_profile", "content_use")


def audience(name: str, **changes) -> Audience:
    return Audience(
        name=name, **{"region": "DE", "age_band": "age_25_34", "consents": CONSENTED, **changes}
    )


CRIME = audience("crime", signals={"genre_affinity": ["crime"]})
NOBODY = audience("nobody")
REFUSED = audience("refused", consents=(), signals={"genre_affinity": ["crime"]})


def titles(small):
    return [small.title(each) for each in ("cold-quay", "harbour-lights", "kept-by-editors")]


def test_what_was_written_beforehand_is_served_while_the_model_is_away(small) -> None:
    audiences = [CRIME, NOBODY, REFUSED]
    done = small.run(prewrite(small.blurbs, titles(small), audiences, concurrency=1))
    assert (done.orders, done.locked, done.failed) == (9, 3, 0)
    # Who agreed to nothing is nobody: one twin for both.
    assert (done.written, done.standing) == (4, 2)
    small.model.fail()
    for title in titles(small)[:2]:
        for each, source in ((CRIME, "written"), (NOBODY, "twin"), (REFUSED, "twin")):
            order = order_of(each, Options(purpose="promo"), title)
            (blurb,) = small.run(small.blurbs.write(order)).blurbs
            assert (blurb.source, blurb.reason) in (
                (source, None), (source, "nothing_released"),
            )  # fmt: skip


def test_what_stands_is_left(small) -> None:
    first = small.run(prewrite(small.blurbs, titles(small), [CRIME]))
    small.model.requests.clear()
    again = small.run(prewrite(small.blurbs, titles(small), [CRIME]))
    assert (first.written, again.written, again.standing) == (2, 0, 2)
    assert not small.model.requests


def test_nothing_is_signed_and_nothing_logged(small) -> None:
    issued = []

    class Receipts:
        async def issue(self, statement):
            issued.append(statement)

    class Decisions:
        def record(self, *given):
            issued.append(given)

    small.put_in(receipts=Receipts(), decisions=Decisions())
    small.run(prewrite(small.blurbs, titles(small), [CRIME]))
    assert not issued


def test_each_order_is_told_and_the_first_titles_come_first(small) -> None:
    told = []
    small.run(
        prewrite(small.blurbs, titles(small), [CRIME, NOBODY], concurrency=1, told=told.append)
    )
    assert [progress.done for progress in told] == [1, 2, 3, 4, 5, 6]


def test_a_model_that_is_away_ends_it_with_its_own_error(small) -> None:
    small.model.fail()
    with pytest.raises(ModelUnavailableError):
        small.run(prewrite(small.blurbs, titles(small), [CRIME]))
