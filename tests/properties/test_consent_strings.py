"""Strings that come to the same are the same: nothing else of them reaches a text or a receipt."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.canonical import canonical
from genservice.consents import Heard, hear, held
from tests.properties import strategies as own
from tests.properties.test_guarantees import options, pick
from tests.unit.consents import encoding

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_damaged = st.builds("{}{}".format, encoding.tc_strings().map(encoding.encode_tc), st.just("."))
_sound = st.sampled_from([(), (5,), (5, 6), (1, 3, 4, 5, 6)]).flatmap(
    lambda purposes: st.builds(
        encoding.tc,
        purposes_consent=st.just(purposes),
        purposes_interest=st.sampled_from([(), (8,), (7, 8, 9)]),
        cmp=st.integers(0, 4095),
        created=st.integers(0, 2**36 - 1),
        consent_language=st.sampled_from(["DE", "FR", "EN"]),
        publisher_country=st.sampled_from(["DE", "FR", "AT"]),
    )
)
tcf = st.none() | _sound.map(encoding.encode_tc) | _damaged
gpp = st.none() | encoding.gpp_strings().map(lambda made: made[1]) | st.just("D") | _sound.map(lambda tc: encoding.encode_gpp({2: encoding.encode_tc(tc), 6: "1YNN"}))  # fmt: skip


def sent(title, asked, context: dict[str, Any], audience: dict[str, Any], heard: Heard) -> Order:
    return Order(title=title, options=asked, signals=audience, heard=heard, **context)


@given(st.integers(0, 500), options, own.contexts | own.granting, own.audiences(), tcf, gpp)
@few
def test_a_string_changes_nothing_but_consents_and_gpc(
    path, at, asked, context, audience, tcf, gpp
) -> None:
    heard = hear(tcf, gpp)
    plain = {
        **context,
        "consents": held(context["consents"], own.POLICIES.consents, heard),
        "gpc": context["gpc"] or heard.opted_out,
    }
    title = pick(path, at)
    by_string = sent(title, asked, context, audience, heard)
    by_list = sent(title, asked, plain, audience, Heard())
    blurbs = path.service.blurbs
    first, second = (path.run(blurbs.preview(each)) for each in (by_string, by_list))
    assert (first.prompt, first.key) == (second.prompt, second.key)
    one, other = (path.run(blurbs.write(each)) for each in (by_string, by_list))
    assert canonical(one.blurbs) == canonical(other.blurbs)
    assert canonical(one.receipt) == canonical(other.receipt)


@given(st.lists(_sound, min_size=2, max_size=2), options, own.granting, own.audiences())
@few
def test_strings_that_consent_to_the_same_get_the_same_bytes(
    path, strings, asked, context, audience
) -> None:
    one, other = strings
    other = encoding.tc(purposes_consent=one.purposes_consent, cmp=other.cmp, created=other.created)
    title = pick(path, other.cmp)
    heard = [
        hear(encoding.encode_tc(one), None),
        hear(None, encoding.encode_gpp({2: encoding.encode_tc(other)})),
    ]
    answers = [path.run(path.service.blurbs.write(sent(title, asked, context, audience, each))) for each in heard]  # fmt: skip
    assert canonical(answers[0]) == canonical(answers[1])
