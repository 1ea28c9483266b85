"""Sentences that say of a film what it follows, told as the story itself.

`The film follows a baker who finds a map` becomes `A baker finds a map`. Only where it is certain to
whom the words behind "who" belong; elsewhere the sentence keeps an opening that says what it is.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from genservice.catalog.clauses import begins_with_verb, main_verb
from genservice.catalog.lexicon import NUMBERS, is_group, is_past, is_person

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBJECT = (
    r"(?:(?:the|this)\s(?:[\w-]+\s){0,2}(?:film|movie|picture|documentary|series|show|drama|comedy|thriller|episode|programme|"
    r"story|plot|storyline|narrative|tale|action)(?:['\u2019]s\s(?:story|plot|storyline|narrative))?|its\s(?:story|plot|storyline|narrative)|(?:the\s)?cameras?|it)"
)
_TELLS = (
    r"(?P<verb>follows?|tells?|cent(?:ers?|res?)|focus(?:es)?|concerns?|depicts?|chronicles?|revolves?|"
    r"recounts?|relates|involves?|portrays?|traces|narrates|documents|is\sabout|details|describes|deals|explores?|examines?|profiles)"
)
_LINK = r"(?:\s(?:on|around|round|upon|of|about|with|in\son))?"
_OPENING = re.compile(
    rf"^(?P<lead>(?:Set|Taking\splace|Beginning)\s(?:[a-z]+ly\s)?(?P<where>(?:in|on|at|during|aboard)\s[^,]{{3,60}}),\s)?"
    rf"(?P<subject>{_SUBJECT})(?:\s(?:\w+ly|also|then|itself|mainly))?\s{_TELLS}(?P<link>{_LINK})\s(?P<said>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_PREFIX = re.compile(
    r"^(?:the\s|an?\s)?(?:(?:\w+\s)?(?:fictional|true|real|real-life)\s)?(?:stor(?:y|ies)|tales?|adventures?|misadventures|exploits|life|lives|journey|experiences?|trials|efforts)\sof\s",
    re.IGNORECASE,
)
_STORY_OF = re.compile(
    r"^(?:the\s|an?\s)(?:[\w-]+\s){0,2}(?:story|stories|tale|tales)\sof\s", re.IGNORECASE
)
_DETERMINER = re.compile(
    rf"^(?:(?:an?|{NUMBERS}|the|one)\s|(?-i:[A-Z]))|(?-i:^(?:[a-z][\w-]*\s){{1,4}}[A-Z])",
    re.IGNORECASE,
)
_DETERMINED = re.compile(rf"(?:an?|the|one|{NUMBERS})\s", re.IGNORECASE)
_WHO = re.compile(r"(?P<comma>,?)\swho(?P<pause>,[^,]{3,80},)?\s")
_AS = re.compile(r",?\s(?:as|when)\s(?P<pronoun>he|she|they)\s")
_APPOSITION = re.compile(
    r"^(?P<name>(?:[a-z]+\s)?[A-Z][^,]{1,50}?),\s(?P<what>(?:an?|the|one\sof)\s[^,]+)$"
)
_PREPOSITION = re.compile(
    r"\s(?:with|between|against|by|about|for|over|under|into|through|toward|towards|from|in|at|on|of|and|or|near|aboard|to)\s"
)
_ANOTHER_CLAUSE = re.compile(r"\s(?:as|who|whose|whom|which|that|where)\s")
_BOUND = re.compile(r"\s(?:of|with|by|between|against|for|about|to)\s")
_FURTHER = re.compile(r",\sand\s(?:how|what|why|whose)\s")
_NEW_SUBJECT = re.compile(
    r",?\sand\s(?:also\s)?(?:the|an?|his|her|their|its|how|what|whose)\s(?P<after>.{0,60})",
    re.DOTALL,
)
_PLURAL = re.compile(
    rf"^(?:{NUMBERS})\s|^[^,]*,?\sand\s(?:an?|the|his|her|their|{NUMBERS})\s|(?-i:^(?!An?\s)[A-Z][^,]*\sand\s[A-Z])",
    re.IGNORECASE,
)
_TWO_ADJECTIVES = re.compile(
    r"^((?:an?|the|\w+)\s[\w-]+),\s(?!(?:an?|the|his|her|their|one|who|and)\s)(?=[\w-]+\s[\w-]+)"
)
_NICKNAME = re.compile(r"\s[\"\u201c(][A-Z][\w. ]{0,20}[\"\u201d)](?=\s[A-Z])")
_STATE = re.compile(
    r"(\s(?:in|from|of|at|near)\s(?:[A-Z][\w.]+\s?){1,3}),\s(?:[A-Z][\w.]+\s?){1,2}$"
)
"""A town with its state or country behind it: `from Hull, England`."""
_ROW = re.compile(r"^an?\s[^,]+(?:,\san?\s[^,]+)*,?\sand\san?\s[^,]+$", re.IGNORECASE)
_STOPS = re.compile(r"(?<!\b[A-Z])\.|[!?;:\u2014\u2013\"\u201c(]|\s-\s|--")
_NUMBERED = {"he": False, "she": False, "they": True}
_SET = re.compile(
    r"^Set\s(?:[a-z]+ly\s)?(in|on|at|during|aboard)\s([^,]{3,60}),\s(?!the\s(?:film|series|story|movie)\b)"
)
_CENTRES = re.compile(r"^(?:cent(?:er|re))(s?)$", re.IGNORECASE)
_PRONOUN = re.compile(
    r"^(?:them|him|her|it|this|that|these|those|their|his|its|how|what|why|whether)\b",
    re.IGNORECASE,
)


def is_opening(sentence: str) -> bool:
    """Whether a sentence begins by saying of the film that it tells something."""
    return _OPENING.match(sentence) is not None


def behind_opening(sentence: str) -> str | None:
    """What a sentence says that the film tells, or None if it does not begin so."""
    opening = _OPENING.match(sentence)
    return opening["said"] if opening is not None else None


def retold(sentence: str, noun: str) -> str:
    """The sentence as the story itself where that is certain, else with the same opening everywhere.

    Args:
        sentence: A sentence that tells the story.
        noun: What its title is called: `film`, `series`, `programme`, `episode`.
    """
    opening = _OPENING.match(sentence)
    if opening is None:
        return _SET.sub(lambda match: f"{match[1].capitalize()} {match[2]}, ", sentence)
    said = opening["said"]
    where = opening["where"]
    for told in _told(said):
        if where is None:
            return told
        first = told[0].lower() + told[1:] if _DETERMINED.match(told) else told
        return f"{where[:1].upper()}{where[1:]}, {first}"
    verb = opening["verb"].lower()
    if _CENTRES.match(verb):
        verb = _CENTRES.sub(r"centre\1", verb)
    link = opening["link"]
    subject = f"The {noun}" if where is None else f"Set {where}, the {noun}"
    return f"{subject} {_third(verb)}{link} {said}"


def _third(verb: str) -> str:
    return {"tell": "tells", "centre": "centres", "focus": "focuses", "follow": "follows"}.get(
        verb, verb
    )


def story_of(about: str, noun: str) -> str:
    """A sentence about `about`: what stands behind "a film about"."""
    return retold(f"The {noun} tells of {about}", noun)


def _told(said: str) -> Iterator[str]:
    """What a film follows, told as what happens; nothing where that is not certain."""
    said = _PREFIX.sub("", said)
    if _PRONOUN.match(said) or not _DETERMINER.match(said):
        return
    said = f"{said[0].upper()}{said[1:]}" if said[0].islower() else said
    as_they = _AS.search(said)
    who = _WHO.search(said)
    if as_they is not None and (who is None or as_they.start() < who.start()):
        plural = _NUMBERED[as_they["pronoun"]]
        head, tail = said[: as_they.start()], said[as_they.end() :]
        if (
            _is_subject(head, closed=True)
            and begins_with_verb(tail, plural=plural)
            and _goes_on(tail)
        ):
            yield f"{head}{',' if _apposed(head) else ''} {tail}"
        return
    if who is None:
        return
    head, pause, tail = said[: who.start()], who["pause"] or "", said[who.end() :]
    plural = is_plural(head)
    verbs = begins_with_verb(tail, plural=plural) or (
        is_group_phrase(head) and begins_with_verb(tail, plural=not plural)
    )
    if verbs and _is_subject(head, closed=bool(who["comma"])) and _goes_on(tail):
        apposed = _apposed(head) is not None or _STATE.search(head) is not None
        yield f"{head}{pause or (',' if apposed else '')} {tail}"


def _apposed(head: str) -> re.Match[str] | None:
    """Somebody with a noun phrase that says who that is: `Ada Thorne, a diver`."""
    return None if _ROW.match(head) else _APPOSITION.match(head)


def is_plural(head: str) -> bool:
    """Whether a noun phrase takes a plural verb."""
    if (name := _apposed(head)) is not None:
        return " and " in name["name"]
    return (
        _PLURAL.match(head) is not None
        or _ROW.match(head) is not None
        or is_group_phrase(head)
        or (head.startswith("The ") and head.split()[-1].endswith("s") and not head.endswith("ss"))
    )


def is_group_phrase(head: str) -> bool:
    """Whether a noun phrase is a group of several: `a pair of brothers`."""
    found = re.match(r"(?:an?|the)\s(?:[\w-]+\s){0,2}?([\w-]+)(?:\sof\s|$)", head, re.IGNORECASE)
    return found is not None and is_group(found[1])


def _is_subject(head: str, *, closed: bool) -> bool:
    """Whether a text is one noun phrase whose last words cannot be taken for the one that acts.

    Args:
        head: The text before "who".
        closed: Whether a comma or "as" parts it from what follows, so that nothing else is meant.
    """
    head = _STATE.sub(r"\1", _NICKNAME.sub("", _TWO_ADJECTIVES.sub(r"\1 ", head)))
    if len(head) > 130 or _STOPS.search(head) or main_verb(head) is not None:
        return False
    if (apposed := _apposed(head)) is not None:
        return _is_subject(apposed["what"], closed=closed)
    if _ROW.match(head):
        return not re.search(r"\s(?:with|by|between|for|against)\s", head)
    if "," in head or _ANOTHER_CLAUSE.search(head) or head.count(" and ") > 1:
        return False
    found = list(_PREPOSITION.finditer(head))
    if not found:
        return True
    rest = head[found[0].end() :]
    if is_group_phrase(head) and found[0][0] == " of ":
        others = [found for found in _PREPOSITION.finditer(rest) if found[0] != " and "]
        return not others or not _is_somebody(rest[others[-1].start() :])
    if found[0][0] == " and ":
        return not _PREPOSITION.search(rest)
    return not _is_somebody(head[found[-1].start() :]) and not any(
        _is_somebody(between) for between in _between(head, found)
    )


def _between(head: str, found: list[re.Match[str]]) -> Iterator[str]:
    for one, following in pairwise(found):
        yield head[one.start() : following.start()]


def _is_somebody(phrase: str) -> bool:
    """Whether a phrase with a preposition ends in a word for somebody, or a name that may be one."""
    words = phrase.split()
    last = words[-1]
    if last[:1].isupper():
        return _BOUND.match(f" {words[0]} ") is not None
    return is_person(last)


def _goes_on(tail: str) -> bool:
    """Whether nothing behind "and" could be a further thing that the film follows."""
    if _FURTHER.search(tail):
        return False
    return all(
        (verb := main_verb(found["after"])) is not None and not is_past(verb.word)
        for found in _NEW_SUBJECT.finditer(tail)
        if found[0].startswith(",")
    )
