"""Sentences that lean on what stands before them: pronouns and the like without anybody they stand for."""

from __future__ import annotations

import re

from genservice.catalog.capitals import is_ordinary_capital
from genservice.catalog.everyday import is_everyday, is_first_a_word
from genservice.catalog.lexicon import is_person, is_third
from genservice.catalog.retelling import behind_opening, is_opening

_FIRST = re.compile(
    r"^(?:He|She|They|It|His|Her|Their|Its|Him|Them|This|That|These|Those|There|Here|However|Meanwhile|"
    r"Instead|Then|Later|Soon|Eventually|Ultimately|Finally|Afterwards?|But|And|Or|So|Yet|Both|Neither|Also|"
    r"Together|Unfortunately|Fortunately|Along the way|As a result|In (?:the process|turn|return|doing so|order to)|"
    r"(?:The|These|Those) (?:two|three|four|five|pair|group|couple|others?|former|latter))\b"
)
_EARLY_PRONOUN = re.compile(
    r"^(?:In|On|At|After|Before|When|While|During|With|As|Upon|By|Once|To|For|From|Despite|Since|Until|Though|Although)\s"
    r"(?:(?!(?:an?|\[?[A-Z]\w+)[\s\]])[\w'-]+\s){0,6}?(?:he|she|they|his|her|their|him|them|it)\b"
)
_ALSO_FIRST = re.compile(
    r"^(?:(?:Helping|Joining|Leading|Following|Chasing|Opposing) (?:him|her|them|the \w+) (?:is|are)|In (?:retaliation|revenge|response|focus)|Rather than|After the (?:events|incident|accident|attack)|Now|Earlier|Previously|Elsewhere|Unable|Once there|Years later|\w+ (?:days|weeks|months|years) later|Another|Others|Such|Thus|Hence|Therefore|Nevertheless|"
    r"Nonetheless|Moreover|Furthermore|Similarly|Likewise|Still|Even so|Because of|As for|On the other hand|For example|Despite (?:this|that)|"
    r"After (?:that|this)|With (?:this|that)|By then|At (?:first|last)|Next|Again|Each|Either|Everyone|Everything|Others|One of (?:the|them|these)|"
    r"(?:The|These) (?:gang|trio|duo|aliens|resulting|ensuing|same|rest|remaining|other|latter|second|third|next|following)|"
    r"Part (?:One|Two|Three)|In (?:addition|contrast|response|fact|real life|this|that|these|it)|During (?:this|that)|As (?:such|well)|"
    r"All (?:the|of)|Most of|Some of|Many of)\b"
)
_SOON = re.compile(
    r"^(?:\S+\s){1,4}(?:then|also|however|meanwhile|instead|likewise|therefore|subsequently|nevertheless|in turn)\b"
)
_BACK = re.compile(
    r"\b(?:these|those(?! who\b| of\b| in\b)|the (?:two|three|four|pair|couple|duo|trio|others?|rest|group|gang)|"
    r"in question|such an?|this (?!time\b|year\b|week\b|evening\b|autumn\b|summer\b|winter\b|spring\b|series\b)\w+|"
    r"that (?:night|day|year|summer|evening|same|very)|there (?!is\b|are\b|was\b|were\b|he\b|may\b|must\b)\w+|there$|each other's)\b"
)
_ALWAYS_BACK = re.compile(
    r"\b(?:the|an?)\s(?:resulting|ensuing|subsequent|aforementioned)\b|\bthe\s(?:former|latter)(?=[,.'\u2019]|\s(?:is|are|has|have|must|who|of\swhom)\b)|"
    r"^The\ssame\b"
)
_SAID_PRONOUN = re.compile(
    r"(?:them|him|her|it|this|that|these|those|their|his|its|both|how\s(?:he|she|they|it))\b|"
    r"the\s(?:team|group|gang|trio|duo|pair|couple|family|crew|friends|boys|girls|two|three|four|five)\b(?!\s(?:of|that|who|from|named|behind|in|at)\b)"
)
_MENTIONED = re.compile(
    r"\b(?:two|three|four|five|several|couple|pair|group|gang|trio|duo|friends|brothers|sisters|twins|and)\b",
    re.IGNORECASE,
)
_HIM = re.compile(r"\b(?:he|she|him|his|her|himself|herself|hers)\b")
_THEM = re.compile(r"\b(?:they|them|their|theirs|themselves|it|its|itself)\b")
_SUBORDINATE = re.compile(
    r"^(?:In|On|At|After|Before|When|While|During|With|As|Upon|By|Once|To|For|From|Despite|Since|Until|Though|Although|If|"
    r"Because|Following|Without|Under|Through|Over|Against|\w+ing|\w+ed|Born|Torn|Driven|Caught|Lost|Left|Sent|Told|Given|Forced)\s"
)
_NOUN = re.compile(
    r"\b(?:an?|one|two|three|four|five|six|seven|eight|several|some|many|every|each|no|another|the)\s(?P<noun>(?:[\w'\u2019-]+\s?){1,6})",
    re.IGNORECASE,
)
_SOMEBODY_FIRST = re.compile(r"(?:An?|One|Every)\s")
"""What a sentence begins with is somebody, as a rule, where a pronoun for somebody follows."""
_NAME = re.compile(r"(?<![\w.])[A-Z][\w\u2019'-]+")
_THE = re.compile(
    r"^(?:(?:[A-Z]\w+)\s[^,]{2,80},\s(?:though,\s)?the|The)\s(?P<rest>.+)$", re.DOTALL
)
_SAID_WHICH = re.compile(
    r"^(?:[\w'\u2019-]+\s){1,3}?(?:of|who|whose|that|which|named|called|known)\b|^(?:[\w-]+\s){0,2}[A-Z]|"
    r"^(?:[\w-]+(?<!s)\s){1,2}(?:from|in|at|behind|between|aboard|on)\s(?:an?|the|[A-Z])"
)
_ONE_OF_ITS_KIND = re.compile(
    r"^(?:year|time|date|place|setting|scene|sun|moon|world|earth|sea|sky|police|government|army|devil|internet|future|war|"
    r"truth|first|last|only|youngest|eldest|oldest|future|past|world's|film|series|show|documentary|story|programme|episode|movie)\b"
)
_RESTS = re.compile(
    r"^(?:an?|two|three|four|five|several|one|some|many|\[?[A-Z]|(?:[a-z-]+\s){1,3}[A-Z]\w+)"
)
_AFTER_OPENING = re.compile(
    r"^(?:\w+ing|\w+ed|After|When|While|As|With|In|On|At|Before|Once)\s[^,]{3,90},\s(?P<name>[A-Z][\w\u2019-]+?)(?:['\u2019]s)?,?\s(?![A-Z])"
)
_START = re.compile(
    r"^(?:(?:When|After|As|While|Once|Before|If)\s)?(?P<name>[A-Z][\w\u2019-]+?)(?:['\u2019]s)?,?\s(?![A-Z])"
)


