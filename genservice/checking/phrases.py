"""House phrases: every word that is neither fact nor signal and may still be said, from phrases.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from genservice.canonical import digest
from genservice.checking.claims import GRANTS, NEEDS, claims_in, granted
from genservice.checking.lexicon import PRONOUNS
from genservice.checking.runs import (
    SLOTS,
    Run,
    Together,
    holes,
    lengths,
    runs_of,
    short_holes,
    slot_kind,
    together,
)
from genservice.checking.words import tokens
from genservice.documents import parse, suggestion
from genservice.domain import Kind, Purpose, Title, Tone
from genservice.errors import DocumentError, PhraseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from genservice.checking.words import Token
    from genservice.documents import Document

RULES = 2
"""Version of the check's own rules; raise it when they change, so that cached texts are checked anew."""


ROLES = (
    "lead", "noun", "tail", "hook", "premise", "then", "story", "line", "angle", "cast", "close", "tag",
    "end",
)  # fmt: skip
"""What a phrase can be in a text; see the head of prompts/phrases.yaml."""


class Needs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a title must have for a phrase to be true of it: any word of each key that is given."""

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    pace: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    facts: tuple[str, ...] = ()

    def met_by(self, title: Title) -> bool:
        """Whether the title has what is needed."""
        wanted_and_held = (
            (self.genres, title.genres),
            (self.moods, title.moods),
            (self.themes, title.themes),
            (self.pace, (title.pace,)),
            (self.kinds, (title.kind,)),
        )
        for wanted, held in wanted_and_held:
            if wanted and not set(wanted).intersection(held):
                return False
        return not self.facts or any(granted(title, need) is not None for need in self.facts)


class Phrase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One declared phrase of the house: words and slots."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$(?!\n)")]
    role: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)")]
    text: Annotated[str, Meta(min_length=1, max_length=300)]
    purposes: tuple[Purpose, ...] = ()
    tones: tuple[Tone, ...] = ()
    kinds: tuple[Kind, ...] = ()
    needs: Needs = Needs()

    def true_of(self, title: Title) -> bool:
        """Whether the phrase may be said of the title."""
        return (not self.kinds or title.kind in self.kinds) and self.needs.met_by(title)


class TruePhrases:
    """The ids of the phrases that may be said of a title; a bit for each, for thousands of titles are kept."""

    __slots__ = ("_all", "_bits")

    def __init__(self, phrases: Sequence[Phrase], bits: Mapping[str, int], title: Title) -> None:
        self._all = bits
        self._bits = sum(bits[phrase.id] for phrase in phrases if phrase.true_of(title))

    def __contains__(self, phrase_id: object) -> bool:
        bit = self._all.get(phrase_id) if isinstance(phrase_id, str) else None
        return bit is not None and bool(self._bits & bit)

    def holds_any(self, bits: int) -> bool:
        """Whether one of the phrases of these bits is among them."""
        return bool(self._bits & bits)


class Phrases:
    """The house phrases, ready for looking their words up.

    Attributes:
        version: The file's own version number.
        revision: Digest of everything declared and of the rules' version; part of every cache key.
        phrases: In the order of the file.
    """

    def __init__(self, version: int, phrases: Sequence[Phrase]) -> None:
        self.version = version
        self.phrases = tuple(phrases)
        self.revision = f"sha256:{digest([RULES, version, self.phrases])}"
        self.by_id: Mapping[str, Phrase] = {phrase.id: phrase for phrase in phrases}
        self._bits: Mapping[str, int] = {phrase.id: 1 << at for at, phrase in enumerate(phrases)}
        runs: dict[tuple[str, ...], list[Run]] = {}
        for phrase in phrases:
            for run in runs_of(phrase):
                runs.setdefault(run.words, []).append(run)
        self.runs: Mapping[tuple[str, ...], Together] = {
            words: together(found, self._bits) for words, found in runs.items()
        }
        self.lengths = lengths(runs)
        self.holes = holes(runs)
        self.short_holes = short_holes(runs)
        self.capitals = frozenset(
            token.norm
            for phrase in phrases
            for token in tokens(phrase.text)
            if token.capital and not token.opens
        )

    def true_of(self, title: Title) -> TruePhrases:
        """The ids of the phrases that may be said of a title."""
        return TruePhrases(self.phrases, self._bits, title)

    def first(self, runs: Iterable[Run]) -> Run:
        """The one that comes first in the file."""
        return min(runs, key=lambda run: (self._bits[run.phrase], run.number))


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Annotated[int, Meta(ge=1)]
    phrases: tuple[Any, ...]


def load_phrases(path: Path) -> Phrases:
    """The house phrases declared in a file.

    Raises:
        PhraseError: It cannot be read; or a phrase has a wrong shape, an id that stands twice, an
            unknown slot, a word about a person's gender, or a claim that no need of it grants. Each
            problem names file, line and column.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PhraseError(
            Problem(file=path.name, detail=f"cannot be read: {error.strerror}")
        ) from error
    return parse_phrases(raw, file=path.name)


