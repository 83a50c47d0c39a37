"""Times as the metadata database returns them."""

from datetime import UTC, datetime


def in_utc(time: datetime) -> datetime:
    """Return a stored time with its zone. SQLite stores no zone; all stored times are UTC."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
