"""What a batch is to write, in which order and in which parts: a function of what goes in.

Titles stand in the order in which they were given, and of each title every audience, in the order of
the file, with everything wanted for it. A part is so many whole titles in a row, so that a title's
texts are written together: they share what is known of it, and often the brief.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice import __version__
from genservice.answers import Order, order_of_twin
from genservice.batch.rows import Formats
from genservice.canonical import digest
from genservice.domain import Title, TitleRef
from genservice.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genservice.batch.audiences import Audience
    from genservice.blurbs import Blurbs
    from genservice.briefing import Options

PART_ITEMS = 5000
"""About how many texts a part is of, if nothing else is said."""
_SHOWN = 19
"""Characters of a digest that are shown: `sha256:` and a dozen."""
_ANY = Title(id="any", kind="film", name="Any", language="en", revision=1)
"""A title of no catalogue: the key of a text for it tells of prompts, guard and checks, and of no title."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the texts depend on besides their titles."""

    version: str
    """Of genservice."""
    policy: str
    """The policy set in force."""
    model: str
    """The text model's revision."""
    writing: str
    """Digest of prompts, guard, checks and rules of composing, as they are in a text's key."""
    audiences: str
    """Digest of names, what is wanted, and what policy discloses of each; nothing that it withholds."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of results is of. A batch goes on only if all of this still holds."""

    terms: Terms
    files: tuple[str, ...]
    """Digests of the files of titles; empty if they came from the catalogue."""
    titles: str
    """Digest of every title with id, revision and content."""
    items: int
    parts: int
    titles_in_part: int
    formats: Formats


_TOLD = {
    "version": "genservice itself",
    "policy": "the policy set",
    "model": "the text model",
    "writing": "prompts, guard or checks",
    "audiences": "the audiences, or what policy discloses of them",
    "files": "the files of titles",
    "titles": "the titles",
    "items": "how many texts there are",
    "parts": "how many parts there are",
    "titles_in_part": "the size of parts",
    "formats": "the formats",
}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Some titles in a row, whose texts are written to files of their own."""

    number: int
    titles: tuple[TitleRef, ...]


class Listing:
    """Titles to write for, in order, and the digest over all of them."""

    def __init__(self) -> None:
        self.titles: list[TitleRef] = []
        self._known: set[str] = set()
        self._digest = hashlib.sha256()

    def add(self, title: Title) -> None:
        """Add a title as the catalogue holds it; of one that was added already, nothing."""
        if title.id in self._known:
            return
        self._known.add(title.id)
        self.titles.append(TitleRef(id=title.id, revision=title.revision))
        self._digest.update(digest(title).encode())

    @property
    def digest(self) -> str:
        """Of ids, revisions and contents, in order."""
        return f"sha256:{self._digest.hexdigest()}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A batch, ready to be written."""

    titles: Sequence[TitleRef]
    audiences: tuple[Audience, ...]
    manifest: Manifest

    def part(self, number: int) -> Part:
        """The part of that number, from 0."""
        size = self.manifest.titles_in_part
        chosen = self.titles[number * size : (number + 1) * size]
        return Part(number=number, titles=tuple(chosen))


def plan_of(
    listing: Listing,
    audiences: tuple[Audience, ...],
    terms: Terms,
    *,
    files: Sequence[str],
    part_items: int,
    formats: Formats,
) -> Plan:
    """The plan for these titles and audiences.

    Args:
        listing: The titles.
        audiences: Whom they are written for.
        terms: What the texts depend on besides.
        files: Digests of the files that the titles came from.
        part_items: About how many texts a part is of.
        formats: Which are written.
    """
    of_title = sum(1 for audience in audiences for _ in audience.options())
    size = max(1, part_items // of_title)
    return Plan(
        titles=listing.titles,
        audiences=audiences,
        manifest=Manifest(
            terms=terms,
            files=tuple(files),
            titles=listing.digest,
            items=len(listing.titles) * of_title,
            parts=-(-len(listing.titles) // size),
            titles_in_part=size,
            formats=formats,
        ),
    )


def order_of(audience: Audience, options: Options, title: Title) -> Order:
    """What is asked of the path for one title and audience: what a request for it would ask."""
    return Order(
        title=title,
        options=options,
        region=audience.region,
        age_band=audience.age_band,
        consents=audience.consents,
        gpc=audience.gpc,
        language=audience.language,
        signals=audience.signals,
        segment=audience.segment,
        priority="background",
    )


def order_of_any(audience: Audience, options: Options) -> Order:
    """The same for a title of no catalogue, where no title matters."""
    return order_of(audience, options, _ANY)


async def terms_of(blurbs: Blurbs, audiences: Sequence[Audience], *, policy: str) -> Terms:
    """What texts for these audiences depend on here, besides their titles.

    Args:
        blurbs: The path.
        audiences: Whom texts are written for.
        policy: The version in force.

    Raises:
        InvalidSignalError: A released signal's value has the wrong shape.
        UnavailableError: Model, guard or database do not answer.
    """
    disclosed: list[Any] = []
    keys: dict[str, str] = {}
    for audience in audiences:
        for options in audience.options():
            order = order_of_any(audience, options)
            disclosed.append((audience.name, options, await blurbs.disclosed(order)))
            if options.purpose not in keys:
                keys[options.purpose] = (await blurbs.preview(order_of_twin(_ANY, options))).key
    return Terms(
        version=__version__,
        policy=policy,
        model=await blurbs.writer(),
        writing=f"sha256:{digest(keys)}",
        audiences=f"sha256:{digest(disclosed)}",
    )


def require_same(then: Manifest, now: Manifest) -> None:
    """Return if results begun under one manifest may be gone on with under another.

    Raises:
        ConflictError: They may not; says what differs.
    """
    differing = list(_differing(then, now))
    if differing:
        raise ConflictError(
            f"the results there are of another batch: {'; '.join(differing)}."
            " Set that back to go on with it, or give another --out to begin anew:"
            " texts whose briefs are the same are taken from the catalogue's database"
        )


def _differing(then: Any, now: Any) -> Iterator[str]:
    for name in then.__struct_fields__:
        was, now_is = getattr(then, name), getattr(now, name)
        if was == now_is:
            continue
        if isinstance(was, msgspec.Struct):
            yield from _differing(was, now_is)
        elif isinstance(was, tuple) and name == "files":
            yield f"{_TOLD[name]} changed"
        else:
            yield f"{_TOLD[name]} changed ({_short(was)} then, {_short(now_is)} now)"


def _short(value: Any) -> str:
    text = "+".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value)
    return f"{text[:_SHOWN]}…" if text.startswith("sha256:") else text
