"""What monitoring reads."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from prometheus_client.exposition import choose_encoder

from genservice.api.access import OPEN
from genservice.api.document import ALSO_ANSWERS
from genservice.api.service import Service


class MetricsController(Controller):
    """Open without a key, like health: nothing in it is about a viewer or a request."""

    path = "/metrics"
    tags = ("Health",)
    opt = OPEN

    @get(
        "/",
        opt={ALSO_ANSWERS: ("application/openmetrics-text",)},
        operation_id="get_metrics",
        media_type="text/plain",
    )
    async def metrics(
        self, request: Request[Any, Any, Any], service: NamedDependency[Service]
    ) -> Response[bytes]:
        """Figures of this process, as Prometheus reads them."""
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(service.metrics), media_type=media_type)
