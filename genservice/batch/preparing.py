"""From files to a plan: audiences checked against the policy set, titles brought into the catalogue."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import msgspec

from genservice.batch.audiences import placed, require_known
from genservice.batch.plan import Listing, order_of_any, plan_of, terms_of
from genservice.catalog import detect, read
from genservice.errors import DocumentError, InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from genservice.api.service import Service
    from genservice.batch.audiences import Audience, AudienceFile
    from genservice.batch.plan import Manifest, Plan, Terms
    from genservice.batch.rows import Formats
    from genservice.catalog import Format, Reading
    from genservice.domain import Title, Vocabulary

_PAGE = 500


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where titles come from: files, or what the catalogue holds."""

    files: tuple[Path, ...] = ()
    """Files of titles; none: every title of the catalogue."""
    form: Format | None = None
    """Of the files; None: seen from name and content."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A plan, and what was found on the way to it."""

    plan: Plan
    problems: tuple[tuple[str, Problem], ...]
    """Records of titles that were left out, each with its file."""


async def terms_here(service: Service, file: AudienceFile) -> tuple[tuple[Audience, ...], Terms]:
    """The audiences without what policy withholds of them everywhere, and what their texts depend on.

    The names of withheld signals stay, for the counts of the decision log; their values go no further.

    Raises:
        DocumentError: The policy set lacks something that the file names, or a released value has the
            wrong shape; with its place.
        UnavailableError: Model, guard or database do not answer.
    """
    policies = service.policies()
    require_known(file, policies)
    audiences: list[Audience] = []
    problems: list[Problem] = []
    for audience in file.audiences:
        granted: set[str] = set()
        try:
            for options in audience.options():
                disclosed = await service.blurbs.disclosed(order_of_any(audience, options))
                granted |= {d.signal for d in disclosed.decisions if d.outcome != "withheld"}
        except InvalidInputError as error:
            problems += (
                placed(file, audience.name, problem.pointer or "", problem)
                for problem in error.problems
            )
        audiences.append(
            msgspec.structs.replace(
                audience,
                signals={
                    name: value if name in granted else None
                    for name, value in audience.signals.items()
                },
            )
        )
    if problems:
        raise DocumentError(*dict.fromkeys(problems))
    terms = await terms_of(service.blurbs, audiences, policy=policies.version)
    return tuple(audiences), terms


async def prepare(
    service: Service,
    file: AudienceFile,
    source: Source,
    *,
    begun: Manifest | None,
    part_items: int,
    formats: Formats,
    told: Callable[[int], None] = lambda _: None,
) -> Prepared:
    """The plan for these titles and audiences, with the titles in the catalogue.

    Files that a batch was begun with are in the catalogue already; they are not put there again, for
    that would undo what editors changed since.

    Args:
        service: Over the catalogue.
        file: The audiences.
        source: The titles.
        begun: What the folder of results is of, if a batch was begun there.
        part_items: About how many texts a part is of.
        formats: Which are written.
        told: Hears of so many more titles that were listed.

    Raises:
        DocumentError: The audiences are not as they should be, or there is no title.
        UnavailableError: Model, guard or database do not answer.
    """
    audiences, terms = await terms_here(service, file)
    listing = Listing()
    problems: list[tuple[str, Problem]] = []
    digests = [await asyncio.to_thread(_digest, path) for path in source.files]
    if not source.files:
        async for title in _stored(service):
            listing.add(title)
            told(1)
    for path in source.files:
        reading = await asyncio.to_thread(_reading, path, source, service.vocabulary)
        problems += ((path.name, problem) for problem in reading.problems)
        if begun is None:
            await service.titles.put_all(reading.titles)
        async for title in _held(service, [title.id for title in reading.titles]):
            listing.add(title)
            told(1)
    if not listing.titles:
        raise DocumentError(Problem(detail="there is no title to write for"))
    plan = plan_of(listing, audiences, terms, files=digests, part_items=part_items, formats=formats)
    return Prepared(plan=plan, problems=tuple(problems))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _reading(path: Path, source: Source, vocabulary: Vocabulary) -> Reading:
    raw = path.read_bytes()
    return read(raw, format=source.form or detect(path.name, raw), vocabulary=vocabulary)


async def _stored(service: Service) -> AsyncGenerator[Title]:
    cursor = None
    while True:
        page = await service.titles.search("", limit=_PAGE, cursor=cursor)
        for title in page.items:
            yield title
        cursor = page.next
        if cursor is None:
            return


async def _held(service: Service, ids: Sequence[str]) -> AsyncGenerator[Title]:
    """The titles of these ids as the catalogue holds them, in this order."""
    for start in range(0, len(ids), _PAGE):
        chunk = ids[start : start + _PAGE]
        held = await service.titles.get_many(chunk)
        for title_id in chunk:
            if (title := held.get(title_id)) is not None:
                yield title
