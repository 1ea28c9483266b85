"""Which sentences of a description tell the story, and what has to go from them.

Descriptions mix the story with how a title was made, sold and received. Only sentences that tell the
story may reach a brief; a sentence too few costs less than one that says who distributed a film.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from genservice.catalog.clauses import main_verb
from genservice.catalog.leaning import points_back, subject_name
from genservice.catalog.lexicon import is_base, is_third
from genservice.catalog.listings import is_notice, of_what, plain
from genservice.catalog.making import SORT, is_talk
from genservice.catalog.retelling import behind_opening, retold, story_of
from genservice.catalog.sentences import split

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBJECT = r"(?:the (?:\w+ )?(?:film|movie|picture|documentary|series|show|story|plot|storyline|narrative|programme|action)(?:'s (?:story|plot|storyline|narrative))?|its (?:story|plot|storyline|narrative)|it)"
_TELLING = (
    r"(?:follows?|tells?|cent(?:ers?|res?)|focus(?:es)?|concerns?|depicts?|chronicles?|revolves?|explores?|"
    r"documents|details|describes|recounts?|deals?|involves?|examines?|traces|portrays|shows|looks|profiles|"
    r"begins|opens|takes place|finds|sees|unfolds|observes|watches|charts|captures|imagines)"
)
_OPENING = re.compile(
    rf"^{_SUBJECT}(?:\s\w+ly)?(?:\s(?:also|then))?\s{_TELLING}\b\s?", re.IGNORECASE
)
_LATE_OPENING = re.compile(rf",\s(?:and\s)?({_SUBJECT}\s(?:{_TELLING}|is about)\s)", re.IGNORECASE)
_AND_TELLS = re.compile(
    r",?\s(?:and|which)\s(?:it\s)?((?:follows|tells|cent(?:ers|res)|focus(?:es)?|concerns|depicts|chronicles|"
    r"revolves|explores|documents|recounts|details)\s(?!(?:by|at|on|to)\s\d).+)$"
)
_ABOUT = re.compile(
    rf"\b(?:is|was)\b[^.;]{{0,160}}?\b{SORT}\b(?:[^.;]{{0,240}}?[\w)])?\s"
    r"(?:about|following|that\sfollows|which\sfollows|concerning|that\stells\sthe\sstory\sof|which\stells\sthe\sstory\sof|"
    r"telling\sthe\sstory\sof|that\stells\sof|that\sconcerns|that\s(?:centers|centres|focuses)\son|(?:centers|centres|centering|centred|centered|focusing|focused)\son)\s"
    r"(?P<about>(?!\d|how\slong).+)$"
)
_AFTER_ABOUT = re.compile(
    r",?\s(?:(?:and\s)?(?:which\s)?(?:was\s|is\s)?(?:written|directed|produced|starring|based|featuring|stars|adapted|released|distributed|loosely|inspired)\b.*)$"
)
_SOMEBODY = r"(?:an?|two|three|four|five|the\s(?:title|titular|main|lead)\s\w+,|[A-Z])"
_PLAYED = re.compile(
    rf"^(?:(?:[A-Z][^;]{{2,160}}?,\s)??(?:[A-Z][^,;]{{2,60}}?|It|The\s\w+|it|the\s(?:film|series))\s(?:plays?|portrays?|stars?\sas|stars\s[A-Z][^;]{{2,160}}?\sas(?=\s{_SOMEBODY}))|"
    rf"(?:[^;]{{0,240}}?,?\s)?[Ss]tarring\s[A-Z][^;]{{2,120}}?\sas(?=\s{_SOMEBODY}))\s"
    r"(?:the\s(?:title|titular|main|lead|leading)\s(?:character|role|protagonist|hero|heroine),\s)?(?P<part>.+)$"
)
_MORE_CAST = re.compile(r"(?:,|\sand|\swith)\s(?:[A-Z][\w.'\u2019-]*\s){2,4}as\s")
_NAME = r"[A-Z][\w.'\u2019-]*(?:\s(?:[A-Z][\w.'\u2019-]*|de|del|der|di|da|la|le|van|von))*"
_PLAYED_BY = re.compile(
    rf",?\s(?:(?:and\s)?who\sis\s)?(?:played|portrayed|voiced)\s(?:respectively\s)?by\s{_NAME}(?:(?:,\s(?:and\s)?|\sand\s){_NAME})*(?:,(?=\s)|(?=[.;]|\sand\s[a-z]|\swho\s))"
)
_IT = re.compile(
    r"^(?!(?:After|Although|As|At|Because|Before|By|During|For|If|In|On|Once|Since|Though|Until|When|While|With)\b)[A-Z][^,]{2,120},\sit\s\w+s\s"
)
"""Something about the title before "it", which is the title then."""
_IS_A_FILM = re.compile(
    r"\b(?:is|was|are)\s+(?:an?|the|one\s+of|also|not|set|now|written|directed|produced)\b[^.]{0,90}?\b"
    r"(?:film|movie|comedy|drama|thriller|musical|western|documentary|short|series|sitcom|programme|feature|picture|production|cartoon|biopic|slasher)\b",
    re.IGNORECASE,
)
_TITLE_IS = re.compile(
    r"^(?:(?:The|This)\s+(?:\w+\s)?(?:film|movie|picture|documentary|series|show|drama|comedy|thriller|musical|title|term|acronym|premise)|It)\s+"
    r"(?:(?:is|was|has|had|also|features?|featuring|includes?|contains?|uses|used|became|did|makes|made|won|stars?|boasts|serves|combines|drew|refers?|referred|stands|comes|"
    r"opened|debuted|spawned|went|holds|remains|received|combines|mixes|blends|marks|draws|borrows|gained|got|failed|performed|"
    r"earned|currently|originally|later|would|could|garnered|developed|achieved|attracted|ran|came|ends|ended|lost|had)\b)",
    re.IGNORECASE,
)
_IN_THE_FILM = re.compile(
    rf"^In\s(?:this|the)\s(?:[\w-]+,?\s){{0,4}}(?:{SORT}|instalment|episode),\s(?=\w)|^(?:Today|Tonight|This\sweek|This\stime),\s(?=\w)|"
    r"^(?:(?:In|Throughout) (?:the|this) (?:film|movie|picture|story|series|show|documentary)|In it),?\s+(?=\w)"
)
_IN_THIS_FILM = re.compile(rf",?\sin\sthis\s(?:[\w-]+,?\s){{0,5}}{SORT}(?=[.,])")
_PLAYS = re.compile(
    r"\b(?:plays?|portrays?|stars? as)\s+(?:[A-Z]|(?:an?|the|his|her|two|three|four|himself|herself|themselves|both)\b(?!\s(?:part|key|role|prank|joke|trick|game|gig|concert|match))|(?:[a-z][\w-]*\s){1,4}[A-Z]\w+\s[A-Z])"
)
_LEAD = re.compile(
    r"\b(?:is|was|are)\s(?:an?|the)\s[^.]{0,120}?\b(?:film|movie|series|documentary|special|programme)\b"
)
"""The first sentence of an article about a title: what else such an article says in the past is no story."""
_IN_THE_PAST = re.compile(
    r"^(?:[^;]{1,110}?\s)(?:was|were|had|became|began|served|made|appeared|wrote|took|gave|went|came|ran|won|led|"
    r"claimed|settled|rendered|recorded|spent|condensed|used|shot|grew|died|called|named|stated|said|felt|thought|wanted|chose|sold|"
    r"brought|cut|left|held|helped|joined|met|put|set|told|turned|worked)\b|^(?:[^,;]{3,90},\s)?[A-Z]\w+\s(?:\w+ly\s|nearly\s)?\w{3,}ed\s"
)
_ASIDE = re.compile(r"\s*\(([^()]{1,120})\)")
_ASIDE_WORDS = re.compile(
    r"^(?:see|played|voiced|portrayed|also|real name|formerly|then|now|later|aka|a\.k\.a\.|born|pictured|left|right)\b",
    re.IGNORECASE,
)
_NAMES_ONLY = re.compile(
    r"^[\"'\u201c]?[^a-z\s][^\s]*(?:,?\s+(?:and|or|as|of|the|de|von|van|[^a-z\s][^\s]*))*$"
)
_FOOTNOTE = re.compile(r"\s*\[(?:\d{1,3}|[a-z]|note \d|citation needed)\]")
_LOOSE = re.compile(r"\s+([,.;:!?])")
_FINAL = tuple('.!?"\u201d\u2026')
_OF_ANOTHER = re.compile(rf"\b(?:{SORT}s?|interviews?|episodes?)\b|^[A-Z]\w+\s\d", re.IGNORECASE)
_TELLING_ENOUGH = 48
"""Characters from which on it is worth to say what a film tells of."""
_SHORTEST = 15
_FEWEST_WORDS = 3
_LONGEST = 420


class Told(NamedTuple):
    """A sentence of a description that tells the story."""

    text: str
    number: int
    """Its place among all sentences of the description."""
    back: bool
    """Whether it makes sense only right behind the sentence before it."""
    name: str | None
    """A name that it begins with and that an earlier sentence brings in; it makes sense only behind that."""
    earlier: frozenset[int]
    """The places of the sentences that bring the name in."""


def stories(description: str, *, name: str = "", noun: str = "film") -> tuple[Told, ...]:
    """The sentences of `description` that tell the story, with what each of them leans on.

    Sentences about production, release, reception, cast and awards are left out, as are claims and
    listings' notices. Where such a sentence goes on to the story, that part is kept: `is a 1985 film about
    a singer who loses a bet` becomes `A singer loses a bet`.

    Args:
        description: A paragraph, or several.
        name: The title's name: a sentence about it, as about `the film`, is told by its verb.
        noun: What its title is called: `film`, `series`, `programme`, `episode`.
    """
    found: list[Told] = []
    said: set[str] = set()
    paragraphs = [split(part) for part in plain(description, name).split("\n\n")]
    # What stands behind a gap leans on nothing before it: an empty sentence keeps them apart.
    sentences = [sentence for part in paragraphs for sentence in ("", *part)][1:]
    article = bool(sentences) and _LEAD.search(sentences[0]) is not None
    for number, sentence in enumerate(sentences):
        if not sentence:
            continue
        kept = None if is_notice(sentence) else _kept(sentence, name, noun, article=article)
        if kept is None or kept in said:
            continue
        said.add(kept)
        subject = subject_name(kept)
        if subject is not None and subject in name:
            subject = None
        earlier = frozenset(
            at
            for at, other in enumerate(sentences[:number])
            if subject is not None and re.search(rf"\b{re.escape(subject)}\b", other)
        )
        back = points_back(kept, first=number == 0)
        found.append(Told(kept, number, back, subject if earlier else None, earlier))
    return tuple(found)


def story_sentences(description: str, *, name: str = "", noun: str = "film") -> tuple[str, ...]:
    """The sentences alone; see `stories`."""
    return tuple(told.text for told in stories(description, name=name, noun=noun))


def _kept(sentence: str, name: str, noun: str, *, article: bool) -> str | None:
    cleaned = _cleaned(sentence, name)
    if cleaned is None:
        return None
    for said in _tellings(cleaned, noun):
        if _tells(said, name, noun):
            told = retold(_about_it(said, name), noun)
            if article and told == said and behind_opening(told) is None and _is_past(told):
                continue
            return told if len(told) >= _SHORTEST else None
    return None


def _is_past(sentence: str) -> bool:
    """Whether a sentence tells what was, and no verb of the present stands before that."""
    past = _IN_THE_PAST.match(sentence)
    if past is None:
        return False
    verb = main_verb(sentence)
    if verb is None or verb.word == "was":
        return True
    return not (is_third(verb.word) or is_base(verb.word))


def _about_it(sentence: str, name: str) -> str:
    """A sentence about the title with "it" in place of the name, where its verb says what is told."""
    if name and sentence.startswith(f"{name} "):
        said = f"It{sentence[len(name) :]}"
        if _OPENING.match(said) is not None:
            return said
    return sentence


def _tellings(sentence: str, noun: str) -> Iterator[str]:
    """What of the sentence may tell the story: all of it, or what follows its talk of the film."""
    if (label := of_what(sentence)) is not None:
        said, clause = label
        yield _capital(said) if clause else story_of(said, noun)
    late = _LATE_OPENING.search(sentence)
    if late is not None and behind_opening(sentence) is None:
        yield _capital(sentence[late.start(1) :])
    if (played := _PLAYED.match(sentence)) is not None:
        told = retold(f"The {noun} follows {played['part']}", noun)
        if not (told.startswith(f"The {noun} ") or _MORE_CAST.search(told)):
            yield told
    if re.match(r"How\s[a-z]", sentence) and not sentence.endswith("?"):
        yield f"The {noun} tells h{sentence[1:]}"
    yield sentence
    if (about := _ABOUT.search(sentence)) is not None:
        for said in (f"{_AFTER_ABOUT.sub('', about['about']).rstrip('.')}.", about["about"]):
            told = story_of(said, noun)
            if not told.startswith(f"The {noun} ") or (
                len(told) >= _TELLING_ENOUGH and not _OF_ANOTHER.search(said)
            ):
                yield told
    if (tells := _AND_TELLS.search(sentence)) is not None:
        yield f"It {tells[1]}"


def _tells(sentence: str, name: str, noun: str) -> bool:
    if not _SHORTEST <= len(sentence) <= _LONGEST or " " not in sentence:
        return False
    if sum(word.islower() for word in sentence.split()) < _FEWEST_WORDS:
        return False
    if name and sentence.startswith(f"{name} "):
        sentence = f"It{sentence[len(name) :]}"
    opening = _OPENING.match(sentence)
    said = sentence[opening.end() :] if opening is not None else sentence
    if opening is None and (behind := behind_opening(sentence)) is not None:
        opening, said = _OPENING.match("It tells"), behind
    if opening is None and (_TITLE_IS.match(said) or _IS_A_FILM.search(said) or _IT.match(said)):
        return False
    return _PLAYS.search(said) is None and not is_talk(said, noun)


def _cleaned(sentence: str, name: str) -> str | None:
    """The sentence without asides and openings that speak of the film, or None if nothing whole is left."""
    text = _PLAYED_BY.sub("", _ASIDE.sub(_kept_aside, _FOOTNOTE.sub("", sentence))).strip()
    text = _IN_THIS_FILM.sub("", text)
    opening = _IN_THE_FILM.match(text)
    if name and text.startswith(f"In {name}, "):
        text = _capital(text[len(name) + 5 :])
    if opening is not None:
        text = _capital(text[opening.end() :])
    text = _LOOSE.sub(r"\1", text)
    if name:
        text = re.sub(rf"(?<=, ){re.escape(name)}(?=\s{_TELLING}\s)", "it", text)
    whole = text.count("(") == text.count(")") and text.count('"') % 2 == 0
    return text if whole and text[-1:] in _FINAL else None


def _kept_aside(match: re.Match[str]) -> str:
    """An aside as it stands, or nothing where it names actors, acronyms or years."""
    inside = match[1].strip()
    if _ASIDE_WORDS.match(inside) or _NAMES_ONLY.match(inside) or inside[:1].isdigit():
        return ""
    return match[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
