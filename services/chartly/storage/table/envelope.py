"""Builds the rows of the dataset's table and of the quarantine table from the files that a plan wrote.

It works on whole columns, and decides no record: ``dedupe/decide.py`` does.
"""

from pathlib import Path

from chartly.storage.arrow import pa, pc, pq
from chartly.storage.durable_files import translated
from chartly.storage.errors import StagedFileInvalid
from chartly.storage.model import Commit
from chartly.storage.names import quarantine_id_prefix

from . import columns as c
from .record_contracts import check_canonical, check_held_back, cut_violations
from .schema import normalized


def read_staged(folder: Path, file: str, required: tuple[str, ...]) -> "pa.Table | None":
    """Read a staged Parquet file; return None if ``file`` is empty.

    Raises:
        StagedFileInvalid: the file is missing or damaged, or lacks a required column.
    """
    if not file:
        return None
    try:
        with translated():
            # Not ``read_table``: it would take parts of the folder's name for columns.
            table = pq.ParquetFile(folder / file, page_checksum_verification=True).read()
    except (pa.ArrowException, FileNotFoundError) as broken:
        raise StagedFileInvalid(file, "is missing or no Parquet file") from broken
    missing = [name for name in required if name not in table.column_names]
    if missing:
        raise StagedFileInvalid(file, f"lacks the column {missing[0]}")
    _check_names(file, [name for name in table.column_names if name != c.CANONICAL or c.CANONICAL not in required])
    return normalized(table)


def _check_names(file: str, names: list[str]) -> None:
    """Check that a table can have these columns, which compares names in lower case."""
    seen: dict[str, str] = {}
    for name in names:
        if not name or "\0" in name:
            raise StagedFileInvalid(file, f"has the column {name!r}; a name can't be empty or have the character U+0000")
        if name.lower() == c.ROW_NUMBER:
            raise StagedFileInvalid(file, f"has the column {name!r}, a name that storage adds when it reads a file")
        if name.startswith("_"):
            raise StagedFileInvalid(file, f"has the column {name!r}; names with an underscore at the front are storage's own")
        if (other := seen.setdefault(name.lower(), name)) is not name:
            raise StagedFileInvalid(file, f"has the columns {other!r} and {name!r}, which a table can't hold both")


def canonical_rows(rows: "pa.Table", commit: Commit) -> "pa.Table":
    """Add the envelope to a commit's canonical rows.

    Raises:
        EnvelopeInvalid: a record would break the contract ``canonical.event``.
    """
    check_canonical(rows, commit)
    origin = commit.origin
    constants = {
        c.TENANT_ID: commit.key.tenant,
        c.PROJECT_ID: commit.key.project,
        c.SOURCE_ID: origin.source_id,
        c.RAW_SHA256: origin.raw_sha256,
        c.PROFILE_HASH: origin.normalizer.hash,
        c.RUN_ID: commit.submission.run_id,
    }
    if origin.edit_sha256:
        constants[c.EDIT_SHA256] = origin.edit_sha256
    rows = _with_times(rows, commit)
    for name, value in constants.items():
        rows = rows.append_column(name, _repeated(value, rows.num_rows))
    return rows


def _with_times(rows: "pa.Table", commit: Commit) -> "pa.Table":
    instant = pa.timestamp("us", "UTC")
    if c.OCCURRED_AT not in rows.column_names:
        occurred_at = commit.origin.captured_at or commit.committed_at
        rows = rows.append_column(c.OCCURRED_AT, _repeated(occurred_at, rows.num_rows, instant))
    rows = rows.append_column(c.INGESTED_AT, _repeated(commit.committed_at, rows.num_rows, instant))
    return rows.append_column(c.SEQUENCE, _repeated(commit.sequence, rows.num_rows, pa.int64()))


def bare_schema() -> "pa.Schema":
    """Return the columns of a dataset that has accepted no record yet."""
    instant = pa.timestamp("us", "UTC")
    texts = (c.RECORD_ID, c.TENANT_ID, c.PROJECT_ID, c.SOURCE_ID, c.RAW_SHA256, c.PROFILE_HASH, c.RUN_ID)
    numbers = (c.RAW_LINE, c.RAW_OFFSET, c.RAW_LENGTH, c.SEQUENCE)
    return pa.schema(
        [
            pa.field(c.IDEMPOTENCY_KEY, pa.binary()),
            *(pa.field(name, pa.string()) for name in texts),
            *(pa.field(name, pa.int64()) for name in numbers),
            *(pa.field(name, instant) for name in (c.OCCURRED_AT, c.INGESTED_AT)),
        ]
    )


