"""Writing: synopses, promos, and checks of any text."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.openapi.spec import Example
from litestar.params import Body

from genservice.answers import Order
from genservice.api.accepting import wants_events
from genservice.api.access import roles
from genservice.api.ai_mark import RESPONSE_HEADERS, marks_of
from genservice.api.encoded import Encoded
from genservice.api.events import Streamed, answer_in_events, attended
from genservice.api.headers import header
from genservice.api.problems import problems
from genservice.api.schemas import (
    EXAMPLE_BLURB_REQUEST,
    EXAMPLE_CHECK_REQUEST,
    BlurbRequest,
    CheckAnswer,
    CheckFinding,
    CheckRequest,
)
from genservice.api.service import Service, service_of
from genservice.blurbs import Preview
from genservice.briefing import Options
from genservice.catalog import require_valid
from genservice.consents import hear
from genservice.domain import Answer, Purpose, Title
from genservice.domain.access import Role
from genservice.errors import InvalidInputError, Problem
from genservice.policy import require_region
from genservice.store import KeyRecord

_BLURB_EXAMPLE = Body(examples=[Example(summary="A promo for a tile", value=EXAMPLE_BLURB_REQUEST)])
_CHECK_EXAMPLE = Body(examples=[Example(summary="An editor's line", value=EXAMPLE_CHECK_REQUEST)])
WRITERS = roles("editor", "app")
PATHS: Mapping[str, Purpose] = {"/v1/promos": "promo", "/v1/synopses": "synopsis"}
"""Where texts are asked for, and what for."""


class BlurbController(Controller):
    """Synopses and promos."""

    path = "/v1"
    tags = ("Writing",)
    opt = WRITERS

    @post(
        "/synopses",
        status_code=200,
        operation_id="write_synopses",
        operation_class=Streamed,
        response_headers=RESPONSE_HEADERS,
        responses=problems(404, 406, 413, 415),
    )
    async def write_synopses(
        self,
        request: Request[Any, Any, Any],
        data: Annotated[BlurbRequest, _BLURB_EXAMPLE],
    ) -> Response[Answer | Preview]:
        """Write synopses of a title for an audience, with the receipt that accounts for them."""
        return await _write(request, data, "synopsis")

    @post(
        "/promos",
        status_code=200,
        operation_id="write_promos",
        operation_class=Streamed,
        response_headers=RESPONSE_HEADERS,
        responses=problems(404, 406, 413, 415),
    )
    async def write_promos(
        self,
        request: Request[Any, Any, Any],
        data: Annotated[BlurbRequest, _BLURB_EXAMPLE],
    ) -> Response[Answer | Preview]:
        """Write promos of a title for an audience, with the receipt that accounts for them."""
        return await _write(request, data, "promo")

    @post(
        "/check",
        status_code=200,
        opt=roles("editor"),
        operation_id="check_text",
        responses=problems(404, 413, 415),
    )
    async def check_text(
        self, data: Annotated[CheckRequest, _CHECK_EXAMPLE], service: NamedDependency[Service]
    ) -> CheckAnswer:
        """Check any text against a title's facts: what vouches for each word, and what nothing does."""
        title = await _title(data.title_id, data.title, service)
        report = await service.checks.check(
            data.text, title, channel=data.channel, length=data.length
        )
        return CheckAnswer(
            passed=not report.findings,
            findings=tuple(
                CheckFinding(kind=found.kind, at=found.at, detail=found.detail, rule=found.rule)
                for found in report.findings
            ),
            spans=report.spans,
        )


async def _write(
    request: Request[Any, Any, Any], data: BlurbRequest, purpose: Purpose
) -> Response[Answer | Preview]:
    # Not as a dependency: to resolve one takes the framework longer than all that follows here.
    service = service_of(request)
    user: KeyRecord = request.user
    require_app_may(user, data)
    streams = wants_events(header(request.scope, b"accept", ""))
    if streams and data.dry_run:
        raise InvalidInputError(
            Problem(pointer="#/dry_run", detail="nothing is written, so there are no events")
        )
    order = order_of(
        data,
        await _title(data.title_id, data.title, service),
        purpose,
        user,
        gpc=header(request.scope, b"sec-gpc", ""),
        vendor=service.tcf_vendor,
    )
    if data.dry_run:
        return Response(await service.blurbs.preview(order))
    if streams:
        stream = service.blurbs.stream(order)
        return await answer_in_events(request, stream)  # pyright: ignore[reportReturnType]
    answer = await service.blurbs.give(order, partial(attended, request))
    return Encoded(answer.body, marks_of(answer.first))


def order_of(
    data: BlurbRequest, title: Title, purpose: Purpose, user: KeyRecord, *, gpc: str, vendor: int
) -> Order:
    """The order that a request comes to.

    Args:
        data: The request.
        title: Of which texts are asked for.
        purpose: What for.
        user: Who asks.
        gpc: The header `Sec-GPC`.
        vendor: Our id on the Global Vendor List; 0: none.

    Raises:
        InvalidInputError: Its region is none.
    """
    require_region(data.context.region, pointer="#/context/region")
    return Order(
        title=title,
        options=Options(purpose=purpose, channel=data.channel, length=data.length, tone=data.tone),
        region=data.context.region,
        age_band=data.context.age_band,
        consents=data.context.consents,
        gpc=data.context.gpc or gpc.strip() == "1",
        heard=hear(data.context.tcf, data.context.gpp, vendor=vendor),
        language=data.context.language,
        signals=data.audience.signals,
        viewer=data.audience.viewer,
        segment=data.audience.segment,
        seed=data.seed,
        variants=data.variants,
        note=data.note,
        stored=data.title is None,
        priority="app" if user.role == "app" else "editor",
        caller=user.id,
    )


def require_app_may(user: KeyRecord, data: BlurbRequest) -> None:
    """Return if whoever asks may ask for that.

    Raises:
        PermissionDeniedException: An app asks for what only editors do, or an editor for a viewer.
        InvalidInputError: A viewer stands beside what only editors send.
    """
    if user.role == "app" and (data.note is not None or data.title is not None or data.dry_run):
        raise PermissionDeniedException
    if data.audience.viewer is not None:
        _require_viewer_allowed(user.role, data)


def _require_viewer_allowed(role: Role, data: BlurbRequest) -> None:
    """Return if a viewer may be named: by an app, and beside nothing that only editors send.

    Raises:
        PermissionDeniedException: Editors write for audiences, and for no viewer.
        InvalidInputError: The request holds a note, or a title of its own.
    """
    if role not in ("app", "admin"):
        raise PermissionDeniedException
    never = [name for name in ("note", "title") if getattr(data, name) is not None]
    if never:
        raise InvalidInputError(
            *(
                Problem(
                    pointer=f"#/{name}",
                    detail="never beside a viewer",
                    hint="leave it out, or leave out audience.viewer",
                )
                for name in never
            )
        )


async def _title(title_id: str | None, inline: Title | None, service: Service) -> Title:
    if (title_id is None) == (inline is None):
        raise InvalidInputError(
            Problem(pointer="#/title_id", detail="exactly one of title_id and title is needed")
        )
    if inline is not None:
        require_valid(inline, service.vocabulary, at="#/title")
        return msgspec.structs.replace(inline, revision=0)
    title = await service.titles.get(title_id or "")
    if title is None:
        raise NotFoundException
    return title
