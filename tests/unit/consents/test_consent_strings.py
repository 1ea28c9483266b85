"""Decoding: the specifications' own examples, and whatever else a string may hold.

Pages cited: TCF = "Consent string and vendor list formats v2" of the IAB Tech Lab's
GDPR-Transparency-and-Consent-Framework; GPP = "Consent String Specification" of its
Global-Privacy-Platform, and the section specifications there.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.consents import MOST_LETTERS, Vendors, decode_gpp, decode_tc, hear
from genservice.consents.us import LAYOUTS, USPrivacy
from genservice.errors import ConsentStringError
from tests.unit.consents import encoding as own

TCF_EXAMPLE = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA"
"""TCF, "TC String Format"."""
TC_IN_GPP = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
"""GPP, "GPP String Examples", 1 to 3."""

many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# ----- the specifications' examples -----


def test_the_tc_string_of_the_specification() -> None:
    found = decode_tc(TCF_EXAMPLE)
    day = datetime.fromtimestamp(found.last_updated / 10, UTC)
    assert (found.created, day) == (found.last_updated, datetime(2025, 6, 3, tzinfo=UTC))
    assert (found.cmp, found.cmp_version, found.consent_language) == (880, 0, "EN")
    assert (found.vendor_list_version, found.policy_version) == (48, 2)
    assert (found.service_specific, found.publisher_country) == (True, "DE")
    assert found.purposes_consent == found.purposes_interest == found.special_features == ()
    assert found.vendor_consent.runs() == ((1, 4),)
    assert found.disclosed is not None
    assert found.disclosed.runs() == ((1, 5), (100, 100), (404, 404))
    assert found.publisher is not None
    assert found.publisher.purposes_consent == ()


def test_its_macro_example_has_no_publisher_segment() -> None:
    # TCF, "How does a URL-based service process the TC string when it can't execute JavaScript?"
    found = decode_tc("CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA")
    assert found.publisher is None
    assert found.disclosed == decode_tc(TCF_EXAMPLE).disclosed


def test_the_gpp_strings_of_the_specification() -> None:
    # GPP, "GPP String Examples" 1 and 2; its page on macros pads the header of 2 with one more letter.
    assert decode_gpp(f"DBABM~{TC_IN_GPP}").sections == (decode_tc(TC_IN_GPP),)
    for header in ("DBACNY", "DBACNYA"):
        found = decode_gpp(f"{header}~{TC_IN_GPP}~1YNN")
        assert found.ids == (2, 6)
        assert found.sections[1] == USPrivacy(notice="Y", opt_out_sale="N", lspa="N")


def test_the_third_gpp_string_carries_a_european_string_where_canadas_belongs() -> None:
    # GPP, "GPP String Examples" 3: the header is right (5 and 6 as a group), but section 5 begins with C,
    # version 2, and "GPP Extension: IAB Canada TCF" says version 1.
    with pytest.raises(ConsentStringError, match="version"):
        decode_gpp(f"DBABjw~{TC_IN_GPP}~1YNN")
    canadian = own.encode_tc(own.tc(framework="tcfcav1", publisher_country="", disclosed=None))
    assert decode_gpp(f"DBABjw~{canadian}~1YNN").ids == (5, 6)


@pytest.mark.parametrize(
    ("value", "code"),
    [(1, "11"), (2, "011"), (3, "0011"), (4, "1011"), (5, "00011"), (6, "10011"), (7, "01011")],
)
def test_fibonacci_codes_are_those_of_the_specification(value: int, code: str) -> None:
    # GPP, "About Fibonacci Encoding". The header that names only section `value`.
    assert own.fibonacci(value) == code
    header = own.letters("000011" + "000001" + "000000000001" + "0" + code)
    sections = {1: "x", 2: TC_IN_GPP, 4: "x", 5: own.encode_tc(own.tc(framework="tcfcav1", publisher_country="")), 6: "1---", 7: own.encode_us(own.us(7))}  # fmt: skip
    if value in sections:
        assert decode_gpp(f"{header}~{sections[value]}").ids == (value,)


def test_ranges_are_read_as_in_the_specification() -> None:
    # GPP, "Section Encoding": [3, 5, 6, 7, 8] as Range (Int) and as Range (Fibonacci).
    ranges = ((3, 3), (5, 8))
    assert own.int_ranges(ranges) == (
        "000000000010" "0" "0000000000000011" "1" "0000000000000101" "0000000000001000"
    )  # fmt: skip
    assert own.fibonacci_ranges(ranges) == "000000000010" "0" "0011" "1" "011" "0011"  # fmt: skip
    for framework, country in (("tcfeuv2", "DE"), ("tcfcav1", "")):
        text = own.encode_tc(
            own.tc(
                framework=framework, publisher_country=country, vendor_consent=Vendors(ranges), disclosed=None
            )
        )  # fmt: skip
        assert decode_tc(text, framework=framework).vendor_consent.ranges == ranges


def test_version_1_of_the_national_section_is_read_too() -> None:
    # As common in the wild: 12 categories of sensitive data and two of children.
    (found,) = decode_gpp("DBABLA~BVQqAAAAAgA.QA").sections
    assert found.fields["SaleOptOut"] == (2,)
    assert found.fields["MspaCoveredTransaction"] == (2,)
    assert (len(found.fields["SensitiveDataProcessing"]), found.gpc) == (12, False)


@pytest.mark.parametrize("section", [24, 25, 26, 27])
@pytest.mark.parametrize("headed", [True, False])
def test_drafts_are_read_with_and_without_their_header(section: int, headed: bool) -> None:
    # "Maryland/Indiana/Kentucky/Rhode Island Privacy Technical Specification", October 2025: the header's list of
    # parts begins with 0, which has no Fibonacci code; the Tech Lab's library writes no header.
    core = own.encode_us(own.us(section, SaleOptOut=(1,)))
    header = own.letters(own.number(section, 6) + own.number(1, 6) + own.number(1, 12))
    (found,) = decode_gpp(
        own.encode_gpp({section: f"{header}.{core}" if headed else core})
    ).sections
    assert (found.section, found.opt_outs()) == (section, ("SaleOptOut",))


def test_a_drafts_further_part_is_what_its_specification_says() -> None:
    for section, part, gpc in ((24, "YA", True), (25, "VVQ", None)):
        header = own.letters(own.number(section, 6) + own.number(1, 6) + own.number(1, 12))
        core = own.encode_us(own.us(section))
        (found,) = decode_gpp(own.encode_gpp({section: f"{header}.{core}.{part}"})).sections
        assert found.gpc is gpc
        assert found.fields.get("SensitiveDataProcessing") == (None if gpc else (1,) * 7 + (0,))


def test_every_section_that_the_specifications_list_is_known() -> None:
    # GPP, "Section Information": US sections are 7 to 27, without a gap.
    assert sorted({section for section, _ in LAYOUTS}) == list(range(7, 28))


# ----- whatever a string holds -----


@given(own.tc_strings(), st.sampled_from([6, 8, 24]))
@many
def test_what_was_encoded_is_what_is_decoded(string, padding) -> None:
    assert decode_tc(own.encode_tc(string, to=padding), framework=string.framework) == string


@given(own.gpp_strings())
@many
def test_gpp_strings_come_back_section_by_section(made) -> None:
    sections, text = made
    found = decode_gpp(text)
    assert dict(zip(found.ids, found.sections, strict=True)) == sections


@given(own._vendors(europe=True))
@many
def test_vendors_are_found_where_they_are_listed(vendors: Vendors) -> None:
    listed = {at for first, last in vendors.runs() for at in (first, last)}
    around = {at + by for at in listed for by in (-1, 0, 1)}
    inside = {at for at in around if any(first <= at <= last for first, last in vendors.runs())}
    assert {at for at in around if at in vendors} == inside
    assert 0 not in vendors
    assert 65_536 not in vendors


_anything = st.text(max_size=200) | st.text(own.LETTERS + ".~", max_size=400)


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    text = draw(gpp_or_tc)
    at = draw(st.integers(0, len(text)))
    kept = draw(st.integers(0, len(text)))
    middle = draw(st.text(own.LETTERS + ".~=+/ ", max_size=3))
    return text[:at] + middle + text[kept:]


gpp_or_tc = own.tc_strings().map(own.encode_tc) | own.gpp_strings().map(lambda made: made[1])


@given(_anything | _damaged() | st.builds("{}{}".format, st.sampled_from(["C", "D", "DB", "DBAB"]), _anything))  # fmt: skip
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_decoded_or_malformed_and_nothing_else(text: str) -> None:
    for decode in (decode_tc, lambda each: decode_tc(each, framework="tcfcav1"), decode_gpp):
        with suppress(ConsentStringError):
            decode(text)
    hear(text, text, vendor=7)


@given(own.tc_strings(), st.data())
@many
def test_a_string_cut_short_is_malformed_unless_only_padding_went(string, data) -> None:
    whole = own.encode_tc(string)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        found = decode_tc(cut, framework=string.framework)
    except ConsentStringError:
        return
    kept = cut.count(".") + 1
    assert "1" not in "".join(_bits(whole.split(".")[kept - 1]))[6 * len(cut.split(".")[-1]) :]
    assert found.purposes_consent == string.purposes_consent


def _bits(segment: str) -> list[str]:
    return [own.number(own.LETTERS.index(letter), 6) for letter in segment]


CORE = own.encode_tc(own.tc(disclosed=None))
DISCLOSED = own.letters("001" + own.vendors(Vendors(((3, 9),)), europe=True))


@dataclass(frozen=True)
class Case:
    id: str
    text: str


MALFORMED_TC = [
    Case("nothing", ""),
    Case("a segment with nothing in it", f"{CORE}."),
    Case("padding of base64", f"{CORE}="),
    Case("the other base64", CORE.replace("C", "+", 1)),
    Case("a space", f" {CORE}"),
    Case("a line end", f"{CORE}\n"),
    Case("a letter beyond ASCII", f"{CORE[:-1]}É"),
    Case("version 1", own.encode_tc(own.tc(), version=1)),
    Case("version 3", own.encode_tc(own.tc(), version=3)),
    Case("a language that is no letters", CORE[:18] + "__" + CORE[20:]),
    Case("bits after the last field", f"{CORE}B"),
    Case("disclosed vendors twice", f"{CORE}.{DISCLOSED}.{DISCLOSED}"),
    Case("a segment of no kind", f"{CORE}.{own.letters('111' + '0' * 21)}"),
    Case("the core twice", f"{CORE}.{CORE}"),
    Case("a range that runs backwards", f"{CORE}.{own.letters('001' + own.number(9, 16) + '1' + own.int_ranges(((1, 1),))[:12] + '1' + own.number(9, 16) + own.number(3, 16))}"),
    Case("a range beyond the highest id", f"{CORE}.{own.letters('001' + own.number(9, 16) + '1' + own.int_ranges(((3, 10),)))}"),
    Case("vendor 0", f"{CORE}.{own.letters('001' + own.number(9, 16) + '1' + own.int_ranges(((0, 0),)))}"),
    Case("more ranges than there are", f"{CORE}.{own.letters('001' + own.number(9, 16) + '1' + own.number(4095, 12))}"),
    Case("more vendors than there are", f"{CORE}.{own.letters('001' + own.number(65535, 16) + '0')}"),
]  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED_TC, ids=lambda case: case.id)
def test_a_malformed_tc_string_is_refused(case: Case) -> None:
    with pytest.raises(ConsentStringError):
        decode_tc(case.text)


NATIONAL = own.encode_us(own.us(7, 2))
MALFORMED_GPP = [
    Case("nothing", ""),
    Case("a TC string", CORE),
    Case("version 2 of GPP", f"DC{own.encode_gpp({6: '1---'})[2:]}"),
    Case("a section too many", f"{own.encode_gpp({6: '1---'})}~1---"),
    Case("a section too few", own.encode_gpp({6: "1---"}).partition("~")[0]),
    Case("the header as a section", own.encode_gpp({3: "D"})),
    Case("a section nobody knows", own.encode_gpp({28: NATIONAL})),
    Case("65,535 sections", own.letters("000011000001" + own.fibonacci_ranges(((1, 65535),)))),
    Case("a Fibonacci number without an end", own.letters("000011000001" + "000000000001" + "0" * 90)),
    Case("US Privacy of version 2", own.encode_gpp({6: "2YNN"})),
    Case("US Privacy in other letters", own.encode_gpp({6: "1ynn"})),
    Case("the national section of version 3", own.encode_gpp({7: own.letters(own.number(3, 6) + "0" * 64)})),
    Case("an opt-out of 3", own.encode_gpp({8: own.encode_us(own.us(8, SaleOptOut=(3,)))})),
    Case("a section cut short", own.encode_gpp({7: NATIONAL[:6]})),
    Case("GPC twice", own.encode_gpp({7: f"{NATIONAL}.YA.YA"})),
    Case("a part of no kind", own.encode_gpp({7: f"{NATIONAL}.gA"})),
    Case("a draft's header alone", own.encode_gpp({25: own.letters(own.number(25, 6) + own.number(1, 6) + "0" * 12)})),
]  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED_GPP, ids=lambda case: case.id)
def test_a_malformed_gpp_string_is_refused(case: Case) -> None:
    with pytest.raises(ConsentStringError):
        decode_gpp(case.text)


def test_deprecated_parts_are_passed_over() -> None:
    allowed = own.letters("010" + own.vendors(Vendors(((3, 9),)), europe=True))
    assert decode_tc(f"{CORE}.{allowed}") == decode_tc(CORE)
    assert hear(None, own.encode_gpp({1: "BAAA", 4: "anything"})).unusable == ()


# ----- never slow, never big -----

_widest = "1" + own.number(1, 16) + own.number(65_535, 16)
_room = 6 * MOST_LETTERS - 6 * len(CORE) - 60
HEAVY = [
    Case("a range in every bit", f"{CORE}.{own.letters('001' + own.number(65_535, 16) + '1' + own.number(_room // 33, 12) + _widest * (_room // 33))}"),
    Case("one vendor in every bit", f"{CORE}.{own.letters('001' + own.number(65_535, 16) + '1' + own.number(min(4095, _room // 17), 12) + ('0' + own.number(65_535, 16)) * (_room // 17))}"),
    Case("dots", "." * MOST_LETTERS),
    Case("segments", ".".join([CORE, *["A"] * (MOST_LETTERS // 2)])),
    Case("tildes", "DBAA" + "~" * MOST_LETTERS),
    Case("sections", own.letters("000011000001" + own.fibonacci_ranges(((1, 4000),))) + "~A" * 4000),
    Case("zeros", "D" + "A" * MOST_LETTERS),
    Case("ones", "D" + "_" * MOST_LETTERS),
]  # fmt: skip


@pytest.mark.parametrize("case", HEAVY, ids=lambda case: case.id)
def test_the_longest_strings_are_read_in_milliseconds(case: Case) -> None:
    def seconds() -> float:
        begun = time.process_time()
        hear(case.text, case.text, vendor=65_000)
        return time.process_time() - begun

    assert min(seconds() for _ in range(3)) < 0.05


def test_a_typical_string_is_decoded_in_less_than_100_microseconds() -> None:
    vendors = Vendors(bits="0111001011" * 80)
    text = own.encode_tc(
        own.tc(
            purposes_consent=(1, 2, 3, 4, 5, 6, 7),
            vendor_consent=vendors,
            vendor_interest=vendors,
            disclosed=vendors,
        )
    )

    def seconds() -> float:
        begun = time.process_time()
        for _ in range(200):
            decode_tc(text)
        return (time.process_time() - begun) / 200

    assert min(seconds() for _ in range(7)) < 100e-6
