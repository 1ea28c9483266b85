"""API keys over HTTP, for admins."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from genservice.api.access import roles
from genservice.api.addresses import KeyIdInPath
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.domain.access import Role
from genservice.store import KeyRecord, NewKey


class KeyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key, asked for."""

    role: Role
    name: str
    """What it is for, from 1 to 100 printable characters."""
    expires: Annotated[datetime, Meta(tz=True)] | None = None
    """From when it opens nothing any more; null never."""


class RotateRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a key is to be replaced."""

    overlap_minutes: Annotated[int, Meta(ge=0, le=43_200)] = 1440
    """How long the old key still opens."""


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A key just made, shown this once."""

    id: str
    key: str
    role: Role
    name: str
    expires: datetime | None


class KeyPage(msgspec.Struct, frozen=True, kw_only=True):
    """Every key, without its secret."""

    items: tuple[KeyRecord, ...]
    next: None = None


class KeyController(Controller):
    """Who may ask. The command line does the same without a key, for whoever has the database."""

    path = "/v1/keys"
    tags = ("Keys",)
    opt = roles()

    @get("/", operation_id="list_keys", responses=problems())
    async def list_keys(self, service: NamedDependency[Service]) -> KeyPage:
        """Every key, with its prefix, its end, its last use and whether it is revoked; the oldest first."""
        return KeyPage(items=await service.keys.list())

    @post("/", operation_id="create_key", responses=problems(413, 415))
    async def create_key(
        self, data: JSONBody[KeyRequest], service: NamedDependency[Service]
    ) -> KeyAnswer:
        """A new key. The only answer that shows it."""
        return _shown(await service.keys.create(data.role, data.name, data.expires))

    @post("/{key_id:str}/rotate", operation_id="rotate_key", responses=problems(404, 409, 413, 415))
    async def rotate_key(
        self,
        key_id: KeyIdInPath,
        data: JSONBody[RotateRequest],
        service: NamedDependency[Service],
    ) -> KeyAnswer:
        """A new key with role, name and lifetime of an old one, which ends after the overlap."""
        overlap = timedelta(minutes=data.overlap_minutes)
        return _shown(await service.keys.rotate(key_id, overlap=overlap))

    @delete("/{key_id:str}", operation_id="revoke_key", responses=problems(404))
    async def revoke_key(self, key_id: KeyIdInPath, service: NamedDependency[Service]) -> None:
        """Make a key open nothing from now on; it stays in the list."""
        await service.keys.revoke(key_id)


def _shown(new: NewKey) -> KeyAnswer:
    record = new.record
    return KeyAnswer(
        id=record.id, key=new.key, role=record.role, name=record.name, expires=record.expires_at
    )
