"""Structured identifiers that Presidio has no recogniser for, or reads too narrowly: one rule a row.

Every pattern is bounded, so that its time grows with the text and no faster. Patterns read folded
text (see `genservice.privacy.folding`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.folding import BLANK
from genservice.privacy.values import Finding, Recogniser, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EVERYWHERE: frozenset[Side] = frozenset({"viewer", "title", "output"})
NOT_IN_TITLES: frozenset[Side] = frozenset({"viewer", "output"})
VIEWER: frozenset[Side] = frozenset({"viewer"})

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:3[01]|[12]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?:{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?|{_MONTH}\s{_DAY}(?:,?\s{_YEAR})?"
    rf"|\d{{1,2}}[/.\-]\d{{1,2}}[/.\-](?:\d{{4}}|\d\d)|{_YEAR}[/.\-]\d{{1,2}}[/.\-]\d{{1,2}})"
)
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_NUMBER = (
    rf"(?:\d{{1,3}}|{_TENS}(?:[-\s]{_ONES})?|{_ONES}|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
_NOT_A_MEASURE = (
    r"(?!\s?(?:%|percent|per|min|minute|hour|hr|episode|season|film|movie|day|week|month|mile|km|of|"
    r"and a half|times|steps|point|or so|more|into|to|in)s?\b)(?![\d.,:/]\d)(?!\d)"
)
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|crescent|place|pl|square|sq"
    r"|terrace|way|boulevard|blvd|grove|gardens|hill|mews|row|walk|park|quay|parade|highway|hwy)"
)
_ROAD_WORD = r"[^\W\d_][\w'\-]{0,30}"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One pattern for one type; a group named `it` narrows what is found."""

    type: str
    pattern: str
    score: float
    sides: frozenset[Side] = NOT_IN_TITLES


