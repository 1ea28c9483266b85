"""Who wants what, where and until what happens: parts of a story, taken out of one of its sentences.

Only from sentences of a form that leaves no doubt: somebody described by a noun phrase, a verb of wanting
or having to, and what is to be done. A part too few costs a livelier phrase, a wrong one a false text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from genservice.catalog.clauses import main_verb, reading
from genservice.catalog.everyday import is_everyday
from genservice.catalog.lexicon import NUMBERS, is_base, is_person, is_third, may_be_noun
from genservice.catalog.retelling import is_group_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain.titles import Part

_PLAIN = (
    r"(?:avenge|become|break|bring|build|capture|catch|change|clear|compete|confront|defeat|defend|deliver|destroy|discover|escape|expose|face|fight|"
    r"find|free|get|help|hunt|investigate|join|keep|kill|learn|live|look|make|marry|meet|overcome|persuade|prevent|protect|prove|raise|reach|"
    r"reclaim|recover|rescue|retrieve|return|reunite|save|search|solve|start|steal|stop|survive|take|thwart|track|uncover|win|work)\b"
)
"""What one sets out for."""
_MUST = r"must|ha(?:s|ve)\sto|tr(?:ies|y)\sto|attempts?\sto|sets?\s(?:out|off)\sto"
_WANTS = re.compile(
    rf"(?:{_MUST}|needs?\sto|wants?\sto|hopes?\sto|plans?\sto|resolves?\sto|decides?\sto|struggles?\sto|longs?\sto|yearns?\sto|fights?\sto|"
    r"races?\sto|vows?\sto|seeks?\sto|aims?\sto|works?\sto|(?:is|are)\s(?:determined|desperate|out|trying|hired|sent|assigned|recruited|enlisted)\sto|"
    r"ha(?:s|ve)\s(?:only\s|just\s)?[\w-]+\s(?:hours?|days?|weeks?|months?|nights?|minutes|summer|winter|year)\sto|"
    r"(?:goes|go|sets?\sout|embarks?)\son\sa\s(?:\w+\s)?(?:mission|quest|journey|race)\sto|"
    r"(?:teams?\sup|joins?\sforces|travels?|goes|go|heads?|moves?|comes?|returns?|journeys?|sets?\s(?:off|out)|(?:is|are)\s(?:sent|hired|recruited|summoned))"
    rf"\s(?!to\s{_PLAIN})[^,;]{{2,50}}?\sto(?=\s{_PLAIN}))\s"
)
_AND_MUST = re.compile(rf",?\s(?:and|but)\s(?:then\s|now\s|soon\s|so\s)?(?:{_MUST})\s")
_ADVERBS = re.compile(
    r"(?:\s(?:now|then|finally|desperately|secretly|reluctantly|accidentally|also|soon|\w+ly))+$"
)
_OPENING = re.compile(
    r"^(?P<opening>(?:In|On|At|Aboard|Under|When|After|Following|With|While|As)\s[^,]{3,90}),\s(?=\S)"
)
_WHO = re.compile(
    rf"^(?:[A-Z][\w'\u2019.-]*(?:\s[\w'\u2019.-]+){{0,4}},\s(?P<apposed>(?:an?)\s[^,]+),?|(?P<plain>(?:an?|{NUMBERS})\s[^,]+)(?:,\s[^,]+,)?)$",
    re.IGNORECASE,
)
_TRADE = re.compile(
    r"^(?P<trade>[A-Z][a-z-]+(?:\s[a-z][a-z-]+){0,3})(?:\s[A-Z][\w'\u2019.-]+){1,3}$"
)
_DEFINITE = re.compile(r"\bthe\s")
_SAID_WHICH = re.compile(
    r"(?:(?:whole|entire|local|royal|family)\s)?(?:world|truth|police|law|city|earth|country|sea|army|throne|crown|past|future|family|rest|murder|night|war|way|title|"
    r"case|mystery|crime|killer|culprit|murderer|planet|universe|day|land|local|perfect|first|last|right)\b|"
    r"(?:[\w'\u2019-]+\s){1,3}(?:of|for|from|in|behind|that|who|to|at|on|inside|about|between|against)\b|(?:[\w'\u2019-]+\s){0,2}[A-Z]"
)
"""What makes plain of whom or what "the" speaks."""
_NAMED = re.compile(r"\s(?:named|called|known\sas|nicknamed)\s.*$")
_BOUNDARY = re.compile(
    r"[,;]\s|\s[\u2014\u2013-]+\s|\s(?=(?:while|after|before|when|because|until|as\s(?:he|she|they|it|the|an?)|so\sthat|by\s\w+ing|and\s(?P<verb>\w+s))\b)"
)
_LISTED = re.compile(r"[A-Z]|[\w'\u2019-]+(?:\s[\w'\u2019-]+)?(?:,|\sand\s)")
_CLAUSE = re.compile(r"\s(?:after|before|when|while|because|once)\s")
_UNTIL = re.compile(r"^(?:,\s|\s)?(?:until|only\sto\sfind\sthat)\s(?P<turn>[^,;]+?)(?:[,;]|$)")
_BACK = re.compile(
    r"\b(?:he|she|his|her|hers|him|himself|herself|they|them|their|theirs|themselves|it|its|itself|this|that(?=$|\s(?:night|day))|these|those|"
    r"there|here|so|such|same|others?|former|latter|each|both|one|ones|the\stwo|the\spair|the\scouple|own|again|instead|too|also|you|your|we|our|I|my)\b"
)
_NEGATED = re.compile(
    r"\b(?:not|never|no|nobody|nothing|without|unless|until|only|but|or|either|whether|if|eventually|ultimately|finally)\b"
)
_DANGLES = re.compile(
    r"\b(?:and|or|but|of|to|the|an?|in|on|with|for|from|by|at|as|that|who|which|is|are|was|into|about|than|between|against|more|very)$"
)
_NO_PLACE = re.compile(
    r"\b(?:night|day|days|year|years|summer|winter|spring|autumn|evening|morning|afternoon|century|decade|war|wake|future|past|aftermath|process|"
    r"attempt|effort|order|search|hope|return|exchange|bid|way|time|eve|case|event|fit|moment|hands|midst|name|course|age|love|trouble|danger|debt)\b|\d"
)
_PLACE = re.compile(r"^(?:in|on|at|aboard|under)\s(?:an?\s|[A-Z])")
_ROOM: dict[Part, tuple[int, int]] = {
    "who": (5, 48),
    "goal": (8, 54),
    "turn": (14, 64),
    "where": (8, 46),
}
"""Characters of each part: what house phrases have room for."""
_FIRST_OF_TWO = re.compile(r"\b(?:between|both)\b")


class Found(NamedTuple):
    """A part of the story, in the words of its sentence."""

    part: Part
    text: str
    plural: bool = False


def parts_in(sentence: str) -> tuple[Found, ...]:
    """Who and what they must do, with a turn and a place where the sentence has them; or nothing.

    Args:
        sentence: One sentence without its full stop, that makes sense alone.
    """
    if _GRAVE.search(sentence):
        return ()
    opening = _OPENING.match(sentence)
    body = sentence[opening.end() :] if opening is not None else sentence
    verb = main_verb(body)
    if verb is None:
        return ()
    before = _ADVERBS.sub("", body[: verb.start].rstrip())
    subject = _WHO.match(before) or _TRADE.match(before)
    aim = _aim(body[verb.start :])
    if subject is None or aim is None:
        return ()
    who = _who(_described(subject))
    goal = _goal(aim)
    if who is None or goal is None:
        return ()
    turn = _turn(aim[len(goal) :])
    where = _where(opening["opening"]) if opening is not None else None
    plural = re.match(rf"(?:{NUMBERS})\s", who) is not None or is_group_phrase(who)
    parts = (Found("who", who, plural), Found("goal", goal))
    parts += (Found("turn", turn),) if turn is not None else ()
    return parts + ((Found("where", where),) if where is not None else ())


def _described(subject: re.Match[str]) -> str:
    """The noun phrase of a subject; `Retired detective` before a name lacks only its article."""
    said = subject.groupdict()
    trade = said.get("trade")
    if trade is None:
        return said["apposed"] or said["plain"]
    first, *_, last = trade.split() if " " in trade else (trade, trade)
    if not is_person(last) or not (is_everyday(first) or is_person(first)):
        return ""
    return f"{'an' if trade[0] in 'AEIO' else 'a'} {trade[0].lower()}{trade[1:]}"


def _aim(predicate: str) -> str | None:
    """What stands behind a verb of wanting or having to, whose subject is the sentence's own."""
    wants = _WANTS.match(predicate)
    if wants is not None:
        return predicate[wants.end() :]
    must = _AND_MUST.search(predicate)
    if must is None or _OF_ANOTHER.search(predicate[: must.start()]):
        return None
    return predicate[must.end() :]


