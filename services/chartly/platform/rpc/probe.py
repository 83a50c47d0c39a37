"""Ask services whether they serve, with gRPC's health protocol."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chartly.platform.names import health_name

from .clients import Clients

State = Literal["serving", "not_serving", "unreachable", "absent"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One service's answer."""

    service: str
    state: State
    """``absent``: the address answers, but doesn't run this service."""
    latency_us: int


async def probe(clients: Clients, names: Sequence[str], timeout_s: float = 1.0) -> list[Probe]:
    """Probe all ``names`` at once. A service without an answer within ``timeout_s`` is ``unreachable``; this is not an error."""
    return list(await asyncio.gather(*(_one(clients, name, timeout_s) for name in names)))


async def _one(clients: Clients, name: str, timeout_s: float) -> Probe:
    started = time.perf_counter()
    stub = health_pb2_grpc.HealthStub(clients.channel(name))
    request = health_pb2.HealthCheckRequest(service=health_name(name))
    state: State
    try:
        answer = await stub.Check(request, timeout=timeout_s)
        state = "serving" if answer.status == health_pb2.HealthCheckResponse.SERVING else "not_serving"
    except grpc.aio.AioRpcError as failure:
        state = "absent" if failure.code() is grpc.StatusCode.NOT_FOUND else "unreachable"
    return Probe(name, state, round((time.perf_counter() - started) * 1_000_000))
