"""The guarantees once more, for answers that are told while they are made."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.app import open_service
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Blurb
from genservice.settings import Settings
from genservice.telling import Closing, Replace, Sentence
from tests.properties import strategies as own
from tests.properties.conftest import Path

slowly = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    made = Settings(
        data=folder / "data",
        keystore=folder / "keystore",
        guard_timeout=30,
        model_timeout=60,
        twins="",
    )
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(open_service(made)))
        yield Path(runner, service, None)
        runner.run(stack.aclose())


async def heard(blurbs, order: Order) -> list:
    return [event async for event in blurbs.stream(order)]


def order(path, at: int, signals, *, purpose: str, seed: int = 0, **changes) -> Order:
    return Order(
        title=path.titles[at % len(path.titles)],
        options=Options(purpose=purpose, length="long"),
        region="DE",
        age_band="age_25_34",
        consents=changes.pop("consents", tuple(own.CONSENTS)),
        signals=signals,
        seed=seed,
        **changes,
    )


purposes = st.sampled_from(["promo", "synopsis"])
noise = st.dictionaries(
    st.sampled_from(["genre_affinity", "watch_history", "location", "gender", "followed_people"]),
    own.json_values,
    max_size=5,
)


@given(st.integers(0, 500), purposes, noise)
@settings(max_examples=40, **slowly)
def test_what_is_withheld_changes_no_byte_of_any_event(path, at, purpose, sent) -> None:
    told = [
        path.run(heard(path.service.blurbs, order(path, at, signals, purpose=purpose, consents=())))
        for signals in ({}, sent)
    ]
    assert canonical(told[0]) == canonical(told[1])


@given(
    st.integers(0, 500),
    purposes,
    st.dictionaries(st.just("genre_affinity"), st.just(["drama", "crime", "comedy"])),
    st.integers(0, 2**40),
)
@settings(max_examples=12, **slowly)
def test_the_embedded_model_is_told_in_sentences_that_are_the_plain_answer(
    embedded, at, purpose, signals, seed
) -> None:
    asked = order(embedded, at, signals, purpose=purpose, seed=seed)
    told = embedded.run(heard(embedded.service.blurbs, asked))
    again = embedded.run(heard(embedded.service.blurbs, asked))
    plain = embedded.run(embedded.service.blurbs.write(asked))
    sentences = [event.text for event in told if isinstance(event, Sentence)]
    (blurb,) = (event for event in told if isinstance(event, Blurb))
    if not any(isinstance(event, Replace) for event in told):
        assert " ".join(sentences) == blurb.text
        assert canonical(told) == canonical(again)
    assert canonical(blurb) == canonical(plain.blurbs[0])
    assert isinstance(told[-1], Closing)
    assert canonical(told[-1].receipt) == canonical(plain.receipt)
