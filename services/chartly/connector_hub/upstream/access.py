"""What all fetchers of a process share: request rates, request slots and the installation's rules."""

from dataclasses import dataclass, field

from chartly.platform.clock import Clock

from .request_rate import RequestRates
from .request_slots import RequestSlots


@dataclass(frozen=True, slots=True)
class UpstreamAccess:
    """One for a process. Used from one event loop."""

    clock: Clock
    private_allowed: bool
    """Whether profiles may allow private networks at all."""
    host_requests_max: int
    """Most requests under way to one host, whichever sources they are of."""
    rates: RequestRates = field(default_factory=RequestRates)
    source_slots: RequestSlots = field(default_factory=RequestSlots)
    host_slots: RequestSlots = field(default_factory=RequestSlots)
