"""Milliseconds since the epoch as protobuf timestamps."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(at_ms: int) -> Timestamp:
    """Return a time in milliseconds since the epoch as a protobuf timestamp."""
    made = Timestamp()
    made.FromDatetime(datetime.fromtimestamp(at_ms / 1000, UTC))
    return made


def timestamp_or_none(at_ms: int) -> Timestamp | None:
    """Return a time as a protobuf timestamp; None for 0, which means no time."""
    return timestamp(at_ms) if at_ms else None
