"""The errors of the gateway."""

from chartly.platform.errors import Unavailable, error


@error(reason="SERVICE_UNAVAILABLE")
class NotReady(Unavailable):
    """Not all services serve."""

    waiting_for: str
    """Names of the services that don't serve, separated by commas."""
