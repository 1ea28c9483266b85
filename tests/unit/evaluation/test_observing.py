"""Orders through the real path: what was written before the checks, and what was served."""

from __future__ import annotations

from contextlib import contextmanager
from random import Random

import pytest

from genservice.answers import Order
from genservice.briefing import Options
from genservice.evaluation import Observed, draw, observe, openings_of, writable
from genservice.generation import Scripted
from genservice.generation.scripted import plain_text
from genservice.writing import CANDIDATES
from tests.small_service import opened

CONSENTS = ("content_profile", "content_use")
LIKED = {"genre_affinity": ["crime"]}


AWARDED = "[TITLE] won an award in Cannes: a [GENRE]."


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A service whose model is observed, and a way to have it say something else for a while."""
    said = [plain_text]

    @contextmanager
    def saying(script):
        said.append(script)
        yield
        said.pop()

    model = Observed(Scripted(lambda request, seed: said[-1](request, seed)))
    with opened(tmp_path_factory.mktemp("eval"), model) as small:
        yield small, model, saying


def order(small, seed: int, signals=None, **place) -> Order:
    return Order(
        title=small.title("cold-quay"),
        options=Options(**{"purpose": "promo", **place}),
        region="DE",
        age_band="age_25_34",
        consents=CONSENTS,
        signals=signals or {},
        seed=seed,
    )


def test_a_text_is_recorded_with_its_candidates_and_its_angle(seen):
    small, model, _ = seen
    record = small.run(observe(small.service, model, order(small, 1, LIKED)))
    assert (record.source, record.angle, record.follows) == ("written", ("GENRE",), True)
    assert [candidate.findings for candidate in record.candidates] == [()] * CANDIDATES
    assert all("[GENRE]" in candidate.raw for candidate in record.candidates)
    assert not record.findings
    assert 0 < record.stated <= record.available


def test_what_the_checks_refuse_is_seen_before_and_not_after(seen):
    small, model, saying = seen
    with saying(lambda request, seed: AWARDED if request.must else plain_text(request, seed)):
        record = small.run(observe(small.service, model, order(small, 2, LIKED)))
    assert all({*one.findings} == {"name", "claim"} for one in record.candidates)
    assert {one.raw for one in record.candidates} == {AWARDED}
    assert (record.reason, record.follows) == ("check_failed", False)
    assert record.text
    assert not record.findings


def test_an_order_that_nothing_can_answer_is_recorded_without_a_text(seen):
    small, model, saying = seen
    reserve = small.service.blurbs._parts.reserve
    reserve.fail()
    with saying(lambda request, seed: AWARDED):
        record = small.run(
            observe(small.service, model, order(small, 3, LIKED, purpose="synopsis"))
        )
    reserve.recover()
    assert (record.source, record.text) == (None, "")
    assert record.candidates


def test_the_same_seed_asks_for_the_same(seen):
    small, _, _ = seen
    titles = writable([small.title("cold-quay"), small.title("harbour-lights")])
    first, again = ([draw(titles, CONSENTS, Random(4)) for _ in range(5)] for _ in range(2))
    assert first == again
    drawn = [draw(titles, CONSENTS, rng) for rng in [Random(9)] for _ in range(60)]
    assert {one.order.options.purpose for one in drawn} == {"promo", "synopsis"}
    assert {one.answerable for one in drawn} == {True, False}


def test_titles_that_editors_keep_are_left_out(seen):
    small, _, _ = seen
    kept = [small.title(name) for name in ("cold-quay", "kept-by-editors", "pinned-in-part")]
    assert [title.id for title in writable(kept)] == ["cold-quay"]


def test_orders_for_openings_differ_in_their_seeds_alone(seen):
    small, _, _ = seen
    orders = openings_of([small.title("cold-quay")], CONSENTS, Random(1), 20)
    assert [one.seed for one in orders] == list(range(20))
    assert len({(one.title.id, str(one.options), str(one.signals)) for one in orders}) == 1
