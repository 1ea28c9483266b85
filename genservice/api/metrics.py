"""What monitoring reads."""

import re
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from prometheus_client.exposition import choose_encoder

from genservice.api.access import OPEN
from genservice.api.document import ALSO_ANSWERS
from genservice.api.service import Service

_VERSION = re.compile(r"version\s*=\s*([^;,]*)")
_SOUND = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){2}")


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
        """Figures of this process, or of all workers, as Prometheus reads them."""
        encode, media_type = choose_encoder(_sound(request.headers.get("accept", "")))
        if media_type.startswith("text/"):
            # The framework adds it to every text.
            media_type = media_type.replace("; charset=utf-8", "")
        return Response(encode(await service.metrics()), media_type=media_type)


def _sound(accept: str) -> str:
    """What is accepted, if each version in it is one; else nothing.

    The library fails on any other word, and would send what it takes for a version back in a header.
    """
    versions = (version.strip() for version in _VERSION.findall(accept))
    return accept if all(map(_SOUND.fullmatch, versions)) else ""
