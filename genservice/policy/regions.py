"""The regions rules may name: ISO 3166-1 countries, and their ISO 3166-2 subdivisions by shape."""

from __future__ import annotations

import re

from genservice.errors import InvalidInputError, Problem

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
    """.split()
)
"""The 249 officially assigned alpha-2 codes of ISO 3166-1."""

UNKNOWN = "unknown"

NOT_A_REGION = "not a region; expected a code of ISO 3166 such as DE or US-CA, or unknown"

_MEANT = {"UK": "GB", "EL": "GR"}
"""Codes in everyday use that ISO keeps back, and the country they mean."""
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


def country_of(region: str) -> str:
    """The country of a region: `US` of `US-CA` and of `US`."""
    return region.partition("-")[0]


def is_region(word: str) -> bool:
    """Whether `word` is a country (`DE`) or a subdivision of one (`US-CA`); `unknown` is neither."""
    if word in COUNTRIES:
        return True
    return _SUBDIVISION.fullmatch(word) is not None and country_of(word) in COUNTRIES


def require_region(word: str, *, pointer: str) -> None:
    """Return if `word` is a region or `unknown`.

    A word that is neither would be decided as `unknown`, which a caller who misspelt a country
    would never notice.

    Args:
        word: What was sent.
        pointer: The field it was sent in.

    Raises:
        InvalidInputError: It is neither.
    """
    if word == UNKNOWN or is_region(word):
        return
    meant = _MEANT.get(word.partition("-")[0].upper()) or word.upper()
    hint = f"did you mean {meant}?" if is_region(meant) else None
    raise InvalidInputError(Problem(pointer=pointer, detail=NOT_A_REGION, hint=hint))
