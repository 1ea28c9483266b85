"""TC and GPP strings in requests: what they decide, what is told of them, and where they never appear."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.consents import MOST_LETTERS, Vendors
from genservice.generation import Scripted
from genservice.settings import Settings
from tests.api.conftest import Api, order
from tests.unit.consents import encoding as own

CRIME = {"genre_affinity": ["crime"]}
AGREED = own.encode_tc(own.tc(purposes_consent=(5, 6), vendor_consent=Vendors(((8, 8),))))
REFUSED = own.encode_tc(own.tc())
OPTED_OUT = own.encode_gpp({8: own.encode_us(own.us(8, SaleOptOut=(1,)))})
BOTH = ["content_profile", "content_use"]


def body(**context: Any) -> dict[str, Any]:
    asked = order(CRIME)
    asked["context"] = {**asked["context"], **context}
    return asked


def promo(api, **context: Any) -> Any:
    return api.post("/v1/promos", body(**context), role="app")


def stated(answer: Any) -> tuple[list[str], bool]:
    context = answer.json()["receipt"]["statement"]["context"]
    return context["consents"], context["gpc"]


def test_a_string_that_consents_gets_what_listed_consents_get(api) -> None:
    by_string = promo(api, consents=[], tcf=AGREED)
    assert by_string.content == promo(api, consents=BOTH).content
    assert by_string.json()["blurbs"][0]["personalised"] is True
    assert by_string.json()["notices"] == []


def test_a_string_that_refuses_gets_the_twin_whatever_is_listed(api) -> None:
    refused = promo(api, consents=BOTH, tcf=REFUSED)
    assert refused.content == promo(api, consents=[]).content
    assert refused.json()["blurbs"][0]["reason"] == "nothing_released"


def test_a_gpp_string_that_opts_out_counts_like_the_header(api) -> None:
    by_string = promo(api, gpp=OPTED_OUT)
    assert stated(by_string) == (BOTH, True)
    assert by_string.content == promo(api, gpc=True).content


def test_strings_that_come_to_the_same_get_the_same_bytes(api) -> None:
    other = own.tc(
        purposes_consent=(1, 5, 6), purposes_interest=(8,), cmp=4, created=9, consent_language="FR"
    )
    answers = [
        promo(api, consents=[], tcf=AGREED),
        promo(api, consents=BOTH, tcf=own.encode_tc(other)),
        promo(api, consents=[], gpp=own.encode_gpp({2: AGREED, 6: "1YNN"})),
        promo(api, consents=[], tcf=AGREED, gpp=own.encode_gpp({})),
    ]
    consents, gpc = stated(answers[0])
    assert (set(BOTH) <= set(consents), gpc) == (True, False)
    assert answers[0].content == answers[2].content == answers[3].content
    assert answers[0].json()["blurbs"] == answers[1].json()["blurbs"]


@pytest.mark.parametrize("field", ["tcf", "gpp"])
@pytest.mark.parametrize("text", ["", "nonsense", AGREED[:-3], "D~~", "\ud7ff\u0000"])
def test_a_malformed_string_is_no_error_and_no_consent_and_is_told_by_its_field(
    api, field: str, text: str, caplog, capfd
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = promo(api, consents=BOTH, **{field: text})
    assert answer.status_code == 200
    assert answer.json()["notices"] == [{"kind": "malformed_consent_string", "name": field}]
    assert stated(answer) == ([], field == "gpp")
    same = promo(api, consents=[], gpc=field == "gpp").json()
    assert {**answer.json(), "notices": []} == same
    told = f"{answer.text} {caplog.text} {capfd.readouterr()}"
    assert len(text) < 8 or text not in told


def test_an_invalid_string_is_told_as_such(api) -> None:
    old = own.encode_tc(own.tc(purposes_consent=(5, 6), policy_version=2))
    answer = promo(api, tcf=old, gpp=OPTED_OUT)
    assert answer.json()["notices"] == [{"kind": "invalid_consent_string", "name": "tcf"}]
    assert stated(answer) == ([], True)


def test_neither_receipt_nor_log_holds_anything_of_a_string(api, caplog, capfd) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = promo(api, tcf=AGREED, gpp=OPTED_OUT)
        receipt = api.get(f"/v1/receipts/{answer.json()['receipt']['id']}")
    told = f"{answer.text} {receipt.text} {caplog.text} {capfd.readouterr()}"
    for part in (AGREED, OPTED_OUT, *AGREED.split("."), *OPTED_OUT.split("~")):
        assert part not in told


def test_a_string_that_is_too_long_is_refused_without_repeating_it(api) -> None:
    for field in ("tcf", "gpp"):
        assert promo(api, **{field: "C" * MOST_LETTERS}).status_code == 200
        answer = promo(api, **{field: "C" * (MOST_LETTERS + 1)})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == f"#/context/{field}"
        assert "CCC" not in answer.text


def test_a_dry_run_and_an_explanation_read_strings_alike(api) -> None:
    dry = api.post("/v1/promos", {**body(consents=[], tcf=AGREED, gpp=""), "dry_run": True}).json()
    asked = {
        "purpose": "promo",
        "channel": "detail",
        "context": body(tcf=AGREED, gpp="")["context"],
    }
    explained = api.post("/v1/policies/explain", asked).json()
    assert dry["decisions"] == explained["decisions"]
    told = [{"kind": "malformed_consent_string", "name": "gpp"}]
    assert dry["notices"] == explained["notices"] == told


def test_with_a_vendor_of_ours_the_string_must_name_it(tmp_path) -> None:
    settings = Settings(
        data=tmp_path / "data", keystore=tmp_path / "keystore", twins="", tcf_vendor=9
    )
    app = create_app(settings, model=Scripted(), reserve=Scripted())
    with TestClient(app) as client, client.portal() as portal:
        key = portal.call(app.state[STATE_KEY].keys.create, "app", "a test").key
        told = Api(client, Scripted(), {"app": key})
        named = own.tc(purposes_consent=(5, 6), vendor_consent=Vendors(((9, 9),)))
        assert stated(promo(told, consents=[], tcf=own.encode_tc(named))) == (BOTH, False)
        assert stated(promo(told, consents=BOTH, tcf=AGREED)) == ([], False)
        assert stated(promo(told, consents=BOTH)) == (BOTH, False)
