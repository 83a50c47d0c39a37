"""W3C trace context: read it, pass it on, and record spans if an exporter is configured.

Propagation needs no SDK: without ``telemetry.otlp_endpoint`` OpenTelemetry is never imported (11 MB, 0.1 s), and the ids still connect
the logs of all services.
"""

import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartly.platform.config.model import TelemetryConfig
from chartly.platform.lazy import lazy_module

if TYPE_CHECKING:
    import opentelemetry.exporter.otlp.proto.http.trace_exporter as otlp
    import opentelemetry.sdk.resources as sdk_resources
    import opentelemetry.sdk.trace as sdk_trace
    import opentelemetry.sdk.trace.export as sdk_export
    from opentelemetry import trace as api
else:
    api = lazy_module("opentelemetry.trace")
    otlp = lazy_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    sdk_export = lazy_module("opentelemetry.sdk.trace.export")
    sdk_resources = lazy_module("opentelemetry.sdk.resources")
    sdk_trace = lazy_module("opentelemetry.sdk.trace")

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace id and span id of the running code."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        """The ``traceparent`` header for the next service."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_current: ContextVar[Trace | None] = ContextVar("chartly_trace", default=None)


def current_trace() -> Trace | None:
    """Return the trace of the current call; None outside of a call."""
    return _current.get()


def parse(traceparent: str | None) -> Trace | None:
    """Return the trace of a ``traceparent`` header; None for a missing or malformed one, as the specification requires."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if not match:
        return None
    version, trace_id, span_id, flags = match.groups()
    if version == "ff" or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return Trace(trace_id, span_id, sampled=bool(int(flags, 16) & 1))


class Tracing:
    """Opens spans: exported ones if an exporter is configured, else only ids."""

    def __init__(self, config: TelemetryConfig, service: str) -> None:
        self._provider: sdk_trace.TracerProvider | None = _provider(config, service) if config.otlp_endpoint else None
        self._tracer = self._provider.get_tracer("chartly") if self._provider else None

    @contextmanager
    def span(self, name: str, parent: Trace | None = None, **attributes: Any) -> Generator[Trace]:
        """Run a block as a span of ``parent``, else of the current trace, else of a new trace."""
        parent = parent or _current.get()
        if self._tracer is None:
            trace = Trace(
                parent.trace_id if parent else secrets.token_hex(16),
                secrets.token_hex(8),
                parent.sampled if parent else False,
            )
            token = _current.set(trace)
            try:
                yield trace
            finally:
                _current.reset(token)
            return
        with self._recorded(name, parent, attributes) as trace:
            yield trace

    @contextmanager
    def _recorded(self, name: str, parent: Trace | None, attributes: dict[str, Any]) -> Generator[Trace]:
        context = None
        if parent:
            remote = api.SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), True, api.TraceFlags(int(parent.sampled)))  # noqa: FBT003 - its signature
            context = api.set_span_in_context(api.NonRecordingSpan(remote))
        assert self._tracer is not None  # noqa: S101 - span() looked
        with self._tracer.start_as_current_span(name, context=context, attributes=attributes) as span:
            made = span.get_span_context()
            trace = Trace(f"{made.trace_id:032x}", f"{made.span_id:016x}", made.trace_flags.sampled)
            token = _current.set(trace)
            try:
                yield trace
            finally:
                _current.reset(token)

    def close(self) -> None:
        """Export the remaining spans."""
        if self._provider:
            self._provider.shutdown()


def _provider(config: TelemetryConfig, service: str) -> "sdk_trace.TracerProvider":
    resource = sdk_resources.Resource.create({"service.name": service, "deployment.environment": config.environment})
    provider = sdk_trace.TracerProvider(resource=resource)
    provider.add_span_processor(sdk_export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=config.otlp_endpoint)))
    return provider
