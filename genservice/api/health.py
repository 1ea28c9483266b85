"""Whether the service runs, and whether it can do its work."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from genservice.api.access import OPEN
from genservice.api.schemas import Health, Readiness
from genservice.api.service import Service


class HealthController(Controller):
    """Open without a key, for load balancers."""

    path = "/health"
    tags = ("Health",)
    opt = OPEN

    @get("/live", operation_id="get_liveness")
    async def live(self) -> Health:
        """The process answers."""
        return Health(status="ok")

    @get("/ready", operation_id="get_readiness")
    async def ready(self, service: NamedDependency[Service]) -> Response[Readiness]:
        """Whether it can do its work, and what is wrong. Degraded still answers requests: 200."""
        problems = await service.health()
        status = "degraded" if problems else "ok"
        readiness = Readiness(
            status=status,
            problems=problems,
            policy=service.policies().version,
            twins=service.twins.progress,
            decision_log=service.decisions.state,
        )
        return Response(readiness)
