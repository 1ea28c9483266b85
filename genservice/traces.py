"""OpenTelemetry traces: a span for each request and each step of the path, where they are asked for.

Names and attributes of spans are closed sets, as `genservice.watch` has them. Nothing of a request's
address, headers or body is in a span, and no exception's message: only how a step ended. Of what a
caller sends the `traceparent` alone is taken (W3C Trace Context): `tracestate` and `baggage` may hold
any text, and would be exported.

Where spans go is what OpenTelemetry's own OTEL_* variables say, which its SDK reads. Whether any are
made is our setting's: a variable set for all programs of a machine opens no way out of this one.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from genservice import __version__
from genservice.errors import SettingsError
from genservice.watch import Request, Seen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

PREFIX = "genservice."
"""Before the name of a step, in spans, and of a fact, in attributes."""
_FAULTS = frozenset({"failed", "unavailable"})
_SERVER_ERROR = 500


class Traces:
    """A listener of `genservice.watch` that makes spans of what it hears."""

    def __init__(self, provider: TracerProvider) -> None:
        """Make spans.

        Args:
            provider: Of OpenTelemetry's SDK; ours alone, so that no other is touched.
        """
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._context = context
        self._trace = trace
        self._propagator = TraceContextTextMapPropagator()
        self._tracer = provider.get_tracer("genservice", __version__)

    def begin(self, seen: Seen | Request) -> tuple[Span, Token[Context]]:
        """See `genservice.watch.Listener`."""
        if isinstance(seen, Seen):
            span = self._tracer.start_span(f"{PREFIX}{seen.step}")
        else:
            span = self._tracer.start_span(
                seen.method, context=self._caller(seen), kind=self._trace.SpanKind.SERVER
            )
            seen.trace = f"{span.get_span_context().trace_id:032x}"
        return span, self._context.attach(self._trace.set_span_in_context(span))

    def end(self, begun: tuple[Span, Token[Context]], seen: Seen | Request, seconds: float) -> None:
        """See `genservice.watch.Listener`."""
        span, token = begun
        self._context.detach(token)
        if span.is_recording():
            if isinstance(seen, Seen):
                self._tell_step(span, seen)
            else:
                self._tell_request(span, seen)
        span.end()

    def _caller(self, seen: Request) -> Context:
        """What the caller's span is, if it sent a well-formed one; else nothing."""
        carrier = {} if seen.traceparent is None else {"traceparent": seen.traceparent}
        return self._propagator.extract(carrier, context=self._context.Context())

    def _tell_request(self, span: Span, seen: Request) -> None:
        span.update_name(f"{seen.method} {seen.route}".rstrip())
        span.set_attributes(
            {
                "http.request.method": seen.method,
                "http.route": seen.route,
                "http.response.status_code": seen.status,
            }
        )
        if seen.status >= _SERVER_ERROR:
            span.set_status(self._trace.StatusCode.ERROR)

    def _tell_step(self, span: Span, seen: Seen) -> None:
        facts = {"outcome": seen.outcome, "cause": seen.cause, **seen.facts}
        for name, value in facts.items():
            if value is not None:
                told = sorted(value) if isinstance(value, dict) else value
                span.set_attribute(f"{PREFIX}{name}", told)
        if seen.outcome in _FAULTS:
            span.set_status(self._trace.StatusCode.ERROR)


@asynccontextmanager
async def opened_traces(kind: Literal["none", "otlp"]) -> AsyncGenerator[tuple[Traces, ...]]:
    """What makes spans, if any are to be made; at the end of the block the last ones are sent.

    Args:
        kind: `none`, or `otlp`: sent over HTTP to where OTEL_EXPORTER_OTLP_ENDPOINT says.

    Raises:
        SettingsError: OpenTelemetry's SDK is not installed.
    """
    if kind == "none":
        yield ()
        return
    provider = await asyncio.to_thread(_exporting)
    try:
        yield (Traces(provider),)
    finally:
        await asyncio.to_thread(provider.shutdown)


def _exporting() -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        raise SettingsError(
            "GENSERVICE_TRACES: otlp needs OpenTelemetry: pip install 'genservice[telemetry]'"
        ) from None
    resource = Resource.create({"service.version": __version__})
    # The SDK's own words where neither OTEL_SERVICE_NAME nor OTEL_RESOURCE_ATTRIBUTES names the service.
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "genservice"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
