"""The signed heads of the decision log, for auditors to keep: what they hold cannot be denied later."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from genservice.api.access import roles
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.domain.log_records import SignedRecord


class HeadsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What `genservice log verify --heads` reads."""

    items: tuple[SignedRecord, ...]
    """When the chains began, and of each writer how far it has come and up to where it was forgotten."""
    next: None = None
    """There is never a further page."""


class LogHeadsController(Controller):
    """What is signed of the decision log."""

    tags = ("Decision log",)

    @get(
        "/v1/log/heads",
        opt=roles("privacy_officer"),
        operation_id="get_log_heads",
        responses=problems(503),
    )
    async def get_log_heads(self, service: NamedDependency[Service]) -> HeadsAnswer:
        """The last signed head of every writer, and what was forgotten. They name nobody."""
        return HeadsAnswer(items=await service.log_heads.latest())
