"""Whole texts written by hand, as models of how house phrases go together.

They are not learned by heart: training draws its texts from the composition, and prefers the joins
that somebody found good enough to write down.
"""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.checking.phrases import slot_kind
from genservice.composition import SLOT, Composition, meant
from genservice.documents import parse
from genservice.domain import Brief, Channel, Kind, Length, Purpose, Slot, Tone, limit_of
from genservice.errors import PhraseError, Problem
from genservice.prompting import measured
from training.briefs import holding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from genservice.composition import Draft, Frame

TEXTS = Path(__file__).parent / "texts"
"""Where they are."""
_LENGTHS = {
    "TITLE": 12, "WHO": 20, "WHO_PL": 20, "GOAL": 20, "TURN": 30, "WHERE": 20, "LOGLINE": 60,
    "YEAR": 4, "MINUTES": 10,
}  # fmt: skip
_USUAL = 10
_FAMILIES = {"genres": "GENRE", "moods": "MOOD", "themes": "THEME", "pace": "PACE"}
_PLACES: tuple[tuple[Channel, Length], ...] = (
    ("email", "medium"),
    ("detail", "long"),
    ("tile", "short"),
)
"""Where a text may be meant to stand: what is lawful depends a little on how much room there is."""


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text as it was written: house phrases with slots."""

    text: str
    purpose: Purpose = "promo"
    tone: Tone = "plain"
    kind: Kind = "film"
    of: dict[str, tuple[str, ...]] = {}
    """Words of the vocabulary that its title carries, by family, beside those its slots stand for."""


class Joins(NamedTuple):
    """Which phrases followed which in texts written by hand."""

    phrases: frozenset[tuple[str, str]]
    """A phrase and the next; an empty one stands before the first."""
    roles: frozenset[tuple[str, str]]
    """The role of a phrase and the next phrase."""


def texts(path: Path) -> tuple[Text, ...]:
    """Every text of a file.

    Raises:
        DocumentError: It has a wrong shape; each problem names file, line and column.
    """
    document = parse(path.read_bytes(), file=path.name)
    return document.convert("", document.value, _File).texts


def drafted(text: Text, frames: Sequence[Frame]) -> Draft | None:
    """The text as pieces; None if the house phrases do not make it."""
    for channel, length in _PLACES:
        for words in _orders(text.of):
            brief = _brief(text, words, channel, length)
            draft = meant(Composition(brief, holding(frames, brief), measured), text.text)
            if draft is not None:
                return draft
    return None


def joins(drafts: Iterable[Draft]) -> Joins:
    """What follows what in them."""
    phrases: set[tuple[str, str]] = set()
    roles: set[tuple[str, str]] = set()
    for draft in drafts:
        said = [(piece.role, piece.phrase) for piece in draft.path if piece.phrase]
        for (role, phrase), (_, following) in pairwise([("", ""), *said]):
            phrases.add((phrase, following))
            roles.add((role, following))
    return Joins(frozenset(phrases), frozenset(roles))


def learned(folder: Path, frames: Sequence[Frame]) -> Joins:
    """The joins of every text of a folder.

    Raises:
        DocumentError: A file has a wrong shape.
        PhraseError: The house phrases do not make some of the texts.
    """
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        for at, text in enumerate(texts(path)):
            draft = drafted(text, frames)
            if draft is not None:
                drafts.append(draft)
            else:
                detail = "the house phrases do not make this text"
                problems.append(Problem(file=path.name, pointer=f"/texts/{at}", detail=detail))
    if problems:
        raise PhraseError(*problems)
    return joins(drafts)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    texts: tuple[Text, ...]


def _orders(of: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, tuple[str, ...]]]:
    """The words of a title with each of them in turn as the first of its family."""
    turned = [[terms[at:] + terms[:at] for at in range(len(terms))] for terms in of.values()]
    for chosen in product(*turned):
        yield dict(zip(of, chosen, strict=True))


def _brief(
    text: Text, words: Mapping[str, tuple[str, ...]], channel: Channel, length: Length
) -> Brief:
    """A brief whose title has what the text says, and the words it carries."""
    labels = {
        f"{base}_{at}" if at > 1 else base: term
        for family, base in _FAMILIES.items()
        for at, term in enumerate(words.get(family, ()), 1)
    }
    names = dict.fromkeys([*SLOT.findall(text.text), *labels])
    return Brief(
        title_id="written",
        revision=0,
        purpose=text.purpose,
        kind=text.kind,
        channel=channel,
        length=length,
        tone=text.tone,
        language="en",
        limit=limit_of(channel, length),
        slots=tuple(_slot(name, labels.get(name)) for name in names),
        angle=(),
    )


def _slot(name: str, term: str | None) -> Slot:
    kind = slot_kind(name)
    if kind is None:
        raise PhraseError(Problem(detail=f"{name!r} is no slot"))
    # No two of these words share a root, as labels of one phrase may not.
    base, _, number = name.partition("_")
    text = f"{number}{base.lower()}".ljust(_LENGTHS.get(name, _USUAL), "x")
    return Slot(name=name, kind=kind, text=text, pointer=f"/{name.lower()}", term=term)
