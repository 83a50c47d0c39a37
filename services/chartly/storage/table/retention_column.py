"""Checks that the column which a storage profile counts retention from holds points in time. It removes nothing."""

from chartly.storage.arrow import pa
from chartly.storage.errors import RetentionColumnInvalid
from chartly.storage.policy import StoragePolicy

from .columns import OCCURRED_AT


def require_points_in_time(policy: StoragePolicy, schema: "pa.Schema | None") -> None:
    """Check the column of ``retentionBy``, if the policy has a retention and the schema has the column.

    A day counts as its first instant in UTC. A column of any other type can't be compared with a time, so no record would ever expire.

    Raises:
        RetentionColumnInvalid: the column is neither of instants nor of days.
    """
    # The other choice is the time of the commit, which storage writes. A payload's field ``ingested_at`` is none of it.
    if policy.retention_days is None or policy.retention_by != OCCURRED_AT or schema is None:
        return
    at = schema.get_field_index(OCCURRED_AT)
    if at >= 0 and not pa.types.is_timestamp(kind := schema.field(at).type) and not pa.types.is_date(kind):
        raise RetentionColumnInvalid(OCCURRED_AT, str(kind))
