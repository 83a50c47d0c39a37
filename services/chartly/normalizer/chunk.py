"""Normalize one chunk: from raw bytes to the two Parquet files that storage commits. It runs on a local thread or in a Ray actor.

It holds at most one chunk's raw bytes and its Arrow batches.
"""

import importlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from chartly.native import Plan, PlanError
from chartly.platform.errors import FieldViolation

from .errors import PlanRefused, StagingUnusable

ACCEPTED_FILE = "accepted.parquet"
REJECTED_FILE = "rejected.parquet"
# The files are read once, at commit, and then deleted. Compression, dictionaries and statistics would cost more than they save.
_PLAIN = {"compression": "none", "use_dictionary": False, "write_statistics": False, "write_page_checksum": True}


@dataclass(frozen=True, slots=True)
class PlanSource:
    """The input of a plan's compilation. Equal hashes with equal secrets give equal plans."""

    profile_hash: str
    profile_json: str
    """The resolved normalizer profile as JSON, with the tables that it looks up."""
    contract_json: str
    secrets: tuple[tuple[str, str, bytes], ...] = field(default=(), repr=False)
    """Name, key and value of each secret that the profile's steps name."""

    @property
    def identity(self) -> tuple[str, tuple[tuple[str, str, bytes], ...]]:
        """The cache key of the plan: one profile gives different plans in projects with different secrets."""
        return self.profile_hash, self.secrets


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The place of a record in a chunk of single records: within the chunk's bytes, and in its original blob."""

    start: int
    size_bytes: int
    line: int
    offset: int
    length: int
    child: int = -1
    """Offset of a child of ``explode`` within the chunk's record around it; -1 if the bytes are the whole record."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The input of one run of a plan."""

    plan: PlanSource
    staging: str
    """Folder that only this chunk writes to."""
    threads: int
    records: tuple[RecordPlace, ...] = ()
    """Places of single records that share a file. Each record runs alone, and its results have its place."""


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The result of one run of a plan."""

    records: int
    accepted: int
    rejected: int
    accepted_file: str
    """Name within the staging folder; empty when nothing was accepted."""
    rejected_file: str
    """Name within the staging folder; empty when nothing was rejected."""


class PlanCache:
    """A cache of at most ``plans_max`` compiled plans by profile hash and secrets; least recently used ones are dropped. Thread-safe."""

    def __init__(self, plans_max: int) -> None:
        self._plans_max = plans_max
        self._plans: OrderedDict[object, Plan] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def get(self, source: PlanSource) -> Plan:
        """Return the plan; compile it at its first use.

        Raises:
            PlanRefused: the profile or its contract is not valid; names place and rule.
        """
        with self._lock:
            if source.identity in self._plans:
                self._plans.move_to_end(source.identity)
                return self._plans[source.identity]
        plan = compile_plan(source)
        with self._lock:
            self._plans[source.identity] = plan
            while len(self._plans) > self._plans_max:
                self._plans.popitem(last=False)
        return plan


def compile_plan(source: PlanSource) -> Plan:
    """Compile a plan. Call it without a lock: it may take milliseconds.

    Raises:
        PlanRefused: the profile or its contract is not valid.
    """
    try:
        secrets = {(name, key): value for name, key, value in source.secrets}
        return Plan.compile(source.profile_json, source.contract_json, secrets=secrets)
    except PlanError as refused:
        raise PlanRefused(violations=(FieldViolation("profile", str(refused), "PROFILE_INVALID"),)) from refused


def run_chunk(chunk: Chunk, raw: Any, plans: PlanCache) -> WrittenFiles:
    """Run the chunk's plan over its raw bytes and write the result.

    Args:
        chunk: the chunk, with the folder to write to.
        raw: the raw bytes, as any object with the buffer protocol.
        plans: the cache of compiled plans.

    Raises:
        PlanRefused: the profile or its contract is not valid.
        StagingUnusable: the files could not be written.
    """
    if chunk.records:
        return run_records(chunk, raw, plans)
    outcome = plans.get(chunk.plan).run(raw, threads=chunk.threads)
    stats, folder = outcome.stats, Path(chunk.staging)
    accepted, rejected = int(stats["accepted"]), int(stats["rejected"])
    if accepted:
        _written(outcome.accepted, folder / ACCEPTED_FILE)
    if rejected:
        _written(outcome.rejected, folder / REJECTED_FILE)
    return WrittenFiles(
        records=int(stats["records"]),
        accepted=accepted,
        rejected=rejected,
        accepted_file=ACCEPTED_FILE if accepted else "",
        rejected_file=REJECTED_FILE if rejected else "",
    )


def run_records(chunk: Chunk, raw: Any, plans: PlanCache) -> WrittenFiles:
    """Run the chunk's plan over each of its records alone. Children of one record share its run.

    Raises:
        PlanRefused: the profile or its contract is not valid.
        StagingUnusable: the files could not be written.
    """
    pa: Any = importlib.import_module("pyarrow")
    plan = plans.get(replace(chunk.plan, profile_hash=f"{chunk.plan.profile_hash}/record", profile_json=single(chunk.plan.profile_json)))
    accepted: list[Any] = []
    rejected: list[Any] = []
    last_run: tuple[int, int] | None = None
    all_good = all_bad = None
    for place in chunk.records:
        if last_run != (place.start, place.size_bytes):
            # An array of one element, so that a record with line feeds stays one record, and an invalid one affects only itself.
            content = b"[" + bytes(memoryview(raw)[place.start : place.start + place.size_bytes]) + b"]"
            outcome = plan.run(content)
            all_good, all_bad = (pa.table(pa.RecordBatchReader.from_stream(batches)) for batches in (outcome.accepted, outcome.rejected))
            last_run = (place.start, place.size_bytes)
        good, bad = _of_child(all_good, "raw_offset", place), _of_child(all_bad, "offset", place)
        if good.num_rows + bad.num_rows != 1:
            # More than one record, or none: the raw bytes are not one record.
            good, bad = good.slice(0, 0), _unreadable(bad.schema)
        accepted.append(_placed(good, ("raw_line", "raw_offset", "raw_length"), place))
        rejected.append(_placed(bad, ("line", "offset", "length"), place))
    counts: list[int] = []
    for tables, file in ((accepted, ACCEPTED_FILE), (rejected, REJECTED_FILE)):
        table = pa.concat_tables(tables)
        counts.append(int(table.num_rows))
        if table.num_rows:
            _written(table.to_reader(), Path(chunk.staging) / file)
    return WrittenFiles(
        records=len(chunk.records),
        accepted=counts[0],
        rejected=counts[1],
        accepted_file=ACCEPTED_FILE if counts[0] else "",
        rejected_file=REJECTED_FILE if counts[1] else "",
    )


def single(profile_json: str) -> str:
    """Return the profile for a single record, without the ``recordsPath`` of its page."""
    profile = orjson.loads(profile_json)
    spec = profile["spec"]
    spec.pop("recordsPath", None)
    spec["input"] = "json"
    return orjson.dumps(profile).decode()


def _of_child(table: Any, offset: str, place: RecordPlace) -> Any:
    """Return the rows of one child; all rows if the record is not a child."""
    if place.child < 0:
        return table
    pc: Any = importlib.import_module("pyarrow.compute")
    # The bracket of the array stands before the record.
    return table.filter(pc.equal(table.column(offset), place.child + 1))


def _unreadable(schema: Any) -> Any:
    pa: Any = importlib.import_module("pyarrow")
    reason = {"reason": "MALFORMED_JSON", "field": "", "path": "", "rule": "not-one-record"}
    return pa.Table.from_pylist([{"line": 1, "offset": 0, "length": 0, "reasons": [reason]}], schema=schema)


def _placed(table: Any, names: tuple[str, str, str], place: RecordPlace) -> Any:
    pa: Any = importlib.import_module("pyarrow")
    for name, value in zip(names, (place.line, place.offset, place.length), strict=True):
        at = table.schema.get_field_index(name)
        field = table.schema.field(at)
        table = table.set_column(at, field, pa.array([value] * table.num_rows, field.type))
    return table


def _written(batches: Any, path: Path) -> None:
    try:
        _write(batches, path)
    except OSError as failure:
        raise StagingUnusable(failure.strerror or type(failure).__name__) from failure


def _write(batches: Any, path: Path) -> None:
    # Imported when the first chunk is written: 40 MB that an idle process does without. It ships no types.
    pa: Any = importlib.import_module("pyarrow")
    pq: Any = importlib.import_module("pyarrow.parquet")

    with (
        pa.RecordBatchReader.from_stream(batches) as reader,
        pq.ParquetWriter(path, reader.schema, **_PLAIN) as file,
    ):
        for batch in reader:
            file.write_batch(batch)
