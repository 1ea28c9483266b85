"""The catalogue over HTTP."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, HeaderParameter, JSONBody, QueryParameter

from genservice.api.access import ANYONE_WITH_A_KEY, roles
from genservice.api.addresses import TitleIdInPath
from genservice.api.bodies import FILE_TYPES, require_type
from genservice.api.deadlines import DEADLINE
from genservice.api.document import TAKES_FILES
from genservice.api.headers import ETAG
from genservice.api.problems import problems
from genservice.api.schemas import (
    ImportAnswer,
    RecordProblem,
    TextsRequest,
    TitlePage,
)
from genservice.api.service import Service
from genservice.catalog import FORMATS, Reading, detect, read, require_printable, require_valid
from genservice.domain import Title
from genservice.errors import InvalidInputError, PreconditionFailedError, Problem

EDITORS = roles("editor")
IMPORT_LIMIT = 50_000_000
"""Most bytes of an import."""
IMPORT_SECONDS = 600.0
"""How long its body may take, and then its answer."""

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]


class TitleController(Controller):
    """Titles and their facts."""

    path = "/v1/titles"
    tags = ("Catalogue",)

    @get("/", opt=ANYONE_WITH_A_KEY, operation_id="list_titles", responses=problems())
    async def list_titles(
        self,
        service: NamedDependency[Service],
        q: FromQuery[str] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: FromQuery[str | None] = None,
    ) -> TitlePage:
        """Titles whose names hold `q`, in the order of their names."""
        require_printable(q, at="#/q")
        page = await service.titles.search(q, limit=limit, cursor=cursor)
        return TitlePage(items=page.items, next=page.next)

    @get(
        "/{title_id:str}",
        opt=ANYONE_WITH_A_KEY,
        operation_id="get_title",
        response_headers=ETAG,
        responses=problems(404),
    )
    async def get_title(
        self, title_id: TitleIdInPath, service: NamedDependency[Service]
    ) -> Response[Title]:
        """A title with its facts; the ETag is its revision."""
        return _with_tag(await _held(title_id, service))

    @put(
        "/{title_id:str}",
        opt=EDITORS,
        operation_id="put_title",
        response_headers=ETAG,
        responses=problems(409, 412, 413, 415),
    )
    async def put_title(
        self,
        title_id: TitleIdInPath,
        data: JSONBody[Title],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Response[Title]:
        """Store a title. With If-Match, only if that revision is the one held."""
        if data.id != title_id:
            raise InvalidInputError(Problem(pointer="#/id", detail="differs from the address"))
        require_valid(data, service.vocabulary, at="#")
        revision = await _revision(if_match, title_id, service)
        held = await service.titles.put(data, if_revision=revision)
        service.twins.look_again()
        return _with_tag(held)

    @delete(
        "/{title_id:str}",
        opt=EDITORS,
        operation_id="delete_title",
        responses=problems(404, 412),
    )
    async def delete_title(
        self,
        title_id: TitleIdInPath,
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> None:
        """Delete a title and every text written for it."""
        revision = await _revision(if_match, title_id, service)
        if not await service.titles.delete(title_id, if_revision=revision):
            raise NotFoundException

    @put(
        "/{title_id:str}/texts",
        opt=EDITORS,
        operation_id="put_title_texts",
        response_headers=ETAG,
        responses=problems(404, 412, 413, 415),
    )
    async def put_texts(
        self,
        title_id: TitleIdInPath,
        data: JSONBody[TextsRequest],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Response[Title]:
        """Replace the editorial texts of a title; a pinned one is served instead of the writer's."""
        require_printable(data.texts, at="#/texts")
        title = await _held(title_id, service)
        revision = await _revision(if_match, title_id, service)
        changed = msgspec.structs.replace(title, texts=data.texts)
        # Without If-Match, a change made between reading and writing is still refused.
        held = await service.titles.put(
            changed, if_revision=title.revision if revision is None else revision
        )
        service.twins.look_again()
        return _with_tag(held)

    @post(
        "/import",
        opt={**EDITORS, DEADLINE: IMPORT_SECONDS, TAKES_FILES: FILE_TYPES},
        status_code=200,
        operation_id="import_titles",
        request_max_body_size=IMPORT_LIMIT,
        responses=problems(413, 415),
    )
    async def import_titles(
        self,
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
        form: Annotated[
            str | None, QueryParameter(name="format", schema_extra={"enum": list(FORMATS)})
        ] = None,
    ) -> ImportAnswer:
        """Import titles from JSON, JSON Lines, CSV, schema.org JSON-LD or TV-Anytime XML.

        The body is the file. Its format is told by `format` or seen from the content. Bad records are
        skipped and named with line and field; the rest is imported.
        """
        require_type(request, FILE_TYPES)
        raw = await request.body()
        reading = await service.dossiers.screened(await _read(raw, form, service))
        result = await service.titles.put_all(reading.titles)
        service.twins.look_again()
        return ImportAnswer(
            created=result.created,
            changed=result.changed,
            unchanged=result.unchanged,
            skipped=len(
                {(p.line, p.pointer.split("/")[1] if p.pointer else None) for p in reading.problems}
            ),
            problems=_records(reading.problems),
            warnings=_records(reading.warnings),
        )


async def _read(raw: bytes, form: str | None, service: Service) -> Reading:
    if form is not None and form not in FORMATS:
        detail = f"not a known format; expected one of {', '.join(FORMATS)}"
        raise InvalidInputError(Problem(pointer="#/format", detail=detail))
    kind = form if form is not None else detect("", raw)
    return await asyncio.to_thread(read, raw, format=kind, vocabulary=service.vocabulary)


async def _held(title_id: str, service: Service) -> Title:
    title = await service.titles.get(title_id)
    if title is None:
        raise NotFoundException
    return title


def _with_tag(title: Title) -> Response[Title]:
    return Response(title, headers={"ETag": f'"{title.revision}"'})


async def _revision(if_match: str | None, title_id: str, service: Service) -> int | None:
    """The revision that must still be held when a title changes: the one that If-Match matches.

    Raises:
        PreconditionFailedError: It matches none; `*` matches any, but a title must be there.
    """
    if if_match is None:
        return None
    title = await service.titles.get(title_id)
    tags = [tag.strip() for tag in if_match.split(",")]
    if title is None or not {"*", f'"{title.revision}"', str(title.revision)}.intersection(tags):
        raise PreconditionFailedError("If-Match names no revision of this title that is held.")
    return title.revision


def _records(problems: Iterable[Problem]) -> tuple[RecordProblem, ...]:
    return tuple(
        RecordProblem(detail=p.detail, line=p.line, pointer=p.pointer, hint=p.hint)
        for p in problems
    )
