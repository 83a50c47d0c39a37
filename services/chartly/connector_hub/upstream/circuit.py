"""The interface between a fetcher and the circuit breaker of a source. The implementation chooses where the state is stored."""

from typing import Protocol


class Circuit(Protocol):
    """The circuit of one source, which each request passes."""

    async def admit(self) -> None:
        """Admit one HTTP request, which is sent right afterwards. Each request that a redirect leads to is admitted too.

        Raises:
            CircuitOpen: the circuit is open, or another request is trying a half-open one.
        """

    async def answered(self) -> None:
        """Note that the upstream has answered, which closes the circuit unless it has opened since the request was sent."""

    async def failed(self, held_s: float) -> float:
        """Count a failed request; return for how many seconds the circuit is open now, 0 while it is closed.

        With ``held_s`` the circuit opens for at least that time.
        """
        ...

    async def cancel(self) -> None:
        """Withdraw an admitted request that was never sent."""
