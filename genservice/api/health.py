"""Whether the service runs, and whether it can do its work."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from genservice.api.access import OPEN
from genservice.api.schemas import Health, ReadinessOut
from genservice.api.service import Service
from genservice.readiness import status_of


class HealthController(Controller):
    """Open without a key, for load balancers."""

    path = "/health"
    tags = ("Health",)
    opt = OPEN

    @get("/live", operation_id="get_liveness")
    async def live(self) -> Health:
        """The process answers."""
        return Health(status="ok")

    @get(
        "/ready",
        operation_id="get_readiness",
        responses={
            503: ResponseSpec(
                data_container=ReadinessOut, description="No request should come here."
            )
        },
    )
    async def ready(self, service: NamedDependency[Service]) -> Response[ReadinessOut]:
        """Whether it can do its work, and what is wrong; degraded still answers requests."""
        parts = await service.readiness.look()
        status = status_of(parts)
        readiness = ReadinessOut(
            status=status,
            problems=tuple(part.detail for part in parts if part.detail is not None),
            parts=parts,
            policy=service.policies().version,
            twins=service.twins.progress,
            decision_log=service.decisions.state,
        )
        return Response(readiness, status_code=503 if status == "unavailable" else 200)