def _fits(part: Part, text: str) -> bool:
    least, most = _ROOM[part]
    return least <= len(text) <= most


def _who(said: str) -> str | None:
    """A noun phrase for somebody, as it stands inside a sentence."""
    text = _NAMED.sub("", said[:1].lower() + said[1:])
    if (
        not _fits("who", text)
        or _DANGLES.search(text)
        or _BACK.search(text)
        or _NEGATED.search(text)
        or main_verb(text)
    ):
        return None
    return None if reading(text).waits else text


def _goal(said: str) -> str | None:
    """The longest whole of what is to be done that fits and leans on nobody."""
    return next((text for text in _heads(said) if _is_goal(text)), None)


def _heads(said: str) -> Iterator[str]:
    yield said
    for edge in reversed(list(_BOUNDARY.finditer(said))):
        head = said[: edge.start()]
        noun = edge["verb"] is not None and (
            not is_third(edge["verb"]) or may_be_noun(edge["verb"])
        )
        listed = edge[0].startswith(",") and _LISTED.match(said, edge.end())
        if not noun and not listed and not head.endswith("ed") and not _CLAUSE.search(head):
            yield head


def _is_goal(text: str) -> bool:
    words = text.split()
    if not _fits("goal", text) or not is_base(words[0]) or _DANGLES.search(text):
        return False
    if _BACK.search(text) or _NEGATED.search(text) or reading(text).waits:
        return False
    if any(not _SAID_WHICH.match(text, found.end()) for found in _DEFINITE.finditer(text)):
        return False
    if "," in text or text.count('"') % 2 or _STOPS.search(text):
        return False
    pair = _FIRST_OF_TWO.search(text)
    return pair is None or " and " in text[pair.end() :]