RULES: tuple[Rule, ...] = (
    Rule(type="HANDLE", score=0.9, sides=EVERYWHERE, pattern=r"(?<![\w@.+\-])@\w(?:[\w.]{0,28}\w)?"),
    Rule(type="HANDLE", score=0.8, sides=EVERYWHERE, pattern=r"\b[\w.]{2,32}#\d{4}\b"),
    Rule(type="HANDLE", score=0.7, pattern=r"(?<![\w/])/?u/[\w\-]{3,20}\b"),
    Rule(
        type="HANDLE",
        score=0.6,
        pattern=(
            r"\b(?:insta(?:gram)?|snap(?:chat)?|tiktok|twitter|discord|telegram|skype|steam|psn|xbox(?:\slive)?"
            r"|gamertag|user\s?name|handle|nick(?:name)?)(?:\s(?:id|name|handle|user(?:name)?))?"
            r"\s?(?::|=|\bis\b)\s?(?P<it>[\w.\-]{3,30})"
        ),
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.8,
        sides=EVERYWHERE,
        pattern=(
            r"\b[\w+\-][\w.+\-]{0,63}\s?[(\[{]\s?at\s?[)\]}]\s?[\w\-]{1,63}"
            r"(?:\s?(?:[(\[{]\s?dot\s?[)\]}]|\.)\s?[\w\-]{2,24}){1,4}"
        ),
    ),
    Rule(
        type="EMAIL_ADDRESS",
        score=0.6,
        pattern=r"\b[\w+\-][\w.+\-]{0,63}\sat\s[\w\-]{1,63}(?:\sdot\s[\w\-]{2,24}){1,4}\b",
    ),
    Rule(type="EMAIL_ADDRESS", score=0.4, pattern=r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w.\-]{1,253}"),
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
        pattern=r"(?<![\da-f:\-])[\da-f]{2}(?:(?::[\da-f]{2}){5}|(?:-[\da-f]{2}){5})(?![\da-f:\-])",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.6,
        sides=EVERYWHERE,
        pattern=r"(?<![\da-z])(?=[a-f]{0,64}\d)(?:[\da-f]{64}|[\da-f]{40}|[\da-f]{32}|[\da-f]{16})(?![\da-z])",
    ),
    Rule(
        type="DEVICE_ID",
        score=0.7,
        sides=EVERYWHERE,
        pattern=(
            r"\b(?:idfa|idfv|gaid|aaid|adid|imei|(?:device|advertising|ad|android)\sid|serial(?:\s(?:no|number))?)"
            r"\.?\s?(?:is|:|=|#)?\s?(?P<it>(?=[\w\-]{0,40}\d)[\w\-]{6,64})"
        ),
    ),
    Rule(
        type="PHONE_NUMBER",
        score=0.6,
        pattern=(
            r"(?<![\d.,])(?:\+|\b00)\d(?:[\s\-./()]{0,2}\d){6,14}(?!\d)"
            r"|(?<![\d.,])\(?\b0\d(?:[\s\-./()]{0,2}\d){8,9}(?!\d)"
        ),
    ),
    Rule(
        type="PHONE_NUMBER",
        score=0.6,
        pattern=(
            r"\b(?:phone|telephone|tel|mobile|cell|whatsapp|call(?:\sme)?|text\sme|ring(?:\sme)?|fax)\b\.?(?:\s?(?:on|at|is|no|number|:)){0,3}"
            r"\s?(?P<it>\+?\(?\d(?:[\s\-./()]{0,2}\d){5,14})(?!\d)"
        ),
    ),
    Rule(type="CRYPTO", score=0.9, sides=EVERYWHERE, pattern=r"\b0x[\da-f]{40}\b"),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.7,
        sides=EVERYWHERE,
        pattern=(
            r"\b(?:account|acct|a/c|customer|member(?:ship)?|subscri(?:ber|ption)|policy|order|booking|reference"
            r"|ref|passport|(?:driving\s)?licen[cs]e|iban|sort\scode|national\sid|tax\sid|ssn)"
            r"(?:\s?(?:number|no|nr|num|id|code|ref))?\.?\s?(?:is|was|:|=|#)?\s?"
            r"(?P<it>(?=(?:[ \-]?[a-z]{0,6}\d){4})[a-z]{0,6}\d[\da-z]{0,30}(?:[ \-][a-z]{0,6}\d[\da-z]{0,12}){0,8})"
        ),
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.4,
        # Years side by side and amounts in thousands are no identifiers; any other long row of digits may be.
        pattern=(
            rf"(?<![\d.,])(?!{_YEAR}[\s\-/]{{1,3}}{_YEAR}(?![\d\-]))"
            r"\+?\(?\d(?:[\s\-./()]{0,2}\d){5,40}(?![\d]|,\d{3})"
        ),
    ),
    Rule(
        type="ADDRESS",
        score=0.7,
        pattern=rf"\b\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s(?:{_ROAD_WORD}\s){{1,4}}{_STREET}\b\.?",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        pattern=r"\b[^\W\d_][\w\-]{1,30}[ \-]?(?:strasse|str\.|gasse|weg|platz|allee)\s\d{1,4}[a-z]?\b",
    ),
    Rule(
        type="ADDRESS",
        score=0.6,
        pattern=r"\b(?:rue|avenue|boulevard|via|viale|piazza|calle|avenida|rua|plaza)\s(?:[\w'\-]{1,30}\s?){1,5},?\s?\d{1,4}\b",
    ),
    Rule(type="ADDRESS", score=0.6, pattern=r"\b(?:flat|apt|apartment|unit|suite|p\.?\s?o\.?\sbox)\.?\s#?\d{1,5}[a-z]?\b"),
    Rule(type="ADDRESS", score=0.7, pattern=r"\b(?:gir\s?0aa|[a-z]{1,2}\d[a-z\d]?\s?\d[abd-hjlnp-uw-z]{2})\b"),
    Rule(type="ADDRESS", score=0.7, pattern=r"\b[abceghj-nprstvxy]\d[a-z][ \-]?\d[a-z]\d\b"),
    Rule(
        type="ADDRESS",
        score=0.6,
        pattern=(
            r"\b(?:(?:zip|post(?:al)?\s?code|plz|cap|cp)\s?(?:code)?\s?(?:is|:)?\s?(?P<it>[\da-z\-]{4,10})"
            r"|\d{5}-\d{4})\b"
        ),
    ),
    Rule(type="ADDRESS", score=0.5, pattern=r"\b(?-i:[A-Z]{2})\s\d{5}\b|\b\d{5}\s(?-i:[A-Z])[^\W\d_]{2,30}"),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.8,
        pattern=(
            rf"\b(?:born|birthday|birth\s?date|d\.?o\.?b\.?|date\sof\sbirth|b-?day)\W{{0,3}}(?:(?:is|was|on|in|the|:)\s){{0,3}}"
            rf"(?P<it>{_DATE}|{_MONTH}\s{_YEAR}|{_YEAR})(?!\d)"
        ),
    ),
    Rule(type="DATE_OF_BIRTH", score=0.4, pattern=rf"(?<![\w.,/\-]){_DATE}(?![\w/\-])"),
    Rule(
        type="AGE",
        score=0.7,
        pattern=(
            rf"\b(?:i'm|im|i\sam|you're|you\sare|we're|we\sare)\s(?:now\s|only\s|nearly\s|almost\s|about\s)?(?P<it>{_NUMBER})\b"
            rf"{_NOT_A_MEASURE}(?:[\s\-]?(?:years?[\s\-]old|y/?o|yrs?))?"
        ),
    ),
    Rule(
        type="AGE",
        score=0.7,
        pattern=(
            r"\b(?:my|our|your)\s(?:\w{1,20}\s){0,2}"
            rf"(?P<it>{_NUMBER}[\s\-]?(?:years?|months?|yrs?|y)[\s\-]?(?:olds?|o)\b)"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        pattern=rf"\b(?P<it>{_NUMBER})[\s\-]?(?:(?:years?|yrs?)[\s\-]olds?|y/?o)\b",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        pattern=rf"\b(?:aged?|turn(?:s|ed|ing)?|is|just)\s(?P<it>{_NUMBER})\b{_NOT_A_MEASURE}(?=\s*(?:$|[.,;!?)]|today|now|tomorrow|next|last|this|and|years?\sold))",
    ),
)  # fmt: skip

