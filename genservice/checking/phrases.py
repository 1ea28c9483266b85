"""House phrases: every word that is neither fact nor signal and may still be said, from phrases.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from genservice.canonical import digest
from genservice.checking.claims import GRANTS, NEEDS, claims_in, granted
from genservice.checking.lexicon import PRONOUNS, is_content
from genservice.checking.words import tokens
from genservice.documents import parse, suggestion
from genservice.domain import Kind, Purpose, SlotKind, Title, Tone
from genservice.errors import DocumentError, PhraseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from genservice.checking.words import Token
    from genservice.documents import Document

SLOTS: dict[str, SlotKind] = {
    "TITLE": "title", "LEAD": "person", "CAST": "person", "DIRECTOR": "person", "CREATOR": "person",
    "WRITER": "person", "PRESENTER": "person", "NARRATOR": "person", "VOICE": "person",
    "COMPOSER": "person", "CHARACTER": "character", "PLACE": "place", "NAME": "name",
    "GENRE": "genre", "MOOD": "mood", "THEME": "theme", "PACE": "pace", "COUNTRY": "country",
    "PERIOD": "period", "YEAR": "year", "KIND": "kind", "MINUTES": "minutes", "ALERT": "alert",
    "OCCASION": "occasion", "ACCESS": "accessibility", "WHO": "who", "WHO_PL": "who",
    "GOAL": "goal", "TURN": "turn", "WHERE": "where", "LOGLINE": "sentence", "STORY": "sentence",
}  # fmt: skip
"""What kind each slot is of, without its number."""

JOINING: dict[str, tuple[bool, bool]] = {
    "lead": (False, True),
    "noun": (True, True),
    "tail": (True, True),
}
"""Roles that make a sentence together, and whether another phrase may stand before or after."""

SHORT = 2
"""Words up to which a run is told by its neighbours rather than by itself."""

_NUMBERED = re.compile(r"_[1-9][0-9]?\Z")


def slot_kind(name: str) -> SlotKind | None:
    """The kind of a slot by its name (`CAST_2`, `WHO_PL`), or None for a name no slot has."""
    return SLOTS.get(name) or SLOTS.get(_NUMBERED.sub("", name))


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


class Run(NamedTuple):
    """Words of a phrase that stand together, and what stands on either side of them."""

    words: tuple[str, ...]
    left: SlotKind | None
    """The kind of slot right before the words; None where the phrase or a sentence begins."""
    right: SlotKind | None
    joins: tuple[bool, bool]
    """Whether another phrase may go on right before or after: see `JOINING`."""
    phrase: str
    """The id of the phrase."""
    number: int
    """Which run of the phrase, from 0."""
    follows: bool
    """One slot lies between the run before and this one."""
    leads: bool
    """One slot lies between this run and the next."""


class Phrases:
    """The house phrases, ready for looking their words up.

    Attributes:
        version: The file's own version number.
        revision: Digest of everything declared; part of what a cache key must hold.
        phrases: In the order of the file.
    """

    def __init__(self, version: int, phrases: Sequence[Phrase]) -> None:
        self.version = version
        self.phrases = tuple(phrases)
        self.revision = f"sha256:{digest([version, self.phrases])}"
        self.by_id: Mapping[str, Phrase] = {phrase.id: phrase for phrase in phrases}
        runs: dict[tuple[str, ...], list[Run]] = {}
        for phrase in phrases:
            for run in runs_of(phrase):
                runs.setdefault(run.words, []).append(run)
        self.runs: Mapping[tuple[str, ...], tuple[Run, ...]] = {
            words: tuple(found) for words, found in runs.items()
        }
        self.lengths = _lengths(runs)
        self.holes = _holes(runs)
        self.short_holes = _short_holes(runs)
        self.capitals = frozenset(
            token.norm
            for phrase in phrases
            for token in tokens(phrase.text)
            if token.capital and not token.opens
        )

    def true_of(self, title: Title) -> frozenset[str]:
        """The ids of the phrases that may be said of a title."""
        return frozenset(phrase.id for phrase in self.phrases if phrase.true_of(title))


def _lengths(runs: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """How long the runs that begin with a word are, longest first."""
    lengths: dict[str, set[int]] = {}
    for words in runs:
        lengths.setdefault(words[0], set()).add(len(words))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _holes(runs: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], frozenset[str]]:
    """Runs with one word of content taken out (`*`), and what stood there."""
    holes: dict[tuple[str, ...], set[str]] = {}
    for words in runs:
        if len(words) < 3:
            continue
        for at, word in enumerate(words):
            if is_content(word):
                holes.setdefault((*words[:at], "*", *words[at + 1 :]), set()).add(word)
    return {pattern: frozenset(found) for pattern, found in holes.items()}


def _short_holes(
    runs: Mapping[tuple[str, ...], Sequence[Run]],
) -> dict[tuple[str, ...], tuple[Run, ...]]:
    """Runs of one or two words with a word of content taken out (`*`): known by their neighbours."""
    holes: dict[tuple[str, ...], list[Run]] = {}
    for words, found in runs.items():
        for at, word in enumerate(words if len(words) <= SHORT else ()):
            if is_content(word):
                holes.setdefault((*words[:at], "*", *words[at + 1 :]), []).extend(found)
    return {pattern: tuple(found) for pattern, found in holes.items()}


def runs_of(phrase: Phrase) -> tuple[Run, ...]:
    """The runs of words of a phrase: what stands between its slots and sentence ends."""
    pieces = _pieces(phrase)
    before, after = JOINING.get(phrase.role, (False, False))
    at_words = [at for at, piece in enumerate(pieces) if isinstance(piece, tuple)]
    runs: list[Run] = []
    for number, at in enumerate(at_words):
        words, left, right = pieces[at], pieces[at - 1] if at else None, None
        if at + 1 < len(pieces):
            right = pieces[at + 1]
        if not isinstance(words, tuple) or isinstance(left, tuple) or isinstance(right, tuple):
            continue  # never: words stand between other things
        runs.append(
            Run(
                words=words,
                left=left,
                right=right,
                joins=(before and at == 0, after and at == len(pieces) - 1),
                phrase=phrase.id,
                number=number,
                follows=left is not None and at - 2 in at_words,
                leads=right is not None and at + 2 in at_words,
            )
        )
    return tuple(runs)


def _pieces(phrase: Phrase) -> list[tuple[str, ...] | SlotKind | None]:
    """A phrase as runs of words, kinds of slots, and None where a sentence ends."""
    pieces: list[tuple[str, ...] | SlotKind | None] = []
    words: list[str] = []
    for token in tokens(phrase.text, slot_norm=str):
        if token.kind in {"word", "number"}:
            words.append(token.norm)
            continue
        if words:
            pieces.append(tuple(words))
            words = []
        pieces.append(slot_kind(token.norm) if token.kind == "slot" else None)
    return [*pieces, tuple(words)] if words else pieces


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
