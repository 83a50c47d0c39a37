"""The storage profile as storage applies it."""

from datetime import UTC, datetime

from chartly.storage.policy import StoragePolicy, kept_since, read_policy


def test_policy_of_the_seed() -> None:
    """The seed's storage profile gives its policy."""
    policy = read_policy(
        {
            "spec": {
                "dataset": "sales-events",
                "retentionDays": 30,
                "partitioning": {"by": ["occurred_at"], "granularity": "day"},
                "indexing": {"fields": ["event_id", "customer_id", "currency"]},
            }
        }
    )
    assert policy == StoragePolicy(
        partition_by=("occurred_at",),
        granularity="day",
        index_fields=("event_id", "customer_id", "currency"),
        retention_days=30,
    )


def test_retention_counts_from_the_commit() -> None:
    """Records older than thirty days are expired; without retention none is."""
    now = datetime(2026, 3, 31, tzinfo=UTC)
    assert kept_since(StoragePolicy(retention_days=30), now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert kept_since(StoragePolicy(), now) is None