_OPAQUE = re.compile(rf"[!-~]{{256,}}|[^\s{BLANK}]{{1000,}}")
_LETTERS = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")


def opaque(text: str) -> Iterable[Finding]:
    """Runs too long to be words: tokens, keys, encoded files.

    The screener takes these out before anything else reads the text, which bounds every pattern.
    """
    for match in _OPAQUE.finditer(text):
        yield Finding(start=match.start(), end=match.end(), type="OPAQUE", score=0.5)


def structured() -> tuple[Recogniser, ...]:
    """The recognisers of this module, one per type and set of sides."""

    def key(rule: Rule) -> tuple[str, list[Side]]:
        return rule.type, sorted(rule.sides)

    return (
        *(
            _recogniser(type_, frozenset(sides), tuple(rules))
            for (type_, sides), rules in groupby(sorted(RULES, key=key), key)
        ),
        Recogniser(
            name="other scripts", types=("OTHER_SCRIPT",), sides=NOT_IN_TITLES, find=_other_scripts
        ),
    )


def _recogniser(type_: str, sides: frozenset[Side], rules: tuple[Rule, ...]) -> Recogniser:
    return Recogniser(
        name=f"{type_.lower().replace('_', ' ')} ({', '.join(sorted(sides))})",
        types=(type_,),
        sides=sides,
        find=_matching(tuple((re.compile(rule.pattern, re.IGNORECASE), rule) for rule in rules)),
    )


def _matching(
    rules: tuple[tuple[re.Pattern[str], Rule], ...],
) -> Callable[[str], Iterable[Finding]]:
    def find(text: str) -> Iterable[Finding]:
        for pattern, rule in rules:
            group = "it" if "it" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                start, end = match.span(group)
                if start < 0:
                    start, end = match.span()
                yield Finding(start=start, end=end, type=rule.type, score=rule.score)

    return find


def _other_scripts(text: str) -> Iterable[Finding]:
    if text.isascii():
        return
    for match in _LETTERS.finditer(text):
        if not all(_latin(character) for character in match.group()):
            yield Finding(start=match.start(), end=match.end(), type="OTHER_SCRIPT", score=0.5)


@lru_cache(maxsize=4096)
def _latin(character: str) -> bool:
    if character.isascii() or not character.isalpha():
        return True
    return unicodedata.name(character, "").startswith("LATIN")
