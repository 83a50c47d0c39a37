"""Metadata that a client sends with a call, except identity, which ``identity/scope.py`` has."""

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
# Long enough for any UUID or digest; the key becomes part of a database key.
_CHARACTERS_MAX = 200


def idempotency_key(context: Context) -> str:
    """Return the call's ``X-Idempotency-Key``; empty if the client sent none.

    Raises:
        InvalidRequest: the key is longer than 200 characters, or contains other than printable ASCII characters.
    """
    for key, value in context.invocation_metadata() or ():
        if key == IDEMPOTENCY_KEY and isinstance(value, str):
            if len(value) > _CHARACTERS_MAX or not value.isascii() or not value.isprintable():
                rule = f"must be at most {_CHARACTERS_MAX} printable ASCII characters"
                raise InvalidRequest(violations=(FieldViolation("X-Idempotency-Key", rule),))
            return value
    return ""


def content_encoding(context: Context) -> str:
    """Return the ``Content-Encoding`` of a REST request's body; empty if it has none. Several headers are one list (RFC 9110 §5.3)."""
    return ",".join(str(value) for key, value in context.invocation_metadata() or () if key == "content-encoding")


def request_hash(request: Message) -> str:
    """Return the SHA-256 of a request. It shows whether a repeated idempotency key comes with the same request."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
