"""What the gateway answers instead of a status."""

from chartly.platform.errors import Unavailable, error


@error(reason="SERVICE_UNAVAILABLE")
class NotReady(Unavailable):
    """Not all services serve."""

    waiting_for: str
    """Their names, by comma."""
