"""What writes parts in a process elsewhere: a service of its own, held to the terms of the batch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.app import open_service
from genservice.batch.plan import terms_of
from genservice.batch.writing import Writing
from genservice.errors import GenserviceError, UnavailableError
from genservice.logs import configure_logging
from genservice.settings import read_settings

if TYPE_CHECKING:
    from genservice.api.service import Service
    from genservice.batch.audiences import Audience
    from genservice.batch.plan import Part, Terms
    from genservice.batch.rows import Formats, Written
    from genservice.domain import TitleRef


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told. No secret is in it: those it reads from its own environment."""

    flags: dict[str, Any]
    """Settings that were given as options where the batch was started."""
    audiences: tuple[Audience, ...]
    terms: Terms
    keys: tuple[str, ...]
    """Ids of the keys that receipts are verified with."""
    title: TitleRef
    """A title of the batch: it is in the catalogue that all share."""
    formats: Formats
    at_once: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a worker does not write."""

    kind: Literal["other_terms", "unavailable", "failed"]
    detail: str


class Worker:
    """Opens a service where it runs and writes parts over it, for as long as it lives.

    It answers refusals instead of raising: errors are told apart by what they say, not by how they
    travel.
    """

    def __init__(self, orders: Orders) -> None:
        """Do nothing yet."""
        self._orders = orders
        self._writing: Writing | None = None
        self._service: Service | None = None
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def open(self) -> Refusal | None:
        """None once it can write as the batch was begun."""
        self._life = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait((self._life, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self._life.done():
            return None
        error = self._life.exception()
        if isinstance(error, GenserviceError):
            kind = "unavailable" if isinstance(error, UnavailableError) else "other_terms"
            return Refusal(kind=kind, detail=str(error))
        return Refusal(kind="failed", detail=type(error).__name__)

    async def part(self, part: Part) -> Written | Refusal:
        """The files of a part."""
        if self._writing is None or self._service is None:
            return Refusal(kind="failed", detail="the worker is not open")
        try:
            written = await self._writing.part(part)
            # A worker may be killed at any time: what it decided is counted part by part.
            await self._service.decisions.flush()
        except UnavailableError as error:
            return Refusal(kind="unavailable", detail=str(error))
        return written

    async def close(self) -> None:
        """Close the service."""
        self._leave.set()
        if self._life is not None:
            await self._life

    async def _live(self) -> None:
        orders = self._orders
        configure_logging()
        async with open_service(read_settings(**orders.flags)) as service:
            await _require_same(service, orders)
            self._service = service
            self._writing = Writing(
                service.blurbs,
                service.titles,
                orders.audiences,
                at_once=orders.at_once,
                formats=orders.formats,
            )
            self._ready.set()
            await self._leave.wait()


class _OtherTermsError(GenserviceError):
    """A worker would write something else than the batch was begun with."""


async def _require_same(service: Service, orders: Orders) -> None:
    terms = await terms_of(service.blurbs, orders.audiences, policy=service.policies().version)
    differing = [
        name
        for name in terms.__struct_fields__
        if getattr(terms, name) != getattr(orders.terms, name)
    ]
    if differing:
        raise _OtherTermsError(f"a worker has another {', '.join(differing)} than the batch")
    if not {key.kid for key in service.signer.public_keys().keys}.issuperset(orders.keys):
        raise _OtherTermsError(
            "a worker signs with keys of its own: set GENSERVICE_KEYSTORE to a folder that all share"
        )
    held = await service.titles.get_many([orders.title.id])
    if held.get(orders.title.id) is None:
        raise _OtherTermsError(
            "a worker has a catalogue of its own: set GENSERVICE_DATABASE_URL to one that all share"
        )