def quarantine_rows(
    rejected: "pa.Table | None", conflicts: "pa.Table | None", expired: "pa.Table | None", commit: Commit
) -> "pa.Table | None":
    """Build a commit's rows of the quarantine table, without their payloads; None when it has none.

    Raises:
        EnvelopeInvalid: a row would break the contract ``canonical.quarantine_record``.
    """
    parts: list[pa.Table] = []
    if rejected is not None and rejected.num_rows:
        renamed = rejected.rename_columns([c.REJECTED_PLACE.get(name, name) for name in rejected.column_names])
        parts.append(_placed(renamed, renamed.column(c.VIOLATIONS)))
    if conflicts is not None and conflicts.num_rows:
        parts.append(_placed(conflicts, _repeated([CONFLICT], conflicts.num_rows, violations_type())))
    if expired is not None and expired.num_rows:
        parts.append(_placed(expired, _repeated([EXPIRED], expired.num_rows, violations_type())))
    if not parts:
        return None
    rows = pa.concat_tables(parts)
    offsets = rows.column(c.RAW_OFFSET).cast(pa.string())
    ids = pc.binary_join_element_wise(quarantine_id_prefix(commit.submission.work_key), offsets, "")
    rows = rows.append_column("quarantine_id", ids)
    instant = pa.timestamp("us", "UTC")
    origin = commit.origin
    for name, value, kind in (
        ("dataset", commit.key.dataset, pa.string()),
        ("source_id", origin.source_id, pa.string()),
        ("run_id", commit.submission.run_id, pa.string()),
        ("raw_sha256", origin.raw_sha256, pa.string()),
        ("profile_hash", origin.normalizer.hash, pa.string()),
        ("captured_at", origin.captured_at or commit.committed_at, instant),
        ("quarantined_at", commit.committed_at, instant),
        ("sequence", commit.sequence, pa.int64()),
    ):
        rows = rows.append_column(name, _repeated(value, rows.num_rows, kind))
    check_held_back(rows, commit)
    return rows


def reason_counts(quarantined: "pa.Table | None") -> dict[str, int]:
    """Count records by reason, the most frequent first. A record with several reasons counts once for each."""
    if quarantined is None:
        return {}
    violations = quarantined.column(c.VIOLATIONS)
    pairs = pa.table(
        {
            "record": pc.list_parent_indices(violations),
            "reason": pc.struct_field(pc.list_flatten(violations), "reason"),
        }
    )
    counted = pairs.group_by(["record", "reason"]).aggregate([]).group_by("reason").aggregate([([], "count_all")])
    by_reason = zip(counted.column("reason").to_pylist(), counted.column("count_all").to_pylist(), strict=True)
    return dict(sorted(by_reason, key=lambda item: (-item[1], item[0])))


def violations_type() -> "pa.DataType":
    """Return the Arrow type of a record's violations, as the plan writes them."""
    fields = [pa.field(name, pa.string()) for name in ("reason", "field", "path", "rule")]
    return pa.list_(pa.field("element", pa.struct(fields)))


CONFLICT = {"reason": "DUPLICATE_CONFLICT", "field": "", "path": "", "rule": "dedupe.policy"}
"""The violation of a record whose key the dataset holds with other content (policy ``quarantine``)."""
EXPIRED = {"reason": "RETENTION_EXPIRED", "field": "", "path": "", "rule": "retentionDays"}
"""The violation of a record whose key retention removed from the dataset."""


def _placed(rows: "pa.Table", violations: object) -> "pa.Table":
    names = (c.RAW_LINE, c.RAW_OFFSET, c.RAW_LENGTH)
    placed = pa.table({name: rows.column(name).cast(pa.int64()) for name in names})
    return placed.append_column(c.VIOLATIONS, cut_violations(_chunked(violations).cast(violations_type())))


def _chunked(column: object) -> "pa.ChunkedArray":
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _repeated(value: object, rows: int, kind: "pa.DataType | None" = None) -> "pa.Array":
    return pa.repeat(pa.scalar(value, kind), rows)
