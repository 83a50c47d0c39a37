"""Encode and decode errors as ``google.rpc.Status`` with ErrorInfo, BadRequest and RetryInfo (AIP-193)."""

import math
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from chartly.platform.errors import ChartlyError, FieldViolation, RemoteError

if TYPE_CHECKING:
    from chartly.platform.telemetry.log import Logger

DOMAIN = "chartly.io"
DETAILS_KEY = "grpc-status-details-bin"

# Bound of message and metadata. In base64, the details must stay below the 8 KiB that proxies allow for headers.
_MESSAGE_CHARACTERS_MAX = 1_000
_VALUE_CHARACTERS_MAX = 200
VIOLATIONS_MAX = 20
"""Violations in one error. More would not fit into headers."""
UNEXPECTED_ERROR = "unexpected error"
"""The log message of every error that a caller gets as INTERNAL."""

BY_CODE: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def encode(failure: ChartlyError) -> status_pb2.Status:
    """Encode an error with its reason, facts, field violations and time to retry."""
    remote = failure if isinstance(failure, RemoteError) else None
    status = status_pb2.Status(
        code=remote.remote_code if remote else failure.code,
        message=failure.message[:_MESSAGE_CHARACTERS_MAX],
    )
    facts = {name: text[:_VALUE_CHARACTERS_MAX] for name, text in failure.facts().items()}
    reason = remote.remote_reason if remote else failure.reason
    status.details.append(_packed(error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=facts)))
    violations: tuple[FieldViolation, ...] = getattr(failure, "violations", ())
    if violations:
        status.details.append(_packed(bad_request(violations)))
    retry_after_s: float | None = getattr(failure, "retry_after_s", None)
    if retry_after_s is not None:
        info = error_details_pb2.RetryInfo()
        info.retry_delay.FromTimedelta(timedelta(seconds=retry_after_s))
        status.details.append(_packed(info))
    return status


def retry_after_s(encoded: status_pb2.Status) -> int | None:
    """Return the retry delay of an encoded error in whole seconds, at least one; None if it has none."""
    info = error_details_pb2.RetryInfo()
    for detail in encoded.details:
        if detail.Unpack(info):
            return max(1, math.ceil(info.retry_delay.ToTimedelta().total_seconds()))
    return None


def bad_request(violations: tuple[FieldViolation, ...]) -> error_details_pb2.BadRequest:
    """Encode field violations, the first twenty: the rest would not fit into headers."""
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.field,
                description=violation.description[:_VALUE_CHARACTERS_MAX],
                reason=violation.reason,
            )
            for violation in violations[:VIOLATIONS_MAX]
        ]
    )


def incident(cause: BaseException, method: str, logger: "Logger") -> status_pb2.Status:
    """Log an unexpected error, and return an error that contains only the incident's number."""
    incident_id = uuid.uuid4().hex
    logger.error(UNEXPECTED_ERROR, incident_id=incident_id, method=method, exception=cause)
    status = status_pb2.Status(code=grpc.StatusCode.INTERNAL.value[0], message=f"Internal error; incident {incident_id}")
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"incident_id": incident_id})
    status.details.append(_packed(info))
    return status


def decode(failure: grpc.aio.AioRpcError, service: str) -> RemoteError:
    """Decode the error of another service, with or without details (a closed connection has none)."""
    code = failure.code().value[0]
    reason, metadata = failure.code().name, dict[str, str]()
    violations: tuple[FieldViolation, ...] = ()
    retry_after_s: float | None = None
    trailing: Any = failure.trailing_metadata() or ()
    for key, value in trailing:
        if key != DETAILS_KEY:
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info, wrong, retry = (
                error_details_pb2.ErrorInfo(),
                error_details_pb2.BadRequest(),
                error_details_pb2.RetryInfo(),
            )
            if detail.Unpack(info):
                reason, metadata = info.reason, dict(info.metadata)
            elif detail.Unpack(wrong):
                violations = tuple(FieldViolation(each.field, each.description, each.reason) for each in wrong.field_violations)
            elif detail.Unpack(retry):
                retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()
    return RemoteError(service, code, reason, failure.details() or reason, metadata, violations, retry_after_s)


def _packed(
    message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo,
) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
