"""What a client says about a call beside its message. Identity is not here: ``identity/scope.py`` has it, verified."""

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc.aio
from google.protobuf.message import Message

from chartly.platform.errors import FieldViolation, InvalidRequest

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
else:
    # At run time the class takes no parameters.
    Context = grpc.aio.ServicerContext

IDEMPOTENCY_KEY = "x-idempotency-key"
# A UUID or a digest fits many times; it becomes part of a database key.
_CHARACTERS_MAX = 200


def idempotency_key(context: Context) -> str:
    """Give ``X-Idempotency-Key`` of the call, empty when the client sent none.

    Raises:
        InvalidRequest: it is longer than 200 characters or holds others than printable ASCII.
    """
    for key, value in context.invocation_metadata() or ():
        if key == IDEMPOTENCY_KEY and isinstance(value, str):
            if len(value) > _CHARACTERS_MAX or not value.isascii() or not value.isprintable():
                rule = f"must be at most {_CHARACTERS_MAX} printable ASCII characters"
                raise InvalidRequest(violations=(FieldViolation("X-Idempotency-Key", rule),))
            return value
    return ""


def request_hash(request: Message) -> str:
    """Return the SHA-256 of a request, by which a repeated idempotency key is told from one that was used with another body."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
