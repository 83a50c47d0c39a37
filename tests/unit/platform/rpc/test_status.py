"""Errors as google.rpc.Status."""

from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

from chartly.platform.errors import FieldViolation, InvalidRequest, RemoteError, Unavailable, error
from chartly.platform.rpc import status
from chartly.platform.telemetry.log import Logger


@error(reason="CIRCUIT_OPEN")
class BreakerOpen(Unavailable):
    """The source's breaker is open."""

    source_id: str


def unpack(encoded: status_pb2.Status, kind: Any) -> Any:
    """Return the one detail of this type."""
    for detail in encoded.details:
        found = kind()
        if detail.Unpack(found):
            return found
    return None


def arrived(encoded: status_pb2.Status) -> grpc.aio.AioRpcError:
    """Return the error that a client's channel raises for a status."""
    trailing = grpc.aio.Metadata((status.DETAILS_KEY, encoded.SerializeToString()))
    return grpc.aio.AioRpcError(status.BY_CODE[encoded.code], grpc.aio.Metadata(), trailing, details=encoded.message, debug_error_string="")


def test_error_carries_reason_facts_and_time_to_retry() -> None:
    """An encoded error has ErrorInfo and RetryInfo (AIP-193)."""
    encoded = status.encode(BreakerOpen("shop", retry_after_s=2.5))

    info = unpack(encoded, error_details_pb2.ErrorInfo)
    assert (encoded.code, info.reason, info.domain, dict(info.metadata)) == (14, "CIRCUIT_OPEN", "chartly.io", {"source_id": "shop"})
    assert unpack(encoded, error_details_pb2.RetryInfo).retry_delay.ToTimedelta().total_seconds() == 2.5


def test_error_of_another_service_arrives_whole() -> None:
    """A caller gets another service's reason, facts, violations and time to retry."""
    refused = InvalidRequest(violations=(FieldViolation("name", "is required", "REQUIRED"),))

    remote = status.decode(arrived(status.encode(refused)), "registry")

    assert (remote.service, remote.remote_code, remote.remote_reason) == ("registry", 3, "INVALID_REQUEST")
    assert remote.violations == refused.violations


def test_uncaught_error_of_another_service_goes_on_unchanged() -> None:
    """A service in between passes an error on unchanged."""
    first = status.encode(BreakerOpen("shop", retry_after_s=2.5))

    passed_on = status.encode(status.decode(arrived(first), "connector_hub"))

    assert passed_on == first


def test_closed_connection_has_a_reason_too() -> None:
    """An error of gRPC itself has its code as its reason."""
    gone = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="refused", debug_error_string=""
    )

    remote = status.decode(gone, "storage")

    assert (remote.remote_code, remote.remote_reason, str(remote)) == (14, "UNAVAILABLE", "refused")
    assert isinstance(remote, RemoteError)


@pytest.mark.causes_internal
def test_unexpected_error_has_an_incident_id_only() -> None:
    """An unexpected error shows neither a traceback nor a library's message."""
    encoded = status.incident(ValueError("customer's secret"), "/a/b", Logger("test"))

    assert encoded.code == 13
    assert "secret" not in encoded.SerializeToString().decode("utf-8", "replace")
    assert unpack(encoded, error_details_pb2.ErrorInfo).metadata["incident_id"] in encoded.message


def test_many_violations_are_cut() -> None:
    """Since details are sent in headers, a thousand violations are cut; twenty are not."""
    wrong = tuple(FieldViolation(f"records[{number}].name", "x" * 1000) for number in range(1000))

    encoded = status.encode(InvalidRequest(violations=wrong))

    assert len(encoded.SerializeToString()) < 8 * 1024
