"""The errors of the gateway."""

from chartly.platform.errors import Unavailable, error


@error(reason="SERVICE_UNAVAILABLE")
class NotReady(Unavailable):
    """Not everything serves."""

    waiting_for: str
    """Names of the services and parts that don't serve, separated by commas."""
    problems: str
    """Why each of them doesn't serve."""
