"""Ask services whether they serve, with gRPC's health protocol."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chartly.platform.identity.scope import Scope
from chartly.platform.names import PARTS, SERVICES, health_name

from .clients import Clients

PROBLEM = "chartly-problem-bin"
"""Trailing metadata of a health check: why the service can't serve, in UTF-8."""

State = Literal["serving", "not_serving", "unreachable", "absent"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One service's answer."""

    service: str
    state: State
    """``absent``: the address answers, but doesn't run this service."""
    latency_us: int
    problem: str = ""
    """Why a service that answers can't serve."""


async def probe(clients: Clients, names: Sequence[str], timeout_s: float = 1.0) -> list[Probe]:
    """Probe all ``names``, of services and of parts, at once.

    A service without an answer within ``timeout_s`` is ``unreachable``; this is not an error.
    """
    return list(await asyncio.gather(*(_one(clients, name, timeout_s) for name in names)))


async def probe_installation(clients: Clients, addresses: Mapping[str, str]) -> list[Probe]:
    """Probe all services and parts of the installation, ordered by name.

    Services that it doesn't run are left out: neither ``addresses`` nor the host has them. A part is left out without an answer, since its
    service has none either.
    """
    found = await probe(clients, sorted((*SERVICES, *PARTS)))
    return [each for each in found if _belongs(each, addresses)]


def _belongs(found: Probe, addresses: Mapping[str, str]) -> bool:
    if found.service in PARTS:
        return found.state in ("serving", "not_serving")
    return found.state != "absent" or found.service in addresses


async def _one(clients: Clients, name: str, timeout_s: float) -> Probe:
    started = time.perf_counter()
    stub = health_pb2_grpc.HealthStub(clients.channel(PARTS.get(name, name)))
    request = health_pb2.HealthCheckRequest(service=health_name(name))
    state: State
    problem = ""
    try:
        # With the process's own identity, so that a service whose key differs says so.
        metadata = clients.acting(Scope.service("probe")).metadata_for(None)
        call = stub.Check(request, timeout=timeout_s, metadata=metadata)
        answer = await call
        state = "serving" if answer.status == health_pb2.HealthCheckResponse.SERVING else "not_serving"
        problem = _problem(await call.trailing_metadata())
    except grpc.aio.AioRpcError as failure:
        state = "absent" if failure.code() is grpc.StatusCode.NOT_FOUND else "unreachable"
    return Probe(name, state, round((time.perf_counter() - started) * 1_000_000), problem)


def _problem(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    found = next((value for key, value in metadata if key == PROBLEM), b"")
    return found.decode(errors="replace") if isinstance(found, bytes) else found
