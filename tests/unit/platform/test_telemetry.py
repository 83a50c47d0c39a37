"""Logs, traces and the metrics listener."""

import asyncio
import gzip
import io
import json
import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from prometheus_client import CollectorRegistry

from chartly.platform.config.model import TelemetryConfig
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.telemetry.listener import Listener
from chartly.platform.telemetry.log import JsonFormatter, Logger
from chartly.platform.telemetry.metrics import RpcMetrics
from chartly.platform.telemetry.tracing import Trace, Tracing, current_trace, parse

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def captured() -> Generator[io.StringIO]:
    """Write Chartly's logs into a string."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("test"))
    logger = logging.getLogger("chartly")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)


def test_line_has_the_agreed_fields() -> None:
    """Each line has ts, level, service, env, tenant_id, request_id, job_id and source_id."""
    with captured() as stream, scoped(Scope("user:ada", "t", "p", request_id="r1", run_id="j1")):
        Logger("connector_hub").bind(source_id="shop").info("page stored", bytes=7)

    line = json.loads(stream.getvalue())
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "info",
        "service": "connector_hub",
        "env": "test",
        "message": "page stored",
        "tenant_id": "t",
        "request_id": "r1",
        "job_id": "j1",
        "source_id": "shop",
        "trace_id": "",
        "bytes": 7,
    }


def test_traceback_goes_into_the_log() -> None:
    """A traceback is part of its log line."""
    with captured() as stream:
        Logger("x").error("unexpected", exception=ValueError("boom"))

    assert stream.getvalue().count("\n") == 1
    assert "ValueError: boom" in json.loads(stream.getvalue())["exception"]


@pytest.mark.parametrize(
    "header",
    [None, "", "x", PARENT[:-1], PARENT.upper(), "ff" + PARENT[2:], PARENT.replace("b7ad6b7169203331", "0" * 16)],
)
def test_malformed_traceparent_is_no_parent(header: str | None) -> None:
    """A malformed traceparent starts a new trace, as W3C requires."""
    assert parse(header) is None


def test_span_continues_its_parents_trace() -> None:
    """A span has its parent's trace id and sampling, and a new span id."""
    tracing = Tracing(TelemetryConfig(), "test")

    with tracing.span("call", parse(PARENT)) as trace:
        assert current_trace() == trace

    assert trace.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert trace.span_id != "b7ad6b7169203331"
    assert parse(trace.traceparent) == Trace(trace.trace_id, trace.span_id, sampled=True)
    assert current_trace() is None


def test_exported_span_has_the_ids_that_are_passed_on() -> None:
    """With an exporter the span that arrives by OTLP has the ids of the traceparent header."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
            """Do nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        tracing = Tracing(TelemetryConfig(otlp_endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces"), "test")
        with tracing.span("call", parse(PARENT)) as trace, tracing.span("inner") as inner:
            assert (trace.trace_id, inner.trace_id) == (("0af7651916cd43dd8448eb211c80319c",) * 2)
        tracing.close()
        server.shutdown()
        thread.join()

    exported = gzip.decompress(bodies[0]) if bodies[0][:2] == b"\x1f\x8b" else bodies[0]
    assert bytes.fromhex(trace.span_id) in exported
    assert bytes.fromhex(inner.span_id) in exported


async def ask(port: int, request: bytes) -> bytes:
    """Send raw bytes, and read the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_listener_serves_metrics_and_health() -> None:
    """The listener serves /metrics and /health, and refuses everything else."""
    registry, healthy = CollectorRegistry(), [True]
    RpcMetrics(registry).started()
    listener = Listener(registry, lambda: healthy[0])
    await listener.start("127.0.0.1", 0)

    assert b"chartly_rpc_in_flight 1.0" in await ask(listener.port, b"GET /metrics HTTP/1.1\r\n\r\n")
    assert (await ask(listener.port, b"GET /health HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200")
    healthy[0] = False
    assert (await ask(listener.port, b"GET /health HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503")
    assert (await ask(listener.port, b"GET /x HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404")
    assert (await ask(listener.port, b"POST /metrics HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 405")
    assert await ask(listener.port, b"A" * 100_000 + b"\r\n\r\n") == b""
    await listener.stop()
