"""What a text says of people: who did what, who is whom, and which gender a person has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.lexicon import PRONOUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.checking.sources import Sources
    from genservice.checking.words import Token
    from genservice.domain import Credit, Title

ON_SCREEN = frozenset({"actor", "presenter", "narrator", "voice", "host", "performer", "self"})
MAKING = frozenset({"director", "creator", "writer", "author", "producer", "screenwriter"})

BEFORE: dict[tuple[str, ...], frozenset[str]] = {
    ("directed", "by"): frozenset({"director"}),
    ("director",): frozenset({"director"}),
    ("written", "by"): frozenset({"writer", "author", "screenwriter", "creator"}),
    ("writer",): frozenset({"writer", "author", "screenwriter", "creator"}),
    ("created", "by"): frozenset({"creator"}),
    ("creator",): frozenset({"creator"}),
    ("presented", "by"): frozenset({"presenter", "host"}),
    ("narrated", "by"): frozenset({"narrator", "voice", "presenter"}),
    ("played", "by"): ON_SCREEN,
    ("voiced", "by"): frozenset({"voice", "actor", "narrator"}),
    ("starring",): ON_SCREEN,
    ("stars",): ON_SCREEN,
    ("featuring",): ON_SCREEN,
    ("with",): ON_SCREEN,
    ("from",): MAKING,
    ("by",): MAKING | {"composer"},
}
"""Words right before a person's name, and the jobs of which the person must have one."""

AFTER: dict[str, frozenset[str]] = {
    "directs": frozenset({"director"}),
    "writes": frozenset({"writer", "author", "screenwriter", "creator"}),
    "creates": frozenset({"creator"}),
    "stars": ON_SCREEN,
    "star": ON_SCREEN,
    "plays": ON_SCREEN,
    "play": ON_SCREEN,
    "leads": ON_SCREEN,
    "presents": frozenset({"presenter", "host"}),
    "narrates": frozenset({"narrator", "voice", "presenter"}),
}
"""Words right after a person's name, and the jobs of which the person must have one."""

_NOBODYS: frozenset[str] = frozenset()
_CASTS = frozenset({"as", "plays", "playing", "is"})
_LONGEST = 2


def misplaced(tokens: Sequence[Token], sources: Sources) -> Iterable[int]:
    """The tokens that are names of people in a part which no credit gives them."""
    for at, token in enumerate(tokens):
        jobs = _jobs(token, sources)
        if not jobs:
            continue
        first = _first_of_list(tokens, at, sources)
        wanted = _wanted_before(tokens, first)
        after = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        for needed in (wanted, AFTER.get(after)):
            if needed is not None and not needed & jobs:
                yield at
                break
        else:
            if _miscast(tokens, at, sources):
                yield at


def credited(tokens: Sequence[Token], sources: Sources) -> Iterable[tuple[int, int, str]]:
    """Words that say what somebody named beside them did, where a credit says so too.

    Each with its first token, the one after its last, and the pointer to the credit's job.
    """
    for at, token in enumerate(tokens):
        if not _jobs(token, sources):
            continue
        first = _first_of_list(tokens, at, sources)
        for length in range(1, _LONGEST + 1):
            start = first - length
            words = tuple(word.norm for word in tokens[max(0, start) : first])
            if start >= 0 and (fact := _job_fact(token, BEFORE.get(words), sources)) is not None:
                yield start, first, fact
        if at + 1 < len(tokens):
            fact = _job_fact(token, AFTER.get(tokens[at + 1].norm), sources)
            if fact is not None:
                yield at + 1, at + 2, fact


def _job_fact(token: Token, wanted: frozenset[str] | None, sources: Sources) -> str | None:
    if wanted is None:
        return None
    names = {
        credit.name
        for entry in sources.named.get(token.norm[1:], ())
        if entry.kind == "person" and (credit := _credit(entry.pointer, sources.title)) is not None
    }
    for index, credit in enumerate(sources.title.credits):
        if credit.name in names and credit.job in wanted:
            return f"/credits/{index}/job"
    return None


def _jobs(token: Token, sources: Sources) -> frozenset[str]:
    """The jobs a person of that name has in this title; none for names of other things."""
    if token.norm[0] != "@":
        return _NOBODYS
    named = sources.named.get(token.norm[1:], ())
    people = {_credit(entry.pointer, sources.title) for entry in named if entry.kind == "person"}
    names = {credit.name for credit in people if credit is not None}
    return frozenset(credit.job for credit in sources.title.credits if credit.name in names)


def _credit(pointer: str, title: Title) -> Credit | None:
    parts = pointer.split("/")
    return title.credits[int(parts[2])] if parts[1] == "credits" else None


def _first_of_list(tokens: Sequence[Token], at: int, sources: Sources) -> int:
    """Where a row of people ("by A, B and C") that ends at `at` begins."""
    while at > 0:
        before = at - 2 if tokens[at - 1].norm == "and" else at - 1
        if before < 0 or not _jobs(tokens[before], sources):
            break
        if before == at - 1 and not tokens[at].marked:
            break
        at = before
    return at


def _wanted_before(tokens: Sequence[Token], at: int) -> frozenset[str] | None:
    for length in range(_LONGEST, 0, -1):
        if at >= length:
            words = tuple(token.norm for token in tokens[at - length : at])
            if (wanted := BEFORE.get(words)) is not None:
                return wanted
    return None


def _miscast(tokens: Sequence[Token], at: int, sources: Sources) -> bool:
    """Whether the person is said to play a character whom another person plays."""
    beside = _character_beside(tokens, at)
    if beside is None:
        return False
    title = sources.title
    named = (sources.named.get(tokens[place].norm[1:], ()) for place in (at, beside))
    people, characters = (
        [(n.kind, credit) for n in entries if (credit := _credit(n.pointer, title)) is not None]
        for entries in named
    )
    names = {credit.name for kind, credit in people if kind == "person"}
    cast = {credit.name for kind, credit in characters if kind == "character"}
    return bool(cast) and not cast & names


def _character_beside(tokens: Sequence[Token], at: int) -> int | None:
    """Where the part of a person stands, if the words between the two say that it is one."""

    def said(start: int, *words: str) -> bool:
        between = tokens[max(0, start) : max(0, start) + len(words)]
        return start >= 0 and tuple(token.norm for token in between) == words

    if any(said(at + 1, word) for word in _CASTS):
        beside = at + 2
    elif said(at + 1, "answers", "to"):
        beside = at + 3
    elif said(at - 3, "is", "played", "by"):
        beside = at - 4
    else:
        return None
    return beside if 0 <= beside < len(tokens) else None


def pronoun_fact(tokens: Sequence[Token], norm: str, sources: Sources) -> str | None:
    """The fact that gives somebody named in the text this pronoun, or None."""
    wanted = PRONOUNS[norm]
    for token in tokens:
        for entry in sources.named.get(token.norm[1:], ()) if token.norm.startswith("@") else ():
            credit = _credit(entry.pointer, sources.title)
            if credit is None:
                continue
            base = entry.pointer.rpartition("/")[0]
            if entry.kind == "person" and credit.pronouns == wanted:
                return f"{base}/pronouns"
            if entry.kind == "character" and credit.character_pronouns == wanted:
                return f"{base}/character_pronouns"
    return None
