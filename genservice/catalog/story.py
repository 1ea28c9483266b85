"""Which sentences of a description tell the story, and what has to go from them.

Descriptions mix the story with how a title was made, sold and received. Only sentences that tell the
story may reach a brief; a sentence too few costs less than one that says who distributed a film.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.catalog.sentences import split

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAKING_WORDS = frozenset(
    """
    screenplay screenplays screenwriter screenwriters script scripted teleplay directorial starred starring
    costar costars cameo cameos ensemble cast casting reprise reprised reprises reprising adaptation
    adaptations adapted retelling reimagining sequel sequels prequel prequels trilogy remake remakes remade
    reboot reboots installment installments instalment instalments franchise premiere premiered premieres
    premiering theatrical theatrically grossed grossing gross budget budgeted critics critical critically
    reviews reviewers acclaim acclaimed praised panned reception blockbuster flop nominated nomination
    nominations nominee oscar oscars emmy emmys soundtrack soundtracks cinematography cinematographer filmed
    filming production productions coproduction producer producers distributor distribution dvd dvds vhs
    blu-ray netflix hbo hulu broadcast aired airing screened screening mpaa uncredited credits genre genres
    parody parodies parodying spoof spoofs anthology mockumentary debut debuted filmmaking copyright wikipedia
    imdb metacritic cgi grammy uncut full-length feature-length performs performed footage tagline directed composed financed distributed
    novelization novelisation novella memoir memoirs autobiography autobiographical loosely isbn
    """.split()
)
"""Words that a sentence about making, selling or receiving a title uses, and a story seldom does."""
_MAKING = re.compile(
    r"""\b(?:
      (?:produced|written|edited|narrated|animated|based|inspired|presented|developed|created|hosted)\s+(?:\w+\s+){0,3}?(?:by|on|upon|from)
    | co-(?:written|wrote|produced|directed|stars?|starring|production)
    | (?:film|movie|series|it|which|both\s+films)\s+(?:also\s+)?(?:co-)?stars? | stars?\s+(?:in|[A-Z][a-z]+\s+[A-Z]) | star\.?$
    | (?:title|titular|lead|leading|main|supporting|starring|dual)\s+(?:roles?|actors?|actress|characters?|villain) | role\s+(?:of|as|was|is)
    | in\s+the\s+roles? | (?:play|portray|voic)ed\s+(?:\w+\s+)?by | voices?\s+(?:of|role|cast|acting) | appears?\s+(?:in|as)\s+(?:himself|herself|the\s+film)
    | (?:\d{4}|same|eponymous|best-?selling|graphic|classic|original|short|the|[A-Z]\w+'s)\s+(?:\w+\s+){0,2}(?:novels?|story\s+by|books?|plays?|poem|article|comics?)\b | novels?\s+(?:by|of|series|was|is)
    | (?:was|were|been|be|is|got|initially|later|originally|finally|and|it)\s+released\s+(?:in|on|by|to|as|through|under|via|direct|worldwide|theatrically|exclusively|with|internationally|simultaneously)
    | released\s+(?:it|the\s+film|by|on\s+\w+\s\d|in\s+(?:the\s+U|theat|cinemas|\d|\w+\s\d|North|select|limited|Japan|India)) | (?:limited|wide|international|initial|its)\s+release | opened\s+(?:in|on|to|at)
    | box[\s-]office | earn(?:ed|ing|s)\s+(?:\w+\s+)?[$\u20ac\u00a3] | [$\u20ac\u00a3]\d+(?:\.\d+)?\s+(?:million|billion)\s+(?:worldwide|budget|in\s+its|against|on\s+a)
    | received\s+(?:\w+\s+){0,2}(?:mixed|positive|negative|favou?rable|poor|rave|widespread|review|attention) | cult\s+(?:film|classic|following|status|hit)
    | (?:commercial|financial)(?:ly)?\s+(?:success\w*|failure|hit|disappoint\w+) | golden\s+globes? | (?:academy|best)\s+(?:award|picture|actor|actress|director|original)
    | (?<![\w-])awards?(?![\w-]) | palme\s+d'or | film\s+score | theme\s+song | score\s+(?:by|was|is) | songs?\s+(?:by|written) | music\s+(?:by|was|is|score)
    | (?:was|were|being)\s+shot\s+(?:in|on|at|entirely|mostly|over|back) | shot\s+(?:on\s+location|entirely|digitally) | (?:principal|location)\s+photography
    | home\s+(?:video|media) | (?:direct|straight)[\s-]to[\s-]\w+ | (?:television|tv|film|movie|video\s+game|manga|anime|comic)\s+(?:film|movie|series|special|history|version|adaptation|critic|studio|festival|rights|franchise)
    | film\s+festival | rated\s+(?:r|pg|x|nc)\b | running\s+time | (?:film|movie)\s+is\s+dedicated | tribute\s+to | notable\s+for | (?:best|well|widely|also)\s+known\s+(?:for|as)
    | (?:is|are|was|were|been|widely|often|now)\s+(?:considered|regarded|ranked|described|dubbed|listed|cited|selected) | (?:film|movie)'s\s+(?:title|score|music|success|release|cast|script|themes?|director|poster|tone|style|budget)
    | title\s+(?:is|was|refers|comes|of\s+the) | (?:short|feature|feature-length|documentary|animated|3d|3-d|live-action|independent|language|silent)[\s-]films?
    | (?:the|this|these|both|other|his|her|first|second|third|fourth|fifth|sixth|previous|original|final|last|last|only|\d{4}|several|two|three|many)\s+(?:[\w-]+\s+){0,2}(?:films|movies|film|movie)\b(?!\s+(?:star|crew|director|student|studies|set|producer|festival))
    | films?\s+(?:by|of|like|such|in\s+the\s+series) | marks?\s+the | marked\s+the | audiences | viewers | interviews?\s+with\s+(?:the\s+)?(?:cast|director|actors)
    | (?:special|visual)\s+effects | stop[\s-]motion | public\s+domain | rotten\s+tomatoes | characters?\s+(?:is|are|was|were|named\s+after|from) | plot\s+(?:elements|twists) | storyline\s+(?:is|was)
    | (?:roles?|actors?|actresses|performers)\s+includ(?:e|es|ing)\b | animation\s+(?:was|is|by)\b | animated\s+(?:portions|sequences|segments)
    | created\s+the\s+(?:story|characters?) | (?:was|were)\s+influenced\s+by | collaborat\w+\s+again | hallmarks? | (?:many|several|recurring)\s+motifs
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What such sentences say in more than a word."""
_SUBJECT = r"(?:the (?:\w+ )?(?:film|movie|picture|documentary|series|show|story|plot|storyline|narrative|programme|action)(?:'s (?:story|plot|storyline|narrative))?|its (?:story|plot|storyline|narrative)|it)"
_TELLING = (
    r"(?:follows?|tells?|cent(?:ers?|res?)|focus(?:es)?|concerns?|depicts?|chronicles?|revolves?|explores?|"
    r"documents|details|describes|recounts?|deals?|involves?|examines?|traces|portrays|shows|looks|profiles|"
    r"begins|opens|takes place|finds|sees|unfolds)"
)
_OPENING = re.compile(
    rf"^{_SUBJECT}(?:\s\w+ly)?(?:\s(?:also|then))?\s{_TELLING}\b\s?", re.IGNORECASE
)
_LATE_OPENING = re.compile(rf",\s(?:and\s)?({_SUBJECT}\s{_TELLING}\s)", re.IGNORECASE)
_AND_TELLS = re.compile(
    r",?\s(?:and|which)\s(?:it\s)?((?:follows|tells|cent(?:ers|res)|focus(?:es)?|concerns|depicts|chronicles|"
    r"revolves|explores|documents|recounts|details)\s(?!(?:by|at|on|to)\s\d).+)$"
)
_ABOUT = re.compile(
    r"\b(?:is|was)\b[^.;]{0,160}?\b(?:film|movie|comedy|drama|thriller|musical|western|documentary|series|sitcom|programme|"
    r"fantasy|romance|satire|biopic|mystery)\s(?:released\sin\s\d{4}\s)?(?:about|following|that\sfollows|which\sfollows|concerning)\s(.+)$"
)
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
    r"^(?:(?:In|Throughout) (?:the|this) (?:film|movie|picture|story|series|show|documentary)|In it),?\s+(?=\w)"
)
_PLAYS = re.compile(r"\b(?:plays?|portrays?|stars? as)\s+(?:[A-Z]|an?\b|the\b|his\b|her\b)")
_PLOT = re.compile(
    r"\b(?:who|whose|whom|after|until|trying|tries|must|when|while|forced|as (?:he|she|they|it))\b"
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
_LEANS = re.compile(
    r"^(?:He|She|They|It|His|Her|Their|Its|Him|Them|This|That|These|Those|There|Here|However|Meanwhile|"
    r"Instead|Then|Later|Soon|Eventually|Ultimately|Finally|Afterwards?|But|And|Or|So|Yet|Both|Neither|Also|"
    r"Together|Unfortunately|Fortunately|Along the way|As a result|In (?:the process|turn|return|doing so|order to)|"
    r"(?:The|These|Those) (?:two|three|four|five|pair|group|couple|others?|former|latter))\b"
)
_LOOSE = re.compile(r"\s+([,.;:!?])")
_FINAL = tuple('.!?"\u201d\u2026')
_EARLY_PRONOUN = re.compile(
    r"^(?:In|On|At|After|Before|When|While|During|With|As|Upon|By|Once|To|For|From|Despite|Since|Until|Though|Although)\s"
    r"(?:(?!(?:an?|\[?[A-Z]\w+)[\s\]])[\w'-]+\s){0,6}?(?:he|she|they|his|her|their|him|them|it)\b"
)
_SHORTEST = 15
_FEWEST_WORDS = 3
_LONGEST = 420
_WORD = re.compile(r"[a-z][a-z-]+")


def story_sentences(description: str, *, name: str = "") -> tuple[str, ...]:
    """The sentences of `description` that tell the story, in order, cleaned of asides.

    Sentences about production, release, reception, cast and awards are left out. Where such a sentence
    goes on to the story, that part is kept: `Starring ..., the film follows a pilot` says that the film
    follows a pilot, and `is a 1985 film about a singer` becomes `It tells of a singer`.

    Args:
        description: A paragraph, or several.
        name: The title's name: a sentence about it, as about `the film`, is told by its verb.
    """
    found: list[str] = []
    for sentence in split(description):
        cleaned = _cleaned(sentence)
        kept = (
            next((said for said in _tellings(cleaned) if _tells(said, name)), None)
            if cleaned
            else None
        )
        if kept is not None and kept not in found:
            found.append(kept)
    return tuple(found)


def leans(sentence: str) -> bool:
    """Whether a sentence makes sense only behind the one before it (`He is tricked ...`)."""
    if _OPENING.match(sentence) is not None:
        return False
    return _LEANS.match(sentence) is not None or _EARLY_PRONOUN.match(sentence) is not None


def _tellings(sentence: str) -> Iterator[str]:
    """What of the sentence may tell the story: all of it, or what follows its talk of the film."""
    yield sentence
    if (late := _LATE_OPENING.search(sentence)) is not None:
        yield _capital(sentence[late.start(1) :])
    if (about := _ABOUT.search(sentence)) is not None:
        yield f"It tells of {about[1]}"
    if (tells := _AND_TELLS.search(sentence)) is not None:
        yield f"It {tells[1]}"


def _tells(sentence: str, name: str) -> bool:
    if not _SHORTEST <= len(sentence) <= _LONGEST or " " not in sentence:
        return False
    if sum(word.islower() for word in sentence.split()) < _FEWEST_WORDS:
        return False
    if name and sentence.startswith(f"{name} "):
        sentence = f"It{sentence[len(name) :]}"
    opening = _OPENING.match(sentence)
    said = sentence[opening.end() :] if opening is not None else sentence
    if not _MAKING_WORDS.isdisjoint(_WORD.findall(said.lower())):
        return False
    if opening is None and (_TITLE_IS.match(said) or _IS_A_FILM.search(said)):
        return False
    if _PLAYS.search(said) and not _PLOT.search(said):
        return False
    return _MAKING.search(said) is None


def _cleaned(sentence: str) -> str | None:
    """The sentence without asides and openings that speak of the film, or None if nothing whole is left."""
    text = _ASIDE.sub(_kept_aside, _FOOTNOTE.sub("", sentence)).strip()
    opening = _IN_THE_FILM.match(text)
    if opening is not None:
        text = _capital(text[opening.end() :])
    text = _LOOSE.sub(r"\1", text)
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
