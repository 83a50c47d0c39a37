"""Detection of an engine that has stopped."""

from chartly.coordinator.domain.owner_watch import OwnerRow, OwnerWatch


def test_owner_that_has_stopped_is_gone_at_once() -> None:
    """A row without an owner counts as stopped at once."""
    assert OwnerWatch(30).gone(OwnerRow("", 1, 0), 0)


def test_owner_is_gone_after_its_silence() -> None:
    """An owner counts as stopped after its row stayed the same for the whole silence; each heartbeat restarts the time."""
    watch = OwnerWatch(30)
    assert not watch.gone(OwnerRow("a", 1, 0), 100)
    assert not watch.gone(OwnerRow("a", 1, 0), 129.9)
    assert not watch.gone(OwnerRow("a", 1, 1), 130)
    assert not watch.gone(OwnerRow("a", 1, 1), 159.9)
    assert watch.gone(OwnerRow("a", 1, 1), 160)


def test_owner_without_beats_is_gone_only_when_it_has_stopped() -> None:
    """On an embedded database, where owners send no heartbeats, an unchanged row is no sign of a stop."""
    watch = OwnerWatch(None)
    watch.gone(OwnerRow("a", 1, 0), 0)
    assert not watch.gone(OwnerRow("a", 1, 0), 1_000_000)
