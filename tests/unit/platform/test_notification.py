"""Waking those who wait."""

import asyncio

from chartly.platform.notification import Pulse, Pulses, wait_for


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
    event = Pulse().next
    async with asyncio.timeout(30):
        await wait_for(event, 0)
        await wait_for(event, 0.01)
    assert not event.is_set()


async def test_a_beat_wakes_those_who_listen_to_the_name() -> None:
    """All of them, and nobody else."""
    pulses = Pulses()
    with pulses.listening("a") as first, pulses.listening("a") as second, pulses.listening("b") as other:
        pulses.beat(["a", "unheard"])

        assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)


async def test_a_beat_for_all_wakes_everybody() -> None:
    """Whatever names they listen to."""
    pulses = Pulses()
    with pulses.listening("a") as first, pulses.listening("b") as other:
        pulses.beat_all()

        assert (first.is_set(), other.is_set()) == (True, True)


async def test_a_beat_between_a_look_and_the_wait_is_not_missed() -> None:
    """Who has cleared the event, looked and found nothing, goes on at once."""
    pulses = Pulses()
    with pulses.listening("a") as told:
        told.clear()
        pulses.beat(["a"])
        async with asyncio.timeout(60):
            await wait_for(told, None)

        assert told.is_set()


def test_a_name_that_nobody_listens_to_is_forgotten() -> None:
    """However many come and go, nothing stays."""
    pulses = Pulses()
    for name in map(str, range(100)):
        with pulses.listening(name), pulses.listening(name):
            pass

    assert vars(pulses) == {"_listening": {}}
