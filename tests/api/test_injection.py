"""Orders hidden in what an editor's tool sends, over HTTP."""

from __future__ import annotations

import msgspec
import pytest

from tests.api.conftest import order
from tests.injections import OWN, TITLE, poisoned, traces

CRIME = {"genre_affinity": ["crime"]}


def inline(api, title, **changes):
    body = order(CRIME, title=msgspec.to_builtins(title), **changes)
    del body["title_id"]
    return api.post("/v1/promos", body)


@pytest.mark.parametrize("attack", OWN)
def test_a_record_with_an_order_in_it_is_written_for_as_if_it_were_not_there(
    api, attack: str
) -> None:
    answer = inline(api, poisoned(OWN[attack]))
    if answer.status_code == 400:  # it holds characters that no record may hold
        assert not OWN[attack].isprintable()
        return
    plain = inline(api, TITLE).json()
    assert answer.json()["blurbs"] == plain["blurbs"]
    assert answer.json()["receipt"] == plain["receipt"]


@pytest.mark.parametrize("attack", OWN)
def test_a_note_with_an_order_in_it_is_a_wish_about_style_and_no_more(api, attack: str) -> None:
    answer = api.promo(CRIME, note=OWN[attack])
    if answer.status_code == 400:
        assert not OWN[attack].isprintable()
        return
    (blurb,) = answer.json()["blurbs"]
    assert traces(blurb["text"], OWN[attack]) == []
    checked = api.post("/v1/check", {"title_id": "double-indemnity", "text": blurb["text"]})
    assert checked.json()["passed"], checked.json()
    verdict = {"receipt": answer.json()["receipt"], "text": blurb["text"]}
    assert api.post("/v1/receipts/verify", verdict).json()["valid"]


def test_an_editors_own_copy_that_gives_orders_is_refused_even_where_the_record_has_them(
    api,
) -> None:
    attack = OWN["an order"]
    title = msgspec.to_builtins(poisoned(attack))
    checked = api.post("/v1/check", {"title": title, "text": attack}).json()
    assert not checked["passed"]
