"""What counts of consent strings, rule by rule as docs/consent-strings.md tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.consents import SILENT, Restriction, Unusable, Vendors, hear, held
from genservice.policy import Consent
from tests.unit.consents import encoding as own

DECLARED = (
    Consent(name="content_profile", tcf=5),
    Consent(name="content_use", tcf=6),
    Consent(name="newsletter"),
    Consent(name="precise_location", special_feature=1),
)
AGREED = own.encode_tc(own.tc(purposes_consent=(1, 5, 6)))
HALF = own.encode_tc(own.tc(purposes_consent=(5,), special_features=(1,)))
NOTHING = own.encode_tc(own.tc())


def names(listed: tuple[str, ...], **strings: Any) -> tuple[str, ...]:
    vendor = strings.pop("vendor", 0)
    heard = hear(strings.get("tcf"), strings.get("gpp"), vendor=vendor)
    return held(listed, DECLARED, heard)


def test_without_a_string_the_list_decides() -> None:
    assert hear(None, None) == SILENT
    assert names(("newsletter", "content_use")) == ("content_use", "newsletter")


def test_a_string_is_enough_for_consents_with_a_number() -> None:
    assert names((), tcf=AGREED) == ("content_profile", "content_use")


def test_what_the_string_does_not_consent_to_is_not_held_though_it_is_listed() -> None:
    assert names(("content_profile", "content_use"), tcf=HALF) == ("content_profile", "precise_location")  # fmt: skip
    assert names(("content_profile", "precise_location"), tcf=NOTHING) == ()


def test_consents_without_a_number_hold_if_they_are_listed() -> None:
    assert names(("newsletter",), tcf=NOTHING) == ("newsletter",)
    assert "newsletter" not in names((), tcf=AGREED)


def test_a_consent_with_both_numbers_needs_both() -> None:
    both = (Consent(name="both", tcf=5, special_feature=1),)
    assert held((), both, hear(HALF, None)) == ("both",)
    assert held((), both, hear(AGREED, None)) == ()


def test_strings_that_disagree_consent_to_what_all_consent_to() -> None:
    gpp = own.encode_gpp({2: HALF})
    canada = own.encode_tc(own.tc(framework="tcfcav1", publisher_country="", purposes_consent=(6,)))
    assert names((), tcf=AGREED, gpp=gpp) == ("content_profile",)
    assert names((), tcf=AGREED, gpp=own.encode_gpp({5: canada})) == ("content_use",)
    assert names((), gpp=own.encode_gpp({2: HALF, 5: canada})) == ()


def test_a_gpp_string_without_tcf_sections_says_nothing_of_purposes() -> None:
    gpp = own.encode_gpp({8: own.encode_us(own.us(8))})
    assert names(("content_use",), gpp=gpp) == ("content_use",)
    assert names(("content_use",), gpp=gpp, tcf=NOTHING) == ()


def test_legitimate_interest_is_no_consent() -> None:
    tcf = own.encode_tc(own.tc(purposes_interest=(5, 6), vendor_interest=Vendors(((1, 99),))))
    assert names(("content_profile", "content_use"), tcf=tcf) == ()


def test_what_the_publisher_was_told_for_itself_is_no_consent() -> None:
    own_use = own.PublisherTC(
        purposes_consent=(5, 6), purposes_interest=(), custom_purposes=0, custom_consent=(), custom_interest=()
    )  # fmt: skip
    assert names((), tcf=own.encode_tc(own.tc(publisher=own_use))) == ()


def test_purpose_1_is_no_consent_where_it_was_not_disclosed() -> None:
    for changes in (
        {"purpose_one_treatment": True},
        {"framework": "tcfcav1", "publisher_country": ""},
    ):
        string = own.tc(purposes_consent=(1, 5), **changes)
        section = 5 if string.framework == "tcfcav1" else 2
        assert hear(None, own.encode_gpp({section: own.encode_tc(string)})).purposes == (5,)


# ----- our vendor -----


@dataclass(frozen=True)
class Case:
    id: str
    changes: dict[str, Any]
    held: tuple[str, ...]


BOTH = ("content_profile", "content_use")
LISTED = {"vendor_consent": Vendors(((7, 9),))}


def _restricted(kind: int, vendors: Vendors = Vendors(((1, 20),))) -> dict[str, Any]:  # noqa: B008 - frozen
    return {**LISTED, "restrictions": (Restriction(purpose=5, kind=kind, vendors=vendors),)}


FOR_VENDOR_8 = [
    Case("it is agreed to", LISTED, BOTH),
    Case("it is not agreed to", {"vendor_consent": Vendors(((9, 9),))}, ()),
    Case("only its interest stands", {"vendor_interest": Vendors(((7, 9),))}, ()),
    Case("it was not disclosed", {**LISTED, "disclosed": Vendors(((9, 9),))}, ()),
    Case("purpose 5 is not allowed", _restricted(0), ("content_use",)),
    Case("purpose 5 requires consent", _restricted(1), BOTH),
    Case("purpose 5 requires interest", _restricted(2), ("content_use",)),
    Case("purpose 5 is restricted in no known way", _restricted(3), ("content_use",)),
    Case("purpose 5 is barred for others", _restricted(0, Vendors(((9, 9),))), BOTH),
]


@pytest.mark.parametrize("case", FOR_VENDOR_8, ids=lambda case: case.id)
def test_our_vendor_needs_consent_of_its_own_and_heeds_restrictions(case: Case) -> None:
    tcf = own.encode_tc(own.tc(purposes_consent=(5, 6), **case.changes))
    assert names((), tcf=tcf, vendor=8) == case.held
    assert names((), gpp=own.encode_gpp({2: tcf}), vendor=8) == case.held
    assert names((), tcf=tcf) == BOTH


def test_special_features_need_the_vendor_too() -> None:
    tcf = own.encode_tc(own.tc(special_features=(1,), **LISTED))
    assert names((), tcf=tcf, vendor=8) == ("precise_location",)
    assert names((), tcf=tcf, vendor=10) == ()


# ----- strings that count for nothing -----

EMPTY = own.encode_gpp({})
INVALID = [
    Case("before policy version 4", {"policy_version": 3}, ()),
    Case("of global scope", {"service_specific": False}, ()),
    Case("without disclosed vendors since v2.3", {"disclosed": None}, ()),
]


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case.id)
def test_an_invalid_string_is_no_consent_to_anything_and_no_opt_out(case: Case) -> None:
    tcf = own.encode_tc(own.tc(purposes_consent=(5, 6), **case.changes))
    heard = hear(tcf, None)
    assert heard.unusable == (Unusable("tcf", "invalid"),)
    assert held(("newsletter", "content_use"), DECLARED, heard) == ()
    in_gpp = hear(AGREED, own.encode_gpp({2: tcf}))
    assert (in_gpp.unusable, in_gpp.opted_out) == ((Unusable("gpp", "invalid"),), False)
    assert held(("newsletter",), DECLARED, in_gpp) == ()


def test_before_v2_3_a_string_may_leave_out_what_was_disclosed() -> None:
    last = own.AUGUST_2026 - 365 * own.DAY
    tcf = own.encode_tc(own.tc(purposes_consent=(5,), disclosed=None, last_updated=last, **LISTED))
    assert names((), tcf=tcf, vendor=8) == ("content_profile",)


def test_dates_and_later_policies_are_not_judged() -> None:
    changes = {"created": 2**36 - 1, "last_updated": 2**36 - 1, "policy_version": 63}
    assert names((), tcf=own.encode_tc(own.tc(purposes_consent=(5,), **changes))) == (
        "content_profile",
    )


@pytest.mark.parametrize("text", ["", "C", "nonsense", AGREED[:-3], "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"])  # fmt: skip
def test_a_malformed_tc_string_is_no_consent_to_anything(text: str) -> None:
    heard = hear(text, own.encode_gpp({2: AGREED}))
    assert heard.unusable == (Unusable("tcf", "malformed"),)
    assert heard.opted_out is False
    assert held(("newsletter", "content_use"), DECLARED, heard) == ()


@pytest.mark.parametrize("text", ["", "D", "DBAA~1YNN", "DBABM~nonsense"])
def test_a_malformed_gpp_string_is_no_consent_and_an_opt_out(text: str) -> None:
    heard = hear(AGREED, text)
    assert heard.unusable == (Unusable("gpp", "malformed"),)
    assert heard.opted_out is True
    assert held(("newsletter",), DECLARED, heard) == ()


def test_a_gpp_string_of_no_sections_says_nothing() -> None:
    assert hear(None, EMPTY) == SILENT


# ----- opt-outs -----

OPT_OUTS = [
    *[(section, name) for section in range(7, 28) for name in ("SaleOptOut", "TargetedAdvertisingOptOut") if section != 8 or name == "SaleOptOut"],
    (7, "SharingOptOut"),
    (8, "SharingOptOut"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "name"), OPT_OUTS)
def test_every_opt_out_of_every_section_counts(section: int, name: str) -> None:
    for value, opted_out in ((0, False), (1, True), (2, False)):
        text = own.encode_us(own.us(section, **{name: (value,)}))
        assert hear(None, own.encode_gpp({section: text})).opted_out is opted_out


@pytest.mark.parametrize("section", range(7, 28))
def test_the_gpc_part_counts_in_every_section(section: int) -> None:
    for gpc in (None, False, True):
        text = own.encode_us(own.us(section, gpc=gpc))
        assert hear(None, own.encode_gpp({section: text})).opted_out is bool(gpc)


@pytest.mark.parametrize(
    ("text", "opted_out"),
    [("1YYN", True), ("1NYY", True), ("1-Y-", True), ("1YNN", False), ("1---", False)],
)
def test_us_privacy_opts_out_by_its_third_letter(text: str, opted_out: bool) -> None:
    assert hear(None, own.encode_gpp({6: text})).opted_out is opted_out


def test_a_child_for_whom_nobody_agreed_counts_as_opted_out() -> None:
    for values, opted_out in (((0, 0), False), ((1, 0), True), ((2, 1), True), ((2, 2), False)):
        text = own.encode_us(own.us(8, KnownChildSensitiveDataConsents=values))
        assert hear(None, own.encode_gpp({8: text})).opted_out is opted_out


def test_sensitive_data_notices_and_modes_count_for_nothing() -> None:
    text = own.encode_us(own.us(7, 2, SensitiveDataProcessing=(1,) * 16, SaleOptOutNotice=(1,), PersonalDataConsents=(1,), MspaServiceProviderMode=(1,)))  # fmt: skip
    assert hear(None, own.encode_gpp({7: text})) == SILENT


def test_one_opt_out_among_many_sections_is_enough() -> None:
    sections = {at: own.encode_us(own.us(at, SaleOptOut=(2,))) for at in range(7, 28)}
    assert hear(None, own.encode_gpp(sections)).opted_out is False
    for at in sections:
        one = {**sections, at: own.encode_us(own.us(at, SaleOptOut=(1,)))}
        assert hear(None, own.encode_gpp(one)).opted_out is True


@given(own.tc_strings(), own.gpp_strings(), st.integers(0, 900))
@settings(max_examples=150, deadline=None)
def test_a_further_string_never_grants_more_and_never_opts_in(tc, gpp, vendor) -> None:
    tcf = own.encode_tc(tc)
    alone = hear(tcf, None, vendor=vendor)
    both = hear(tcf, gpp[1], vendor=vendor)
    assert set(held((), DECLARED, both)) <= set(held((), DECLARED, alone)) or alone.unusable
    assert both.opted_out >= alone.opted_out
    assert set(held((), DECLARED, hear(tcf, None, vendor=vendor or 1))) <= set(
        held((), DECLARED, hear(tcf, None))
    )
