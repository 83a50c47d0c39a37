"""The JSON of values that storage keeps in its metadata database."""

import msgspec

from chartly.storage.model import Changes


def test_quarantine_statuses_of_a_commit_that_a_former_version_prepared_are_read() -> None:
    """A commit's statuses have the JSON name ``standings``, as earlier versions wrote them."""
    prepared = (
        '{"standings":[{"quarantine_id":"q-1","dataset":"d","state":"released","chunk":"d/1/q","changed_at":"2026-01-02T03:04:05Z"}]}'
    )

    changes = msgspec.json.decode(prepared, type=Changes)

    assert [status.quarantine_id for status in changes.statuses] == ["q-1"]
    assert b'"standings":[' in msgspec.json.encode(changes)