def parse_phrases(raw: bytes, *, file: str = "phrases.yaml") -> Phrases:
    """House phrases from YAML text; see `load_phrases`."""
    try:
        document = parse(raw, file=file)
    except DocumentError as error:
        raise PhraseError(*error.problems) from None
    try:
        declared = document.convert("", document.value, _File)
    except DocumentError as error:
        raise PhraseError(*error.problems) from None
    problems: list[Problem] = []
    phrases: list[Phrase] = []
    seen: set[str] = set()
    for index, entry in enumerate(declared.phrases):
        pointer = f"/phrases/{index}"
        try:
            phrase = document.convert(pointer, entry, Phrase)
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        if phrase.role not in ROLES:
            detail = f"{phrase.role!r} is no role of a phrase"
            hint = suggestion(phrase.role, ROLES)
            problems.append(document.problem(f"{pointer}/role", detail, hint=hint))
        if phrase.id in seen:
            problems.append(document.problem(f"{pointer}/id", f"{phrase.id!r} stands twice"))
        seen.add(phrase.id)
        problems.extend(_wrong(document, pointer, phrase))
        phrases.append(phrase)
    if problems:
        raise PhraseError(*problems)
    return Phrases(declared.version, phrases)


def _wrong(document: Document, pointer: str, phrase: Phrase) -> list[Problem]:
    """What a phrase of the right shape still says wrongly."""
    problems: list[Problem] = [
        document.problem(
            f"{pointer}/needs/facts", f"{need!r} is no fact", hint=suggestion(need, NEEDS)
        )
        for need in phrase.needs.facts
        if need not in NEEDS
    ]
    text = f"{pointer}/text"
    found = tokens(phrase.text, slot_norm=str)
    for token in found:
        if token.kind == "slot" and slot_kind(token.norm) is None:
            hint = suggestion(token.norm, SLOTS)
            problems.append(document.problem(text, f"unknown slot {token.norm!r}", hint=hint))
        elif token.kind == "symbol":
            problems.append(document.problem(text, "a character that no text may hold"))
        elif token.norm in PRONOUNS:
            detail = f"{token.norm!r} tells a gender, which only a fact may"
            problems.append(document.problem(text, detail, hint="say they, or name the person"))
    problems.extend(_ungranted(document, text, phrase, found))
    return problems


def _ungranted(
    document: Document, pointer: str, phrase: Phrase, found: Sequence[Token]
) -> list[Problem]:
    norms = [token.norm for token in found]
    problems: list[Problem] = []
    for claim in claims_in(norms):
        grants = GRANTS[claim.kind]
        if claim.loose or set(grants).intersection(phrase.needs.facts):
            continue
        words = " ".join(norms[claim.start : claim.end])
        needed = " or ".join(grants)
        hint = f"add needs: {{facts: [{needed}]}}" if needed else "say it another way"
        problems.append(
            document.problem(pointer, f"{words!r} claims what no fact here grants", hint=hint)
        )
    return problems
