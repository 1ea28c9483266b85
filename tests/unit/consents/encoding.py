"""The way back, for tests: decoded strings as text, and strings that nobody thought of."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from genservice.consents import PublisherTC, Restriction, TCString, USPrivacy, USSection, Vendors
from genservice.consents.us import LAYOUTS

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
DAY = 864_000
"""A day in tenths of a second."""
AUGUST_2026 = 17_855_424_000


def letters(bits: str, *, to: int = 6) -> str:
    """Bits as base64url, padded with zeros to a multiple of `to` and of six."""
    bits += "0" * (-len(bits) % to)
    bits += "0" * (-len(bits) % 6)
    return "".join(LETTERS[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def number(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def fibonacci(value: int) -> str:
    """Fibonacci coding, by the steps of the GPP specification ("Encoding and Decoding")."""
    worth = [1, 2]
    while worth[-1] <= value:
        worth.append(worth[-1] + worth[-2])
    places = [index for index, each in enumerate(worth) if each <= value]
    code = ["0"] * (places[-1] + 1)
    for place in reversed(places):
        if worth[place] <= value:
            value -= worth[place]
            code[place] = "1"
    return "".join(code) + "1"


def fibonacci_ranges(ranges: tuple[tuple[int, int], ...]) -> str:
    bits, seen = number(len(ranges), 12), 0
    for first, last in ranges:
        bits += ("1" if last > first else "0") + fibonacci(first - seen)
        bits += fibonacci(last - first) if last > first else ""
        seen = last
    return bits


def int_ranges(ranges: tuple[tuple[int, int], ...]) -> str:
    return number(len(ranges), 12) + "".join(
        f"1{number(first, 16)}{number(last, 16)}" if last > first else f"0{number(first, 16)}"
        for first, last in ranges
    )


def field(ids: tuple[int, ...], width: int) -> str:
    return "".join("1" if at in ids else "0" for at in range(1, width + 1))


def code(two: str) -> str:
    return "".join(number(ord(letter) - 65, 6) for letter in two)


def vendors(listed: Vendors, *, europe: bool) -> str:
    if europe and listed.ranges:
        return f"{number(max(last for _, last in listed.ranges), 16)}1{int_ranges(listed.ranges)}"
    if europe:
        return f"{number(len(listed.bits), 16)}0{listed.bits}"
    if listed.ranges:
        return f"1{fibonacci_ranges(listed.ranges)}"
    return f"0{number(len(listed.bits), 16)}{listed.bits}"


def encode_tc(tc: TCString, *, version: int | None = None, to: int = 8) -> str:
    """A TC string as text; Canada's if it is of that framework."""
    europe = tc.framework == "tcfeuv2"
    listed = [vendors(each, europe=europe) for each in (tc.vendor_consent, tc.vendor_interest)]
    restricted = number(len(tc.restrictions), 12) + "".join(
        number(each.purpose, 6)
        + number(each.kind, 2)
        + (int_ranges(each.vendors.ranges) if europe else vendors(each.vendors, europe=False))
        for each in tc.restrictions
    )
    bits = [
        number(version if version is not None else (2 if europe else 1), 6),
        number(tc.created, 36), number(tc.last_updated, 36), number(tc.cmp, 12),
        number(tc.cmp_version, 12), number(tc.consent_screen, 6), code(tc.consent_language),
        number(tc.vendor_list_version, 12), number(tc.policy_version, 6),
        str(int(tc.service_specific)) if europe else "", str(int(tc.non_standard_texts)),
        field(tc.special_features, 12), field(tc.purposes_consent, 24),
        field(tc.purposes_interest, 24),
        str(int(tc.purpose_one_treatment)) if europe else "", code(tc.publisher_country),
        *listed, restricted,
    ]  # fmt: skip
    segments = ["".join(bits)]
    if tc.disclosed is not None:
        segments.append("001" + vendors(tc.disclosed, europe=europe))
    if tc.publisher is not None:
        own = tc.publisher
        segments.append(
            "011" + field(own.purposes_consent, 24) + field(own.purposes_interest, 24)
            + number(own.custom_purposes, 6) + field(own.custom_consent, own.custom_purposes)
            + field(own.custom_interest, own.custom_purposes)
        )  # fmt: skip
    return ".".join(letters(segment, to=to) for segment in segments)


def encode_us(section: USSection) -> str:
    values = [value for each in section.fields.values() for value in each]
    core = number(section.version, 6) + "".join(number(value, 2) for value in values)
    gpc = [] if section.gpc is None else [letters(f"01{int(section.gpc)}", to=8)]
    return ".".join([letters(core, to=8), *gpc])


def encode_gpp(sections: dict[int, str]) -> str:
    """A GPP string of sections that are text already."""
    ranges: list[tuple[int, int]] = []
    for section in sorted(sections):
        if ranges and section == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], section)
        else:
            ranges.append((section, section))
    header = letters(number(3, 6) + number(1, 6) + fibonacci_ranges(tuple(ranges)))
    return "~".join([header, *(sections[section] for section in sorted(sections))])


