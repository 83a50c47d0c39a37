"""Notifications wake tasks that wait."""

import asyncio

from chartly.platform.notification import KeyedNotifications, Notification, wait_for


async def test_notification_wakes_each_waiting_task_once() -> None:
    """Each task that waits wakes; a task that begins to wait afterwards waits for the next notification."""
    notification = Notification()
    waiting = [asyncio.create_task(wait_for(notification.next, 10)) for _ in range(3)]
    await asyncio.sleep(0)
    notification.notify()
    await asyncio.gather(*waiting)
    assert not notification.next.is_set()


async def test_notification_between_check_and_wait_is_not_missed() -> None:
    """A task that took the event before its check wakes at once."""
    notification = Notification()
    event = notification.next
    notification.notify()
    async with asyncio.timeout(30):
        await wait_for(event, None)


async def test_wait_ends_with_its_time() -> None:
    """A wait without a notification ends after its time, also a wait of no time."""
    event = Notification().next
    async with asyncio.timeout(30):
        await wait_for(event, 0)
        await wait_for(event, 0.01)
    assert not event.is_set()


async def test_keyed_notification_wakes_tasks_of_its_name() -> None:
    """A notification wakes the tasks that wait for its name, and no others."""
    notifications = KeyedNotifications()
    with notifications.subscribe("a") as first, notifications.subscribe("a") as second, notifications.subscribe("b") as other:
        notifications.notify(["a", "unheard"])

        assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)


async def test_notification_for_all_wakes_every_task() -> None:
    """A notification for all names wakes every task."""
    notifications = KeyedNotifications()
    with notifications.subscribe("a") as first, notifications.subscribe("b") as other:
        notifications.notify_all()

        assert (first.is_set(), other.is_set()) == (True, True)


async def test_keyed_notification_between_check_and_wait_is_not_missed() -> None:
    """A task that cleared the event before its check wakes at once."""
    notifications = KeyedNotifications()
    with notifications.subscribe("a") as event:
        event.clear()
        notifications.notify(["a"])
        async with asyncio.timeout(60):
            await wait_for(event, None)

        assert event.is_set()


def test_unused_name_is_deleted() -> None:
    """A name without a waiting task is deleted."""
    notifications = KeyedNotifications()
    for name in map(str, range(100)):
        with notifications.subscribe(name), notifications.subscribe(name):
            pass

    assert vars(notifications) == {"_listening": {}}
