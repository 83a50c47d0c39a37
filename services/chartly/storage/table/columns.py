"""Names of the columns that are not fields of the payload. ``envelope.py`` gives them their types.

The columns that storage adds begin with an underscore, so that a payload may have a field ``source_id`` of its own.
"""

RECORD_ID = "record_id"
IDEMPOTENCY_KEY = "idempotency_key"
RAW_LINE = "raw_line"
RAW_OFFSET = "raw_offset"
RAW_LENGTH = "raw_length"
CANONICAL = "_canonical"
"""The payload's RFC 8785 text, if the plan writes it."""
VIOLATIONS = "reasons"
REJECTED_PLACE = {"line": RAW_LINE, "offset": RAW_OFFSET, "length": RAW_LENGTH}
"""The plan's names for a rejected record's place in the raw bytes, with storage's names."""
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
"""SHA-256 of the raw blob with the corrected record; only corrected records have it."""
PAYLOAD = "payload"
SEALED = "sealed"
PAYLOAD_SHA256 = "payload_sha256"

ACCEPTED = (RECORD_ID, IDEMPOTENCY_KEY, RAW_LINE, RAW_OFFSET, RAW_LENGTH)
"""The columns that every accepted file has in addition to the payload's."""
REJECTED = (*REJECTED_PLACE, VIOLATIONS)
"""The columns that every rejected file has."""

ROW_NUMBER = "file_row_number"
"""The position of a row in its file, from 0: the name of the column that DuckDB adds when it reads a file."""

PARTITION_PREFIX = "_partition_"


def partition_column(field: str) -> str:
    """Return the name of the column with a field's partition value. Only the table's log has this column, not its files."""
    return PARTITION_PREFIX + field
