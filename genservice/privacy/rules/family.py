"""A viewer's family and household: the words for it together with the name, so that both go as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.rules.rule import lower, traits, words
from genservice.privacy.values import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genservice.privacy.lexicon import Lexicon

NAMED, TOLD = 0.7, 0.35

_KIN = words(
    "mum mums mom moms mam mummy mommy mother mothers dad dads daddy father fathers parent parents son sons daughter"
    " daughters kid kids kiddo kiddos child children baby babies toddler toddlers teenager teenagers teens boy boys girl girls"
    " twin twins triplets brother brothers bro sister sisters sis sibling siblings husband hubby wife wifey spouse partner"
    " fiance fiancee boyfriend girlfriend bf gf grandma grandmas granny gran nan nana grandmother grandmothers grandad granddad"
    " grandads grandpa grandfather grandparents grandson grandsons granddaughter granddaughters grandkid grandkids grandchild"
    " grandchildren aunt aunts auntie aunty uncle uncles cousin cousins niece nieces nephew nephews stepson stepdaughter stepmum"
    " stepmom stepdad stepmother stepfather stepbrother stepsister godson goddaughter godfather godmother godchild"
    " flatmate flatmates housemate housemates roommate roommates household family newborn ex widow widower"
)
_OWNERS = words("my our")
_RELATION = (
    rf"(?:{'|'.join(sorted(_KIN, key=lambda word: (-len(word), word)))})(?:[\s\-]?in[\s\-]?law)?"
)
_ADJECTIVE = (
    r"(?:late|ex|dear|dearest|lovely|beloved|older|elder|eldest|oldest|younger|youngest|little|big|baby|twin|step|half|other|own|foster"
    r"|adopted|adoptive|autistic|teenage|teen|grown[\s\-]up|adult|new|newborn|only|first|second|middle|two|three|four|five|six|both|\d{1,2}"
    r"|elderly|aging|ageing|pregnant|poorly|sick|deaf|blind|disabled|(?:\d{1,2}|[a-z]{3,9})[\s\-](?:year|month|yr)[\s\-]old)"
)
_OWNED = re.compile(
    rf"\b(?:my|our)\s(?:{_ADJECTIVE}[\s,\-]{{1,2}}){{0,3}}{_RELATION}\b(?:'s?\s(?:{_ADJECTIVE}\s){{0,2}}{_RELATION}\b){{0,2}}"
)
_KINDRED = re.compile(
    r"(?<!\bmy\s)(?<!\bour\s)\b(?:grandma|granny|gran|nan|nana|grandad|granddad|grandpa|auntie|aunty|aunt|uncle|mum|dad|baby|cousin|brother|sister)\b"
)
_TELLING = re.compile(
    r"\b(?:late|ex|foster|adopt(?:ed|ive)|autistic|elderly|ag(?:e)?ing|pregnant|poorly|sick|deaf|blind|disabled|\d{1,2}|two|three|four|five|six|\w+[\s\-]old)\b"
)
"""What makes even a nameless relation somebody's own: a loss, an illness, an age. "My husband" alone is not."""
_PAIR = re.compile(
    r"\bthe\s(?:twins|triplets|kids|boys|girls|baby|little\sone|in-?laws|missus|wife|hubby|husband|missis)\b"
)
_NAMED = ((_KIN, _KINDRED), (words("the"), _PAIR))
_HOUSEHOLD = re.compile(
    r"\b(?:(?:i|we)\s(?:live|lives|living)\s(?:alone|(?:together\s)?with\s(?:my|our|two|three|four|five|\d)\b(?:\s[a-z\-]{2,12}){0,3}?"
    rf"\s{_RELATION}\b)"
    r"|(?:i\s(?:have|'ve got|got)|i've(?:\sgot)?|we\s(?:have|'ve got|got)|we've(?:\sgot)?)\s(?:a|an|one|two|three|four|five|six|\d)\s"
    rf"(?:{_ADJECTIVE}\s){{0,2}}(?:kids?|children|child|sons?|daughters?|boys?|girls?|babies|baby|toddlers?|teenagers?|teens|twins|grandkids|grandchildren|brothers?|sisters?|siblings)\b"
    r"|(?:i'm|im|i\sam|as)\s(?:a|the)\s(?:(?:single|young|new|proud|busy|tired|working|stay[\s\-]at[\s\-]home|recently|divorced|widowed|foster)\s){0,2}"
    r"(?:mum|mom|mother|dad|father|parent|widow|widower|grandmother|grandfather|grandma|grandpa)\b(?:\s(?:of|to)\s(?:two|three|four|five|six|twins|triplets|\d|an?\s[a-z]{3,9}))?"
    r"|(?:single|lone)\s(?:mum|mom|mother|dad|father|parent)\s(?:of|to|with)\s(?:two|three|four|five|six|one|twins|\d)"
    r"|(?:family|household)\sof\s(?:two|three|four|five|six|seven|eight|\d)(?=[\s.,;!?]|$))"
)
_HOUSEHOLD_NEEDED = words("live lives living have got ve im i m as single lone family household")
_NAME = r"[^\W\d_][^\W\d_'\-]{0,24}(?:['\-][^\W\d_]{1,24}){0,2}"
_ONE = re.compile(
    rf"(?:,?\s(?:called\s|named\s|is\scalled\s|is\snamed\s|aka\s)?|\s?\(|\s?:\s?)({_NAME})"
)
_SURNAME = re.compile(rf"\s({_NAME})")
_AND = re.compile(rf"(?:,?\s(?:and|&|und|et|y)\s|,\s)({_NAME})")
_NO_NAME = words(
    "i a the and or but so is was will may can would who that this loves likes wants hates has had does did do did"
    " says said thinks gets goes watched really also always never just still drew mark sue christmas monday tuesday wednesday"
    " thursday friday saturday sunday today tonight tomorrow yesterday"
)


