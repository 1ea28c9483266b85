"""Shorter versions of a sentence, each whole and as true as the sentence.

What is cut stands at the end behind a comma, a semicolon or a dash and adds to a main clause that is
finished without it; or it stands before the main clause, where that says with a noun or a full name who
acts. Nothing is cut that limits what is said: no "unless", no "but" after a "not", no half of a pair.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from genservice.catalog.clauses import main_verb, reading
from genservice.catalog.leaning import points_back
from genservice.catalog.lexicon import is_auxiliary, is_base, is_third
from genservice.catalog.retelling import behind_opening

if TYPE_CHECKING:
    from genservice.catalog.clauses import Verb

_SHORTEST = 30
_ENOUGH = 45
"""Characters behind "The film follows" from which on it says enough."""
_MOST = 4
_EDGE = re.compile(
    r"(?P<mark>,|;|\s?[\u2014\u2013]|\s--|\s-)\s|\s(?=while\s\w+ing\b|in order to\b|so that\b|after\s(?:he|she|they|it|\w+ing|a|an|the|his|her|their)\b|because\b|before\s\w+ing\b)"
)
_RELATIVE = re.compile(
    r"(?:who|whom|whose|which|where|(?:in|during|through|by|after|from|for|with|to|at|on)\s(?:which|whom)|"
    r"(?:one|some|all|both|many|most|none|each)\sof\s(?:whom|which))\b"
)
_ADVERBIAL = re.compile(
    r"(?:while|after|as|whereas|though|although|even\sthough|even\sas|despite|because|since|in\sorder\sto|so\sthat)\b"
)
_PARTICIPLE = re.compile(
    r"(?:(?:thus|thereby|all\sthe\swhile|eventually|ultimately|\w+ly)\s)?(?!during|including|being|nothing|anything|something|everything|evening|morning)\w{2,}ing\s(?:an?|the|his|her|their|its|him|them|himself|herself|to|in|on|by|at|with|from|into|as|that|for|up|out|off|down|back|through|over|about|if|what|how|all|only|two|three|some|more|each|[A-Z]|\[)"
)
_PHRASE = re.compile(
    r"(?:with|despite|in|at|on|under|alongside|amid|along\swith|thanks\sto|including|such\sas|especially|particularly|during|aided\sby|helped\sby|accompanied\sby)\s(?!doing\sso|turn\b|order\b|fact\b)"
)
_CLAUSE = re.compile(
    r"(?:and|but|so|only)\s(?P<subject>(?:(?:soon|then|later|eventually|finally|together)\s)?(?:(?:he|she|they|it|an?|the|his|her|their|its)\s|[A-Z][\w'\u2019]+).{0,160})",
    re.DOTALL,
)
_VERB_FIRST = re.compile(
    r"(?:and|but)\s(?:then\s|soon\s|later\s|eventually\s|ultimately\s|finally\s|also\s|in\sthe\sprocess\s|\w+ly\s)?(?P<rest>\w+\s.{0,160})",
    re.DOTALL,
)
_APPOSITION = re.compile(
    r"(?:an?|the|his|her|their|one\sof)\s(?!.*\b(?:and|or)\b)[^,;]+$", re.DOTALL
)
_LIMITS = re.compile(
    r"^(?:unless|until|if|only\sto|only\sif|but\snot|not|nor|or|rather|instead|except|without|even\sif|provided|when|whether|otherwise|lest|yet)\b"
)
_OPEN_HEAD = re.compile(
    r"\b(?:both|either|neither|whether|not\sonly|so\s\w+(?=\s)|such|too|between|nor|seems?|appears?|pretends?|supposedly|apparently|about\sto|"
    r"hardly|barely|no\ssooner|more\sthan|rather|if|unless)\b"
)
_CLOSED = {
    "both": " and ", "between": " and ", "either": " or ", "neither": " nor ", "whether": " or ", "such": "", "not only": " but ",
}  # fmt: skip
_NEGATED = re.compile(
    r"\b(?:not|never|no|nobody|nothing|none|n't|cannot|without|hardly|refuses?|fails?|denies|deny)\b|n['\u2019]t\b"
)
_DANGLES = re.compile(
    r"(?:\b(?:and|or|but|of|to|the|a|an|in|on|with|for|from|by|at|as|that|who|which|is|are|was|his|her|their|its|then|also|even|just|only|not|so|along|shortly|soon|immediately|long|days|weeks|months|years|hours|minutes|moments|day|week|month|year)|,|\d)$"
)
_LEADING = re.compile(
    r"^(?:After|When|While|As|Following|Set|Having|Upon|Once|Although|Though|Despite|During|In|On|At|With|Before|Because|Since|Years after|\w+ing|\w+ed|Hired|Sent|Left|Torn|Born|Caught|Lost|Driven|Drawn)\s"
)
_SUBORDINATE = re.compile(r"(?:After|When|While|As|Once|Although|Though|Before|Because|Since)\s")
_NEW_SUBJECT = re.compile(r"(?:an?|the|his|her|their|its|it|[A-Z])")
_IN_RELATIVE = re.compile(r",\s(?:who|which|where|whose)\b")
_FULL = re.compile(
    r"^(?:an?\s|two\s|three\s|four\s|five\s|six\s|several\s|[A-Z][\w'\u2019.-]+\s(?:[A-Z]|and\s[A-Z]|of\s))"
)
_ADDED = re.compile(r"^(?:If|Unless|Until|Only|Not|Never|Without|Neither|Either|Whether|No)\b")


def shorter(sentence: str) -> tuple[str, ...]:
    """Shorter versions of a sentence without its full stop, the longest first; often there is none."""
    found: list[str] = []
    for text in (sentence, _without_opening(sentence)):
        if text is None:
            continue
        if text != sentence:
            found.append(text)
        found.extend(_heads(text))
    kept = {text for text in found if _SHORTEST <= len(text) < len(sentence)}
    return tuple(sorted(kept, key=lambda text: (-len(text), text))[: _MOST * 2])


def _heads(text: str) -> list[str]:
    heads: list[str] = []
    for edge in _EDGE.finditer(text):
        head, tail = text[: edge.start()].rstrip(), text[edge.end() :].strip()
        if _may_go(head, tail, edge["mark"]) and _is_whole(head):
            heads.append(head)
    return heads


def _may_go(head: str, tail: str, mark: str | None) -> bool:
    """Whether the tail only adds to the head."""
    if _LIMITS.match(tail) or (tail.startswith("but ") and _NEGATED.search(head)):
        return False
    if mark is None:
        return not (tail.startswith("because") and _IN_RELATIVE.search(head))
    if mark == ";" and main_verb(tail) is not None:
        return True
    clause = _CLAUSE.match(tail)
    if clause is not None and main_verb(clause["subject"]) is not None:
        return True
    return any(begins.match(tail) and adds(head, tail) for begins, adds in _TAILS) or (
        mark != ";" and _APPOSITION.match(tail) is not None
    )


def _relative_adds(head: str, tail: str) -> bool:
    """Whether nothing behind the relative clause goes on with the head: `who ..., to find it`."""
    return main_verb(head) is not None and re.search(r",\s(?:and\s)?to\s\w", tail) is None


def _adverbial_adds(head: str, tail: str) -> bool:
    """Whether no "not" of the head has its reason in the tail."""
    return not tail.startswith(("because", "so that", "in order")) or not _NEGATED.search(head)


def _participle_adds(head: str, tail: str) -> bool:
    """Whether the tail is no row of gerunds, nor the rest of one."""
    return re.search(r",\s(?:and|or)\s\w+ing\b", tail) is None and not head.endswith("ing")


def _phrase_adds(head: str, tail: str) -> bool:
    """Whether the main verb is there already."""
    listed = re.match(r"\w+\s[^,]+,\s(?:[^,]+,\s)?and\s", tail) is not None
    return main_verb(head) is not None and not (listed and main_verb(tail) is not None)


def _verb_adds(head: str, tail: str) -> bool:
    """Whether the tail is a second verb of the same subject, and no item of a row."""
    rest = _VERB_FIRST.match(tail)
    return (
        rest is not None
        and _begins_with_verb(rest["rest"])
        and re.search(r",\s\w+s?\s", _last_part(head)) is None
    )


_TAILS: tuple[tuple[re.Pattern[str], Callable[[str, str], bool]], ...] = (
    (_RELATIVE, _relative_adds),
    (_ADVERBIAL, _adverbial_adds),
    (_PARTICIPLE, _participle_adds),
    (_PHRASE, _phrase_adds),
    (_VERB_FIRST, _verb_adds),
)
"""How a tail may begin, and what else must hold for it to add and no more."""


def _last_part(head: str) -> str:
    """The head behind its verb, where a row of verbs would show."""
    verb = main_verb(head)
    return head[verb.end :] if verb is not None else head


def _begins_with_verb(text: str) -> bool:
    word = text.split(maxsplit=1)[0].strip(",")
    return is_third(word) or is_auxiliary(word) or is_base(word)


def _is_whole(head: str) -> bool:
    """Whether a head is a finished sentence."""
    read = reading(head)
    if read.verb is None or read.waits or _DANGLES.search(head):
        return False
    said = behind_opening(head)
    if said is not None and len(said) < _ENOUGH:
        return False
    last = re.split(r",\s(?:and|but|so)\s", head)[-1]
    if last != head and _NEW_SUBJECT.match(last) and main_verb(last) is None:
        return False
    if any(head.count(mark) % 2 for mark in ('"', "\u2014", "\u2013")):
        return False
    if any(head.count(one) != head.count(other) for one, other in ("()", "\u201c\u201d")):
        return False
    return _has_its_pairs(head) and _ends_its_opening(head, read.verb)


def _has_its_pairs(head: str) -> bool:
    """Whether "both" has its "and", and nothing stands there that only a cut tail would explain."""
    for match in _OPEN_HEAD.finditer(head):
        partner = _CLOSED.get(match[0])
        if partner is None or partner not in head[match.end() :]:
            return False
    return True


def _ends_its_opening(head: str, verb: Verb) -> bool:
    """Whether what stands before the main clause has ended: `When it rains` is no sentence."""
    if _LEADING.match(head) is None:
        return True
    return "," in head[: verb.end] or ("," not in head and not _SUBORDINATE.match(head))


def _without_opening(sentence: str) -> str | None:
    """The main clause alone, where it says by itself who acts."""
    if behind_opening(sentence) is not None:
        return None
    if not _LEADING.match(sentence) or _ADDED.match(sentence):
        return None
    for comma in re.finditer(r",\s", sentence):
        main = sentence[comma.end() :]
        opening = sentence[: comma.start()]
        if not _FULL.match(main):
            continue
        verb = main_verb(main)
        if verb is None or main[: verb.start].count(",") == 1:
            continue
        if _OPEN_HEAD.search(opening) and not opening.startswith("Set"):
            continue
        raised = main[0].upper() + main[1:]
        return None if points_back(raised, first=True) else raised
    return None