def tc(**changes: Any) -> TCString:
    """A valid TC string of August 2026 that consents to nothing, but for the changes."""
    given: dict[str, Any] = {
        "framework": "tcfeuv2", "created": AUGUST_2026, "last_updated": AUGUST_2026, "cmp": 31,
        "cmp_version": 2, "consent_screen": 1, "consent_language": "DE",
        "vendor_list_version": 120, "policy_version": 5, "service_specific": True,
        "non_standard_texts": False, "special_features": (), "purposes_consent": (),
        "purposes_interest": (), "purpose_one_treatment": False, "publisher_country": "DE",
        "vendor_consent": Vendors(), "vendor_interest": Vendors(), "restrictions": (),
        "disclosed": Vendors(((1, 1000),)),
    }  # fmt: skip
    return TCString(**{**given, **changes})


def us(section: int, version: int = 1, **changes: Any) -> USSection:
    """A US section in which everything is 0, but for the changes."""
    layout = LAYOUTS[section, version]
    gpc = changes.pop("gpc", None)
    fields = {name: (0,) * count for name, count in layout.fields} | changes
    return USSection(section=section, name=layout.name, version=version, fields=fields, gpc=gpc)


# ----- strings that nobody thought of -----


def _ids(highest: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.integers(1, highest)).map(lambda ids: tuple(sorted(ids)))


@st.composite
def ascending(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    ends = sorted(draw(st.sets(st.integers(1, 65_535), max_size=12)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    return tuple((first, draw(st.sampled_from([first, last]))) for first, last in pairs)


_pairs = st.tuples(st.integers(1, 65_535), st.integers(1, 65_535))
_any_order = st.lists(_pairs.map(lambda pair: (min(pair), max(pair))), max_size=6).map(tuple)
_bits = st.text("01", max_size=900).map(lambda bits: Vendors(bits=bits))


def _vendors(*, europe: bool) -> st.SearchStrategy[Vendors]:
    ranges = _any_order if europe else ascending()
    return _bits | ranges.filter(bool).map(Vendors)


@st.composite
def _publisher(draw: st.DrawFn) -> PublisherTC:
    custom = draw(st.integers(0, 63))
    own = _ids(custom) if custom else st.just(())
    return PublisherTC(
        purposes_consent=draw(_ids(24)), purposes_interest=draw(_ids(24)),
        custom_purposes=custom, custom_consent=draw(own), custom_interest=draw(own),
    )  # fmt: skip


@st.composite
def tc_strings(draw: st.DrawFn) -> TCString:
    """Any TC string, of Europe or Canada."""
    europe = draw(st.booleans())
    listed = _vendors(europe=europe)
    two = st.text(string.ascii_uppercase, min_size=2, max_size=2)
    restricted = st.builds(
        Restriction,
        purpose=st.integers(0, 63),
        kind=st.integers(0, 3),
        vendors=(_any_order.map(Vendors) if europe else listed),
    )
    return TCString(
        framework="tcfeuv2" if europe else "tcfcav1",
        created=draw(st.integers(0, 2**36 - 1)), last_updated=draw(st.integers(0, 2**36 - 1)),
        cmp=draw(st.integers(0, 4095)), cmp_version=draw(st.integers(0, 4095)),
        consent_screen=draw(st.integers(0, 63)), consent_language=draw(two),
        vendor_list_version=draw(st.integers(0, 4095)), policy_version=draw(st.integers(0, 63)),
        service_specific=not europe or draw(st.booleans()), non_standard_texts=draw(st.booleans()),
        special_features=draw(_ids(12)), purposes_consent=draw(_ids(24)),
        purposes_interest=draw(_ids(24)), purpose_one_treatment=europe and draw(st.booleans()),
        publisher_country=draw(two) if europe else "",
        vendor_consent=draw(listed), vendor_interest=draw(listed),
        restrictions=tuple(draw(st.lists(restricted, max_size=4))),
        disclosed=draw(st.none() | listed), publisher=draw(st.none() | _publisher()),
    )  # fmt: skip


@st.composite
def us_sections(draw: st.DrawFn) -> USSection:
    """Any section of the nation or a state, as the specifications without a header lay it out."""
    at = draw(st.sampled_from(sorted(at for at, layout in LAYOUTS.items() if not layout.headed)))
    layout = LAYOUTS[at]
    values = {
        name: tuple(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
        for name, count in layout.fields
    }
    return USSection(
        section=at[0], name=layout.name, version=at[1], fields=values,
        gpc=draw(st.none() | st.booleans()),
    )  # fmt: skip


us_privacy = st.builds(
    USPrivacy,
    notice=st.sampled_from("YN-"),
    opt_out_sale=st.sampled_from("YN-"),
    lspa=st.sampled_from("YN-"),
)


@st.composite
def gpp_strings(draw: st.DrawFn) -> tuple[dict[int, Any], str]:
    """Decoded sections by id, and the GPP string that holds them."""
    sections: dict[int, Any] = {}
    texts: dict[int, str] = {}
    for each in draw(st.lists(tc_strings() | us_sections() | us_privacy, max_size=5)):
        match each:
            case TCString():
                at, text = (2 if each.framework == "tcfeuv2" else 5), encode_tc(each)
            case USSection():
                at, text = each.section, encode_us(each)
            case USPrivacy():
                at, text = 6, f"1{each.notice}{each.opt_out_sale}{each.lspa}"
        sections[at], texts[at] = each, text
    return sections, encode_gpp(texts)