_GRAVE = re.compile(
    r"\b(?:rap(?:e|es|ed|ing|ist|ists)|suicid\w+|abus\w+|molest\w*|incest\w*|holocaust|genocid\w+|terminal(?:ly)?|cancer|dementia|autis\w+|"
    r"disab\w+|mentally|blind|deaf|overweight|obese|muslims?|jews?|jewish|christians?|catholics?|hindus?|sikhs?|gay|lesbians?|"
    r"transgender|transsexual|black|white)\b",
    re.IGNORECASE,
)
"""What no phrase may be light about: "Say hello to" is no way to speak of whoever is defined by it."""
_OF_ANOTHER = re.compile(r"\b(?:who|whose|whom|that|which|where|when|as|while)\b")
_STOPS = re.compile(r"[.;:!?()\u2014\u2013\u201c\u201d\"]")


def _turn(rest: str) -> str | None:
    """What happens, behind "until"."""
    found = _UNTIL.match(rest)
    if found is None:
        return None
    text = found["turn"].strip()
    whole = main_verb(text) is not None and not reading(text).waits and not _DANGLES.search(text)
    leans = (
        _BACK.search(text)
        or _NEGATED.search(text)
        or text.startswith("the ")
        or _STOPS.search(text)
    )
    return text if whole and not leans and _fits("turn", text) else None


def _where(opening: str) -> str | None:
    """A place that an opening speaks of, and no time or state."""
    text = opening[0].lower() + opening[1:]
    if (
        not _PLACE.match(text)
        or _NO_PLACE.search(text)
        or _BACK.search(text)
        or _STOPS.search(text)
    ):
        return None
    return text if _fits("where", text) and not _NEGATED.search(text) else None
