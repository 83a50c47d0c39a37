"""The circuit of a source, over real requests."""

import asyncio

import pytest
from aiohttp import web

from chartly.platform.errors import RemoteError

from .conftest import Hub, Serve, StartHub, Upstream

OPEN_MS = 300


async def refused(hub: Hub, connector: object, run_id: str = "run_1") -> RemoteError:
    """Sync, and return the error."""
    with pytest.raises(RemoteError) as caught:
        await hub.sync(connector, run_id)  # type: ignore[arg-type]
    return caught.value


async def test_each_failed_request_counts(serve: Serve, start_hub: StartHub) -> None:
    """Two failed attempts of one page open a circuit whose bound is two failures."""
    upstream, hub = Upstream(), await start_hub()
    connector = await hub.put("feed", await serve(upstream.answer), retry={"maxAttempts": 2}, circuitBreaker={"failuresMax": 2})
    upstream.status = 500

    error = await refused(hub, connector)

    assert (error.remote_reason, upstream.requests) == ("UPSTREAM_UNAVAILABLE", 2)
    assert (await hub.source("feed")).breaker == "open"
    assert (await refused(hub, connector)).remote_reason == "CIRCUIT_OPEN"


async def test_open_circuit_ends_the_attempts(serve: Serve, start_hub: StartHub) -> None:
    """Attempts end when the circuit opens; the error has the time at which it is half-open."""
    upstream, hub = Upstream(), await start_hub()
    breaker = {"failuresMax": 2, "openMs": 60_000}
    connector = await hub.put("feed", await serve(upstream.answer), retry={"maxAttempts": 4}, circuitBreaker=breaker)
    upstream.status = 503

    error = await refused(hub, connector)

    assert (error.remote_reason, upstream.requests) == ("UPSTREAM_UNAVAILABLE", 2)
    assert error.retry_after_s is not None
    assert error.retry_after_s > 50


async def test_failures_of_several_pages_add_up_and_an_answer_resets_them(serve: Serve, start_hub: StartHub) -> None:
    """Failures of several pages add up to the bound; an answer in between resets their number."""
    upstream, hub = Upstream(), await start_hub()
    connector = await hub.put("feed", await serve(upstream.answer), circuitBreaker={"failuresMax": 2})
    for run, status in enumerate((500, 200, 500)):
        upstream.status = status
        if status == 200:
            await hub.sync(connector, f"run_{run}")
        else:
            await refused(hub, connector, f"run_{run}")
    assert (await hub.source("feed")).breaker == "closed"

    await refused(hub, connector, "run_3")

    assert (await hub.source("feed")).breaker == "open"


async def test_half_open_circuit_lets_one_request_through(serve: Serve, start_hub: StartHub) -> None:
    """During the trial another sync is refused with a time to retry, and the upstream gets one request."""
    upstream, hub = Upstream(), await start_hub()
    breaker, rate = {"failuresMax": 1, "openMs": OPEN_MS}, {"maxConcurrency": 4}
    connector = await hub.put("feed", await serve(upstream.answer), circuitBreaker=breaker, rateLimit=rate)
    upstream.status = 500
    await refused(hub, connector)
    await asyncio.sleep(OPEN_MS / 1000 + 0.05)
    upstream.status = 200
    upstream.answers.clear()
    upstream.seen.clear()

    trial = asyncio.create_task(hub.sync(connector, "run_2"))
    await upstream.seen.wait()
    errors = [await refused(hub, connector, f"run_{run}") for run in (3, 4, 5)]

    assert {error.remote_reason for error in errors} == {"CIRCUIT_OPEN"}
    assert all(error.retry_after_s for error in errors)
    assert upstream.requests == 2
    upstream.answers.set()
    await trial
    assert (await hub.source("feed")).breaker == "closed"
    await hub.sync(connector, "run_3")


async def test_two_syncs_at_once_make_one_trial(serve: Serve, start_hub: StartHub) -> None:
    """Of concurrent syncs that find a half-open circuit, one sends a request."""
    upstream, hub = Upstream(), await start_hub()
    breaker, rate = {"failuresMax": 1, "openMs": OPEN_MS}, {"maxConcurrency": 4}
    connector = await hub.put("feed", await serve(upstream.answer), circuitBreaker=breaker, rateLimit=rate)
    upstream.status = 500
    await refused(hub, connector)
    await asyncio.sleep(OPEN_MS / 1000 + 0.05)

    errors = await asyncio.gather(*(refused(hub, connector, f"run_{run}") for run in range(2, 6)))

    assert sorted(error.remote_reason for error in errors) == ["CIRCUIT_OPEN"] * 3 + ["UPSTREAM_UNAVAILABLE"]
    assert upstream.requests == 2


