"""When a record's time in a dataset is over. Pure; deleting is a scheduled job's."""

from datetime import datetime, timedelta

from .policy import StoragePolicy


def kept_since(policy: StoragePolicy, now: datetime) -> datetime | None:
    """Tell the commit time before which records are over; None when nothing ever is.

    Counted from the commit, not from when a fact occurred: a late load of old facts is not deleted at once.
    """
    return None if policy.retention_days is None else now - timedelta(days=policy.retention_days)
