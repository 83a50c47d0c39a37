# pyright: reportPrivateUsage=false
"""The limits of the authorization of requests: the cache of tokens, and the rate of a tenant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from chartly.auth.check import Checker
from chartly.auth.domain.token import Token
from chartly.auth.errors import RequestRateExceeded
from chartly.platform.config import Config

NOW = datetime(2026, 2, 2, tzinfo=UTC)


class ManualClock:
    """A clock that a test moves."""

    seconds = 0.0

    def now(self) -> datetime:
        """Return the time."""
        return NOW + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        """Return the seconds since the start."""
        return self.seconds


class CountedStore:
    """A store that knows no token, and counts its look-ups."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def by_digest(self, digest: str) -> Token | None:
        """Count a look-up."""
        self.asked.append(digest)
        return None


def checker(config: Config, store: CountedStore, clock: ManualClock) -> Checker:
    """Return a checker; look-ups and rates use neither internal tokens nor bodies."""
    return Checker(cast("Any", store), cast("Any", None), {}, cast("Any", None), config, clock)


async def test_look_up_is_cached_for_the_configured_time(make_config: Callable[..., Config]) -> None:
    """Within decision_cache_s a token is looked up once; after that time it is looked up a second time."""
    store, clock = CountedStore(), ManualClock()
    made = checker(make_config(limits__decision_cache_s=5), store, clock)
    await made._look_up("a")
    clock.seconds = 4.9
    await made._look_up("a")
    assert store.asked == ["a"]
    clock.seconds = 5.0
    await made._look_up("a")
    assert store.asked == ["a", "a"]


async def test_cache_drops_the_oldest_look_up_at_its_bound(make_config: Callable[..., Config]) -> None:
    """The cache holds decision_cache_items_max look-ups; one more replaces the oldest."""
    store = CountedStore()
    made = checker(make_config(limits__decision_cache_items_max=2), store, ManualClock())
    for digest in ("a", "b", "a", "c", "b", "a"):
        await made._look_up(digest)
    assert store.asked == ["a", "b", "c", "a"]


def test_tenant_is_limited_over_all_its_principals(make_config: Callable[..., Config]) -> None:
    """A tenant's requests pass up to tenant_requests_per_minute; the next one is refused with the tenant as its scope."""
    made = checker(make_config(limits__tenant_requests_per_minute=2), CountedStore(), ManualClock())

    def request(principal: str) -> None:
        token = Token("tok_1", "", "t", principal, frozenset({"viewer"}), frozenset({"t/p"}), NOW, NOW + timedelta(days=1), None)
        made._limit_rate(token, "t")

    request("user:ada")
    request("user:bob")
    with pytest.raises(RequestRateExceeded) as refused:
        request("user:eve")
    assert refused.value.of == "tenant"