async def test_failed_trial_opens_the_circuit(serve: Serve, start_hub: StartHub) -> None:
    """One failed trial opens the circuit, whatever its bound of failures."""
    upstream, hub = Upstream(), await start_hub()
    breaker = {"failuresMax": 3, "openMs": OPEN_MS}
    connector = await hub.put("feed", await serve(upstream.answer), retry={"maxAttempts": 3}, circuitBreaker=breaker)
    upstream.status = 500
    await refused(hub, connector)
    await asyncio.sleep(OPEN_MS / 1000 + 0.05)
    assert (await hub.source("feed")).breaker == "half-open"

    await refused(hub, connector)

    assert (upstream.requests, (await hub.source("feed")).breaker) == (4, "open")


async def test_trial_with_a_bad_answer_closes_the_circuit(serve: Serve, start_hub: StartHub) -> None:
    """A trial that is answered with 404 closes the circuit."""
    upstream, hub = Upstream(), await start_hub()
    connector = await hub.put("feed", await serve(upstream.answer), circuitBreaker={"failuresMax": 1, "openMs": OPEN_MS})
    upstream.status = 500
    await refused(hub, connector)
    await asyncio.sleep(OPEN_MS / 1000 + 0.05)
    upstream.status = 404

    error = await refused(hub, connector)

    assert (error.remote_reason, (await hub.source("feed")).breaker) == ("UPSTREAM_BAD_RESPONSE", "closed")


async def test_trial_that_waits_for_its_host_stays_the_only_one(serve: Serve, start_hub: StartHub) -> None:
    """While other sources hold all slots of the host for longer than a trial may take, no second trial is let through with the first."""
    other, upstream = Upstream(), Upstream()

    async def answer(request: web.Request) -> web.Response:
        return await (other if request.path.startswith("/other") else upstream).answer(request)

    hub, url = await start_hub(limits__upstream_concurrency_max=2), await serve(answer)
    rate = {"maxConcurrency": 2}
    busy = await hub.put("other", url, transport={"path": "/other"}, rateLimit=rate)
    breaker, transport = {"failuresMax": 1, "openMs": OPEN_MS}, {"timeoutMs": 100}
    connector = await hub.put("feed", url, transport=transport, circuitBreaker=breaker, rateLimit=rate)
    upstream.status = 500
    await refused(hub, connector)
    other.answers.clear()
    holding: list[asyncio.Task[object]] = []
    for number in range(2):
        other.seen.clear()
        holding.append(asyncio.create_task(hub.sync(busy, f"run_busy_{number}")))
        await other.seen.wait()
    await asyncio.sleep(OPEN_MS / 1000)

    first = asyncio.create_task(refused(hub, connector, "run_2"))
    # A trial counts as lost a second after the time of its request.
    await asyncio.sleep(1.3)
    second = asyncio.create_task(refused(hub, connector, "run_3"))
    await asyncio.sleep(0.2)
    other.answers.set()
    errors = await asyncio.gather(first, second)
    await asyncio.gather(*holding)

    assert sorted(error.remote_reason for error in errors) == ["CIRCUIT_OPEN", "UPSTREAM_UNAVAILABLE"]
    assert (upstream.requests, upstream.under_way_max) == (2, 1)


async def test_late_answer_leaves_a_newly_opened_circuit_open(serve: Serve, start_hub: StartHub) -> None:
    """A request that was sent before the failures and answered after them doesn't close the circuit."""
    upstream, hub = Upstream(), await start_hub()
    breaker, rate = {"failuresMax": 2, "openMs": 60_000}, {"maxConcurrency": 4}
    connector = await hub.put("feed", await serve(upstream.answer), circuitBreaker=breaker, rateLimit=rate)
    upstream.status = 500
    await refused(hub, connector, "run_1")
    upstream.status = 200
    upstream.answers.clear()
    upstream.seen.clear()
    late = asyncio.create_task(hub.sync(connector, "run_2"))
    await upstream.seen.wait()
    upstream.fails_at_once = True

    await refused(hub, connector, "run_3")
    opened = (await hub.source("feed")).breaker
    upstream.answers.set()
    await late

    assert (opened, (await hub.source("feed")).breaker) == ("open", "open")