def leans(sentence: str) -> bool:
    """Whether a sentence makes sense only behind the one before it (`He is tricked ...`)."""
    if is_opening(sentence):
        return False
    if _FIRST.match(sentence) is not None:
        return True
    early = _EARLY_PRONOUN.match(sentence)
    return early is not None and not _is_resolved(sentence, early.end())


def points_back(sentence: str, *, first: bool = False) -> bool:
    """Whether a sentence of a description holds what only a sentence before it explains.

    Stricter than `leans`: pronouns anywhere that nobody stands before, and `the ear`, `the two`, `there`.

    Args:
        sentence: The sentence.
        first: Whether the description begins with it, so that what it says of "the team" is said for the
            first time.
    """
    if leans(sentence) or _ALSO_FIRST.match(sentence) or _SOON.match(sentence):
        return True
    if _ALWAYS_BACK.search(sentence):
        return True
    said = behind_opening(sentence)
    if said is not None:
        return _SAID_PRONOUN.match(said) is not None or _without_anybody(said)
    back = _BACK.search(sentence)
    if back is not None and not _MENTIONED.search(sentence[: back.start()]):
        return True
    definite = _THE.match(sentence)
    if not first and definite is not None and not _says_which(definite["rest"]):
        return True
    return _without_anybody(sentence)


def _is_name(word: str, following: str) -> bool:
    """Whether a capitalised first word is a name: an everyday word only with a verb of the singular behind it."""
    if is_first_a_word(word) or is_ordinary_capital(word):
        return False
    return not is_everyday(word) or is_third(following.partition(" ")[0])


def _says_which(rest: str) -> bool:
    """Whether the words behind "The" tell of whom or what it speaks."""
    if _ONE_OF_ITS_KIND.match(rest):
        return True
    found = _SAID_WHICH.match(rest)
    return found is not None and not any(is_third(word) for word in found[0].split()[1:-1])


def _without_anybody(sentence: str) -> bool:
    return any(
        (pronoun := form.search(sentence)) is not None
        and not _stood_for(sentence, pronoun, him=form is _HIM)
        for form in (_HIM, _THEM)
    )


def subject_name(sentence: str) -> str | None:
    """The single name that a sentence begins with, which another sentence may have to introduce."""
    said = behind_opening(sentence) or sentence
    for text, form in ((said, _START), (sentence, _AFTER_OPENING)):
        found = form.match(text)
        if found is not None and _is_name(found["name"], text[found.end() :]):
            break
    else:
        return None
    introduced = re.search(rf"\b{re.escape(found['name'])},\s(?:an?|the|who|one)\b", sentence)
    return None if introduced is not None else found["name"]


def _stood_for(sentence: str, pronoun: re.Match[str], *, him: bool) -> bool:
    """Whether somebody, or something, stands before a pronoun, or right behind an opening that holds it."""
    before = sentence[: pronoun.start()]
    if _anybody(before, him=him):
        return True
    return _SUBORDINATE.match(sentence) is not None and _is_resolved(sentence, pronoun.end())


def _is_resolved(sentence: str, at: int) -> bool:
    """Whether the main clause behind an opening begins with somebody who was not spoken of before."""
    main = sentence[at:].partition(",")[2].strip()
    return _RESTS.match(main) is not None and not _FIRST.match(main[:1].upper() + main[1:])


def _anybody(before: str, *, him: bool) -> bool:
    words = before.split()
    names = (name[0].partition("'")[0].partition("\u2019")[0] for name in _NAME.finditer(before))
    if any(
        not (is_everyday(name) or is_ordinary_capital(name) or name.isupper()) for name in names
    ):
        return True
    if "[" in before:
        return True
    nouns = [word.strip(",.;:'\u2019\"") for word in words]
    if him:
        return _SOMEBODY_FIRST.match(before) is not None or any(
            is_person(word.partition("'")[0].partition("\u2019")[0]) for word in nouns
        )
    return _NOUN.search(before) is not None or any(
        word.endswith("s") and len(word) > 3 and not word.endswith("ss") for word in nouns
    )
