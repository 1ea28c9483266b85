"""The regions rules may name: ISO 3166-1 countries, and their ISO 3166-2 subdivisions by shape."""

from __future__ import annotations

import re

COUNTRIES: frozenset[str] = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI
    BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN
    CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
    NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - one word a line would be 249 lines
)
"""The 249 officially assigned alpha-2 codes of ISO 3166-1."""

UNKNOWN = "unknown"

_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


def country_of(region: str) -> str:
    """The country of a region: `US` of `US-CA` and of `US`."""
    return region.partition("-")[0]


def is_region(word: str) -> bool:
    """Whether `word` is a country (`DE`) or a subdivision of one (`US-CA`); `unknown` is neither."""
    if word in COUNTRIES:
        return True
    return _SUBDIVISION.fullmatch(word) is not None and country_of(word) in COUNTRIES
