"""Waking those who wait."""

import asyncio

from chartly.platform.pulse import Pulse, wait_for


async def test_beat_wakes_all_who_wait_and_is_over() -> None:
    """Everybody who waited wakes; who comes after waits for the next."""
    pulse = Pulse()
    waiting = [asyncio.create_task(wait_for(pulse.next, 10)) for _ in range(3)]
    await asyncio.sleep(0)
    pulse.beat()
    await asyncio.gather(*waiting)
    assert not pulse.next.is_set()


async def test_beat_between_look_and_wait_is_not_missed() -> None:
    """Who took the event before it looked wakes at once."""
    pulse = Pulse()
    event = pulse.next
    pulse.beat()
    async with asyncio.timeout(30):
        await wait_for(event, None)


async def test_wait_ends_with_its_time() -> None:
    """Without a beat the wait ends all the same, even one of no time."""
    await wait_for(Pulse().next, 0)
    await wait_for(Pulse().next, 0.01)
