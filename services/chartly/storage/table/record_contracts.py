"""Checks what a commit stores against the contracts ``canonical.event`` and ``canonical.quarantine_record``, without a loop over records.

Most of a record's envelope is the same for all records of a commit, or follows from the columns' names. So one record, the first, is
validated by the compiled contract. What differs between records is checked by column: places, instants and types here, digests by
``digests.digest_column``, which every record id passes before it is decided. The payload's own contract is the normalizer's.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from chartly.platform.lazy import lazy_module
from chartly.storage.arrow import native, pa, pc
from chartly.storage.errors import EnvelopeInvalid
from chartly.storage.model import Commit
from chartly.storage.names import blob_key

from . import columns as c

if TYPE_CHECKING:
    from chartly import contracts
else:
    # Needed by the first commit, not by an idle process.
    contracts = lazy_module("chartly.contracts")

EVENT = "canonical.event"
QUARANTINE_RECORD = "canonical.quarantine_record"
RAW_REF = "canonical.raw_ref"
BINARY_CONTENT_TYPE = "application/octet-stream"
"""The content type of a blob whose source declared none."""
_BUCKET = "raw"
_SCALARS = "https://chartly.io/contracts/v1/canonical/scalars.json"

# RFC 3339 writes years 0001 to 9999 (section 1), in microseconds since 1970.
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
_ENVELOPE = frozenset({*c.ACCEPTED, c.CANONICAL})


def check_canonical(rows: "pa.Table", commit: Commit) -> None:
    """Check the records of a commit, as they come from the plan, with the envelope that the commit gives them.

    Raises:
        EnvelopeInvalid: a record would break the contract.
    """
    if not rows.num_rows:
        return
    if c.OCCURRED_AT in rows.column_names and pa.types.is_timestamp(rows.column(c.OCCURRED_AT).type):
        _check_range(EVENT, rows.column(c.OCCURRED_AT).cast(pa.int64()), "/occurred_at", _FIRST_US, _LAST_US)
    payload = [name for name in rows.column_names if name not in _ENVELOPE]
    first = rows.select([name for name in (c.RECORD_ID, c.TYPE, c.OCCURRED_AT) if name in rows.column_names]).slice(0, 1).to_pylist()[0]
    record = {
        **_origin(rows, commit),
        "record_id": first[c.RECORD_ID],
        "type": first.get(c.TYPE),
        "occurred_at": _text(_instant(first.get(c.OCCURRED_AT), commit)),
        "ingested_at": _text(commit.committed_at),
        "payload": {**dict.fromkeys(payload), "type": first.get(c.TYPE)},
    }
    _check_record(EVENT, record)
    _check_places(EVENT, rows)
    _check_equal(rows.column(c.TYPE), first[c.TYPE])


def check_held_back(rows: "pa.Table", commit: Commit) -> None:
    """Check the rows of a commit for the quarantine table.

    Raises:
        EnvelopeInvalid: a row would break the contract.
    """
    first = rows.select(["quarantine_id", c.RAW_LINE, c.VIOLATIONS]).slice(0, 1).to_pylist()[0]
    record: dict[str, Any] = {
        **_origin(rows, commit),
        "quarantine_id": first["quarantine_id"],
        "dataset": commit.key.dataset,
        "state": "open",
        "line": first[c.RAW_LINE],
        "quarantined_at": _text(commit.committed_at),
        "sealed": False,
        "violations": first[c.VIOLATIONS],
    }
    if commit.submission.run_id:
        record["run_id"] = commit.submission.run_id
    _check_record(QUARANTINE_RECORD, record)
    _check_places(QUARANTINE_RECORD, rows)
    _check_range(QUARANTINE_RECORD, rows.column(c.RAW_LINE), "/line", 1, _safe_integer_max())
    violations = rows.column(c.VIOLATIONS)
    _check_range(
        QUARANTINE_RECORD, pc.list_value_length(violations), "/violations", 1, _property(QUARANTINE_RECORD, "violations")["maxItems"]
    )
    for reason in pc.unique(pc.struct_field(pc.list_flatten(violations), "reason")).to_pylist():
        if reason not in _reasons():
            raise EnvelopeInvalid(QUARANTINE_RECORD, "/violations", "enum")


def cut_violations(violations: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Cut violations to the bounds of the contract: a record with more or longer ones is held back all the same."""
    rule = _property(QUARANTINE_RECORD, "violations")
    if (pc.max(pc.list_value_length(violations)).as_py() or 0) > rule["maxItems"]:
        violations = pc.list_slice(violations, 0, rule["maxItems"], return_fixed_size_list=False)
    flat = pc.list_flatten(violations)
    lengths = {name: part["maxLength"] for name, part in rule["items"]["properties"].items() if "maxLength" in part}
    if all((pc.max(pc.utf8_length(pc.struct_field(flat, name))).as_py() or 0) <= most for name, most in lengths.items()):
        return violations
    whole = violations.combine_chunks()
    parts = {field.name: pc.struct_field(whole.flatten(), field.name) for field in whole.type.value_type}
    cut = [pc.utf8_slice_codeunits(part, 0, lengths[name]) if name in lengths else part for name, part in parts.items()]
    offsets = pc.cumulative_sum(pc.fill_null(pc.list_value_length(whole), 0).cast(pa.int32()))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), offsets.combine_chunks() if isinstance(offsets, pa.ChunkedArray) else offsets])
    values = pa.StructArray.from_arrays(cut, fields=list(whole.type.value_type))
    return pa.chunked_array([pa.ListArray.from_arrays(offsets, values, type=whole.type)])


