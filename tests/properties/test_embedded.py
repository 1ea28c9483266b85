"""The first guarantee and the angle once more, with the embedded model itself."""

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
from genservice.checking import Report, uncovered
from genservice.settings import Settings
from tests.injections import OWN, TITLE, poisoned, traces
from tests.properties import strategies as own
from tests.properties.conftest import Path

REFUSED = {"region": "DE", "age_band": "age_25_34", "consents": (), "gpc": False}
AGREED = {"region": "DE", "age_band": "age_25_34", "consents": tuple(own.CONSENTS), "gpc": False}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    made = Settings(
        data=folder / "data", keystore=folder / "keystore", guard_timeout=30, model_timeout=60
    )
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(open_service(made)))
        yield Path(runner, service, None)
        runner.run(stack.aclose())


@given(
    st.integers(0, 500),
    st.dictionaries(
        st.sampled_from(
            ["genre_affinity", "watch_history", "location", "gender", "followed_people"]
        ),
        own.json_values,
        max_size=5,
    ),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_withheld_changes_no_byte_of_what_the_model_writes(embedded, at, noise) -> None:
    title = embedded.titles[at % len(embedded.titles)]
    orders = [
        Order(
            title=title, options=Options(purpose="promo"), signals=signals, stored=False, **REFUSED
        )
        for signals in ({}, noise)
    ]
    one, other = (embedded.run(embedded.service.blurbs.write(order)) for order in orders)
    assert canonical(one) == canonical(other)


def test_a_released_genre_is_the_angle_and_two_genres_make_two_texts(embedded) -> None:
    asked = answered = offered = differ = 0
    for title in embedded.titles[::9]:
        if len(title.genres) < 2 or title.copy.mode != "open" or title.texts:
            continue
        texts = set()
        for genre in title.genres[:2]:
            order = Order(
                title=title,
                options=Options(purpose="promo", channel="email"),
                signals={"genre_affinity": [genre]},
                **AGREED,
            )
            blurb = embedded.run(embedded.service.blurbs.write(order)).blurbs[0]
            asked += 1
            answered += blurb.angle == "genre_affinity"
            texts.add(blurb.text)
        offered += 1
        differ += len(texts) == 2
    assert asked >= 20
    assert answered >= 0.9 * asked
    assert differ >= 0.9 * offered


def hidden(embedded, title, **changes):
    order = Order(
        title=title,
        options=Options(purpose="promo"),
        signals={"genre_affinity": ["crime"]},
        stored=False,
        **{**AGREED, **changes},
    )
    return embedded.run(embedded.service.blurbs.write(order)).blurbs[0]


def test_orders_in_a_record_change_no_byte_of_what_the_model_writes(embedded) -> None:
    written = hidden(embedded, TITLE)
    assert written.source == "written"
    for attack in OWN.values():
        assert hidden(embedded, poisoned(attack)) == written


@pytest.mark.parametrize("attack", OWN)
def test_orders_in_a_note_are_not_followed(embedded, attack: str) -> None:
    blurb = hidden(embedded, TITLE, note=OWN[attack])
    sources = embedded.run(embedded.service.dossiers.of(TITLE)).sources
    assert uncovered(blurb.text, Report(findings=(), spans=blurb.spans), sources) == ()
    assert traces(blurb.text, OWN[attack]) == []
