"""Names of the columns that are not the payload's. It knows no types; ``store/envelope.py`` builds them.

What storage adds begins with an underscore, so that a payload may have a field ``source_id`` of its own.
"""

RECORD_ID = "record_id"
IDEMPOTENCY_KEY = "idempotency_key"
RAW_LINE = "raw_line"
RAW_OFFSET = "raw_offset"
RAW_LENGTH = "raw_length"
CANONICAL = "_canonical"
"""The payload's RFC 8785 text, where the plan was asked for it."""
VIOLATIONS = "reasons"
REJECTED_PLACE = {"line": RAW_LINE, "offset": RAW_OFFSET, "length": RAW_LENGTH}
"""The plan's names of a rejected record's place, with ours."""
REJECTED_PLACE_OFFSET = "offset"

OCCURRED_AT = "occurred_at"
TYPE = "type"

SEQUENCE = "_sequence"
TENANT_ID = "_tenant_id"
PROJECT_ID = "_project_id"
SOURCE_ID = "_source_id"
INGESTED_AT = "_ingested_at"
RAW_SHA256 = "_raw_sha256"
PROFILE_HASH = "_profile_hash"
RUN_ID = "_run_id"
EDIT_SHA256 = "_edit_sha256"
"""The raw blob with the record as it was corrected; only of records that were."""
PAYLOAD = "payload"
SEALED = "sealed"

ACCEPTED = (RECORD_ID, IDEMPOTENCY_KEY, RAW_LINE, RAW_OFFSET, RAW_LENGTH)
"""What every accepted file has beside the payload's columns."""
REJECTED = (*REJECTED_PLACE, VIOLATIONS)
"""What every rejected file has."""

PARTITION_PREFIX = "_partition_"


def partition_column(field: str) -> str:
    """Name the table's column that holds a field's partition: a column of the table's log only, not of its files."""
    return PARTITION_PREFIX + field