def declared_content_type(declared: str) -> str:
    """Return the content type that a source declared; that of unknown bytes where it declared none, or one that is no media type."""
    record = _raw_ref("0" * 64, 0, 0, datetime(1970, 1, 1, tzinfo=UTC), "blob", declared)
    return declared if declared and _contract(RAW_REF).is_valid(json.dumps(record).encode()) else BINARY_CONTENT_TYPE


def _origin(rows: "pa.Table", commit: Commit) -> dict[str, Any]:
    offset, length = (rows.column(name)[0].as_py() for name in (c.RAW_OFFSET, c.RAW_LENGTH))
    origin, key = commit.origin, commit.key
    captured_at = origin.captured_at or commit.committed_at
    return {
        "tenant_id": key.tenant,
        "project_id": key.project,
        "source_id": origin.source_id,
        "profile_hash": origin.normalizer.hash,
        "raw_ref": _raw_ref(origin.raw_sha256, offset, length, captured_at, blob_key(key.tenant, key.project, origin.raw_sha256)),
    }


def _raw_ref(sha256: str, offset: int, length: int, captured_at: datetime, key: str, media: str = BINARY_CONTENT_TYPE) -> dict[str, Any]:
    # Bucket and content type are facts of the blob: its row was checked when the blob was stored.
    return {
        "bucket": _BUCKET,
        "key": key,
        "sha256": sha256,
        "content_type": media,
        "captured_at": _text(captured_at),
        "offset": offset,
        "length": length,
    }


def _instant(value: object, commit: Commit) -> datetime:
    """Return when the fact happened: a record without an instant of its own has that of its raw bytes."""
    return value if isinstance(value, datetime) else commit.origin.captured_at or commit.committed_at


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _check_record(contract: str, record: Mapping[str, Any]) -> None:
    broken = _contract(contract).violations(json.dumps(record).encode())
    if broken:
        raise EnvelopeInvalid(contract, broken[0].instance_path, broken[0].keyword)


def _check_places(contract: str, rows: "pa.Table") -> None:
    for name, place in ((c.RAW_OFFSET, "/raw_ref/offset"), (c.RAW_LENGTH, "/raw_ref/length")):
        _check_range(contract, rows.column(name), place, 0, _safe_integer_max(), nullable=False)


def _check_range(contract: str, column: "pa.ChunkedArray", place: str, least: int, most: int, *, nullable: bool = True) -> None:
    if column.null_count and not nullable:
        raise EnvelopeInvalid(contract, place, "required")
    found = pc.min_max(column).as_py()
    if found["min"] is not None and not least <= found["min"] <= found["max"] <= most:
        raise EnvelopeInvalid(contract, place, "range")


def _check_equal(column: "pa.ChunkedArray", value: str) -> None:
    if column.null_count or not pc.all(pc.equal(column, value)).as_py():
        raise EnvelopeInvalid(EVENT, "/type", "const")


@cache
def _contract(name: str) -> "native.Contract":
    store = contracts.ContractStore.packaged()
    return native.Contract.compile(store.get(name).text, resources=dict(store.resources))


@cache
def _property(contract: str, name: str) -> Mapping[str, Any]:
    return contracts.ContractStore.packaged().get(contract).schema["properties"][name]


def _safe_integer_max() -> int:
    return int(_property(RAW_REF, "offset")["maximum"])


@cache
def _reasons() -> frozenset[str]:
    # By its id, which has no version: the list of reasons grows, and each addition raises the version of the contract.
    return frozenset(contracts.ContractStore.packaged().resources[_SCALARS]["$defs"]["reason"]["enum"])
