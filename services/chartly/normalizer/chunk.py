"""One chunk, from raw bytes to the two Parquet files that storage commits. Runs alike on a local thread and in a Ray actor.

It decides nothing: the plan does. It holds at most one chunk's raw bytes and its Arrow batches.
"""

import importlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from chartly.native import Plan, PlanError
from chartly.platform.errors import FieldViolation

from .errors import PlanRefused, StagingUnusable

ACCEPTED_FILE = "accepted.parquet"
REJECTED_FILE = "rejected.parquet"
# zstd's fastest level: the files are read back once at commit, so speed counts more than size.
_COMPRESSION = "zstd"
_COMPRESSION_LEVEL = 1


@dataclass(frozen=True, slots=True)
class PlanSource:
    """What a plan is compiled from. Equal hashes are equal plans."""

    profile_hash: str
    profile_json: str
    """The resolved normalizer profile as RFC 8785 JSON."""
    contract_json: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one run of a plan needs."""

    plan: PlanSource
    staging: str
    """Folder that only this chunk writes to."""
    threads: int


@dataclass(frozen=True, slots=True)
class Written:
    """What one run of a plan gave."""

    records: int
    accepted: int
    rejected: int
    accepted_file: str
    """Name within the staging folder; empty when nothing was accepted."""
    rejected_file: str
    """Name within the staging folder; empty when nothing was rejected."""


class PlanCache:
    """Compiled plans by profile hash, the least recently used dropped beyond ``plans_max``. Safe for threads."""

    def __init__(self, plans_max: int) -> None:
        self._plans_max = plans_max
        self._plans: OrderedDict[str, Plan] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def get(self, source: PlanSource) -> Plan:
        """Give the plan, compiled at its first use.

        Raises:
            PlanRefused: the profile or its contract is not valid; names place and rule.
        """
        with self._lock:
            if source.profile_hash in self._plans:
                self._plans.move_to_end(source.profile_hash)
                return self._plans[source.profile_hash]
        plan = compile_plan(source)
        with self._lock:
            self._plans[source.profile_hash] = plan
            while len(self._plans) > self._plans_max:
                self._plans.popitem(last=False)
        return plan


def compile_plan(source: PlanSource) -> Plan:
    """Compile a plan, outside of any lock: it may take milliseconds.

    Raises:
        PlanRefused: the profile or its contract is not valid.
    """
    try:
        return Plan.compile(source.profile_json, source.contract_json)
    except PlanError as refused:
        raise PlanRefused(violations=(FieldViolation("profile", str(refused), "PROFILE_INVALID"),)) from refused


def run_chunk(chunk: Chunk, raw: Any, plans: PlanCache) -> Written:
    """Run the chunk's plan over its raw bytes and write what it gives.

    Args:
        chunk: what to run and where to write.
        raw: the raw bytes, as any object with the buffer protocol.
        plans: where compiled plans are kept.

    Raises:
        PlanRefused: the profile or its contract is not valid.
        StagingUnusable: the files could not be written.
    """
    outcome = plans.get(chunk.plan).run(raw, threads=chunk.threads)
    stats, folder = outcome.stats, Path(chunk.staging)
    accepted, rejected = int(stats["accepted"]), int(stats["rejected"])
    try:
        if accepted:
            _write(outcome.accepted, folder / ACCEPTED_FILE)
        if rejected:
            _write(outcome.rejected, folder / REJECTED_FILE)
    except OSError as failure:
        raise StagingUnusable(failure.strerror or type(failure).__name__) from failure
    return Written(
        records=int(stats["records"]),
        accepted=accepted,
        rejected=rejected,
        accepted_file=ACCEPTED_FILE if accepted else "",
        rejected_file=REJECTED_FILE if rejected else "",
    )


def _write(batches: Any, path: Path) -> None:
    # Imported when the first chunk is written: 40 MB that an idle process does without. It ships no types.
    pa: Any = importlib.import_module("pyarrow")
    pq: Any = importlib.import_module("pyarrow.parquet")

    with (
        pa.RecordBatchReader.from_stream(batches) as reader,
        pq.ParquetWriter(path, reader.schema, compression=_COMPRESSION, compression_level=_COMPRESSION_LEVEL) as file,
    ):
        for batch in reader:
            file.write_batch(batch)
