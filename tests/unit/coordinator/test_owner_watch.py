"""When another engine counts as gone."""

from chartly.coordinator.domain.owner_watch import OwnerRow, OwnerWatch


def test_owner_that_has_stopped_is_gone_at_once() -> None:
    """A row without an owner needs no further watching."""
    assert OwnerWatch(30).gone(OwnerRow("", 1, 0), 0)


def test_owner_is_gone_after_its_silence() -> None:
    """A row that stays the same is watched for the whole silence; each beat starts it anew."""
    watch = OwnerWatch(30)
    assert not watch.gone(OwnerRow("a", 1, 0), 100)
    assert not watch.gone(OwnerRow("a", 1, 0), 129.9)
    assert not watch.gone(OwnerRow("a", 1, 1), 130)
    assert not watch.gone(OwnerRow("a", 1, 1), 159.9)
    assert watch.gone(OwnerRow("a", 1, 1), 160)


def test_owner_without_beats_is_gone_only_when_it_has_stopped() -> None:
    """On an embedded database the owner's row may stay the same for ever."""
    watch = OwnerWatch(None)
    watch.gone(OwnerRow("a", 1, 0), 0)
    assert not watch.gone(OwnerRow("a", 1, 0), 1_000_000)