def family(lexicon: Lexicon) -> Callable[[str], Iterable[Finding]]:
    """A reader of what viewers tell of their household: relations with names, or with more than the relation."""
    return lambda text: _findings(text, lexicon)


def _findings(text: str, lexicon: Lexicon) -> Iterable[Finding]:
    lowered = lower(text)
    has = traits(lowered)
    if not has.isdisjoint(_KIN) and not has.isdisjoint(_OWNERS):
        yield from _owned(text, lowered, lexicon)
    for needed, pattern in _NAMED:
        if needed.isdisjoint(has):
            continue
        for match in pattern.finditer(lowered):
            named = _names_end(text, match.end(), lexicon, given=True)
            if named is not None:
                yield _finding(match.start(), named, NAMED)
    if not has.isdisjoint(_HOUSEHOLD_NEEDED):
        for match in _HOUSEHOLD.finditer(lowered):
            yield _finding(match.start(), match.end(), TOLD)


def _owned(text: str, lowered: str, lexicon: Lexicon) -> Iterable[Finding]:
    for match in _OWNED.finditer(lowered):
        named = _names_end(text, match.end(), lexicon)
        if _of_a_title(text, match, named=named is not None):
            continue
        if named is not None:
            yield _finding(match.start(), named, NAMED)
        elif _TELLING.search(match.group()):
            yield _finding(match.start(), match.end(), TOLD)


def _finding(start: int, end: int, score: float) -> Finding:
    return Finding(start=start, end=end, type="FAMILY", score=score)


def _of_a_title(text: str, match: re.Match[str], *, named: bool) -> bool:
    """Whether the phrase has capitals where lower case would do: "My Sister's Keeper".

    With a name, only within a sentence: "My Cousin Vinny" at its start may be somebody's cousin.
    """
    last = match.group().split()[-1]
    capitals = text[match.start()].isupper() and text[match.end() - len(last)].isupper()
    if not capitals or text.isupper():
        return False
    return not named or text[: match.start()].rstrip()[-1:].isalnum()


def _names_end(text: str, start: int, lexicon: Lexicon, *, given: bool = False) -> int | None:
    """Where the name or row of names that follows `start` ends, if there is one."""
    end = None
    match = _ONE.match(text, start)
    while match is not None and _is_name(match.group(1), lexicon, given=given):
        end = match.end()
        surname = _SURNAME.match(text, end)
        if (
            surname is not None
            and surname.group(1)[0].isupper()
            and not text.isupper()
            and not lexicon.knows(surname.group(1).lower())
        ):
            end = surname.end()
        match = _AND.match(text, end)
    return end


def _is_name(word: str, lexicon: Lexicon, *, given: bool) -> bool:
    low = word.lower()
    if low in _NO_NAME or low in _KIN:
        return False
    if lexicon.names(low):
        return True
    if lexicon.may_name(low):
        return word[0].isupper() or not given
    # In lower case only a known name: "my sister cries" is no name, and rarer ones are the tagger's.
    return word[0].isupper() and not lexicon.knows(low)
