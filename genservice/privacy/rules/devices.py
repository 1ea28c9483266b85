"""Identifiers of devices, installations and sessions: advertising ids, IMEI, MAC, cookies, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.privacy.rules.checksums import luhn
from genservice.privacy.rules.rule import DIGIT, EVERYWHERE, ROW, Rule, digits_of, shown, words

if TYPE_CHECKING:
    import re

_NAMED = words(
    "idfa idfv gaid aaid adid oaid imei imsi iccid meid udid uuid guid serial device advertising advertiser ad android"
    " mac installation install session cookie client visitor sessionid jsessionid phpsessid sid token ga gid fbp fbc"
    " gclid fbclid deviceid"
)


def _imei(match: re.Match[str]) -> bool:
    digits = digits_of(shown(match))
    return len(digits) == 16 or luhn(digits)


RULES: tuple[Rule, ...] = (
    Rule(
        type="DEVICE_ID",
        score=0.9,
        sides=EVERYWHERE,
        pattern=r"(?<![\da-f])[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-f])",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.8,
        sides=EVERYWHERE,
        pattern=(
            r"(?<![\da-f:\-.])(?:[\da-f]{2}(?:(?::[\da-f]{2}){5}|(?:-[\da-f]{2}){5})|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})"
            r"(?![\da-f:\-])"
        ),
    ),
    Rule(
        type="DEVICE_ID",
        score=0.6,
        sides=EVERYWHERE,
        needs=(DIGIT,),
        pattern=r"(?<![\da-z])(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])(?:[\da-f]{64}|[\da-f]{40}|[\da-f]{32}|[\da-f]{16})(?![\da-z])",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.6,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\da-z])(?:\d{64}|\d{40}|\d{32})(?![\da-z])",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=(
            r"(?<![\w.])(?:ga\d\.\d\.\d{5,12}\.\d{9,11}|gs\d\.\d\.[\w.$]{10,60}|fb\.\d\.\d{10,13}\.[\w\-]{6,80})(?!\w)"
        ),
    ),
    Rule(
        type="DEVICE_ID",
        score=0.9,
        sides=EVERYWHERE,
        needs=(DIGIT,),
        pattern=r"(?<!\w)eyj[\w\-]{10,240}\.[\w\-]{4,250}(?:\.[\w\-]{4,250})?",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.8,
        sides=EVERYWHERE,
        needs=(DIGIT, words("sk pk rk ghp gho glpat xoxb xoxp akia")),
        pattern=r"(?<!\w)(?:(?:sk|pk|rk|glpat|xox[bp])[\-_](?=[\w\-]{0,40}\d)[\w\-]{12,120}|gh[po]_[a-z\d]{20,60}|akia[a-z\d]{16})(?!\w)",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.8,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\w.])\d{2}-\d{6}-\d{6}-\d{1,2}(?![\w\-])",
        accept=_imei,
    ),
    Rule(
        type="DEVICE_ID",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW, words("imei meid imeisv phone handset device")),
        pattern=r"\b(?:imei(?:sv)?|meid|handset|device|phone)\b[^\d\n]{0,20}(?P<it>\d(?:[ \-/]?\d){14,15})(?!\d)",
        accept=_imei,
    ),
    Rule(
        type="DEVICE_ID",
        score=0.7,
        sides=EVERYWHERE,
        needs=(DIGIT, _NAMED),
        pattern=(
            r"(?<![a-z])_{0,2}(?:idfa|idfv|gaid|aaid|adid|oaid|imei|imsi|iccid|meid|udid|uuid|guid|jsessionid|phpsessid|sessionid|sid"
            r"|gclid|fbclid|fbp|fbc|ga|gid|(?:device|advertis(?:ing|er)|ad|android|installation|install|session|cookie|client|visitor|mac)[\s_]?(?:id|token|address|identifier)"
            r"|serial(?:\s(?:no|nr|number|num))?|s/n)\b"
            r"\.?\s?(?:is|was|:|=|#)?\s?(?P<it>(?=[\w\-.]{0,40}\d)[\w\-][\w\-.]{4,126}[\w\-])"
        ),
    ),
)  # fmt: skip
