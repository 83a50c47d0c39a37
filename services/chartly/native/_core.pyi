"""Types of the compiled module. Buffers: any object with the buffer protocol. Columns: any object with ``__arrow_c_array__``."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict, final

from typing_extensions import Buffer

class ArrowColumn(Protocol):
    """An Arrow array by the PyCapsule interface, such as ``pyarrow.Array``."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

class ArrowStream(Protocol):
    """Arrow record batches by the PyCapsule interface: ``pyarrow.RecordBatchReader.from_stream`` takes it."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

IS_RELEASE: bool
"""Whether the module was built with optimizations; what is measured without them says nothing."""

SCAN_PATH: Literal["portable", "avx2", "avx512"]
"""The instructions that JSON is read with, asked of this CPU when the module was loaded. All give the same tokens."""

DIGEST_PATH: Literal["portable", "sha-ni"]
"""The instructions that records are hashed with, asked of this CPU; ``portable`` is what the ``sha2`` crate chooses."""

def canonicalize(data: Buffer) -> bytes:
    """Give the RFC 8785 bytes of a JSON text.

    Raises:
        MalformedJson: not strict JSON, or a key twice.
        DepthExceeded: nested deeper than 512.
        NumberNotRepresentable: a number beyond the largest double.
    """

def parse_check(data: Buffer) -> None:
    """Check that bytes are one JSON text after RFC 8259 and I-JSON, at any depth.

    Raises:
        MalformedJson: they are not.
    """

def query(path: str, document: Buffer) -> list[Any]:
    """Give what an RFC 9535 path selects, in its order, as Python values.

    Raises:
        PathError: the path is no query.
        MalformedJson: the document is not strict JSON, or an object that the path reads has a key twice.
        DepthExceeded: nested deeper than 512.
        QueryTooExpensive: the path visits more nodes than the bound.
    """

def count_elements(path: str, document: Buffer) -> int:
    """Give the number of elements of the array that is the first node which an RFC 9535 path selects; 0 when there is none.

    Raises:
        What ``query`` raises.
    """

def digest(data: Buffer) -> bytes:
    """Give the SHA-256 of bytes."""

def digest_many(values: ArrowColumn) -> ArrowColumn:
    """Give the SHA-256 of each value of a binary or string column without nulls, as ``fixed_size_binary[32]``."""

@final
class Violation:
    """One keyword that fails at one place of an instance."""

    instance_path: str
    """JSON Pointer into the instance."""
    schema_path: str
    """JSON Pointer from the schema's root along the way that evaluation took."""
    keyword: str

@final
class Contract:
    """A JSON Schema 2020-12, ``format`` asserted, compiled once. Safe for threads."""

    @staticmethod
    def compile(
        schema: Mapping[str, Any] | bool | str, *, resources: Mapping[str, Mapping[str, Any] | bool | str] | None = None
    ) -> Contract:
        """Compile a schema; nothing is ever fetched: ``resources`` are what ``$ref`` may lead to, by URI.

        Raises:
            ContractError: it is no contract.
            MalformedJson: the text is not strict JSON or YAML.
        """

    def is_valid(self, instance: Buffer) -> bool:
        """Tell whether a JSON text meets the contract.

        Raises:
            MalformedJson: it is not strict JSON.
        """

    def violations(self, instance: Buffer) -> list[Violation]:
        """Give everything that a JSON text breaks, by instance path, then schema path.

        Raises:
            MalformedJson: it is not strict JSON.
        """

class Stats(TypedDict):
    """What an input held."""

    records: int
    accepted: int
    rejected: int
    blank_lines: int
    bytes: int
    plan_hash: str

@final
class Outcome:
    """What running a plan gave. Its streams are made anew at each access, a batch for each MiB of input."""

    @property
    def accepted(self) -> ArrowStream:
        """Accepted records.

        The contract's columns by name, then ``record_id`` (``sha256:<hex>``), ``idempotency_key`` (``fixed_size_binary[32]``),
        ``raw_line``, ``raw_offset``, ``raw_length``, and ``_canonical`` when it was asked for.
        """

    @property
    def rejected(self) -> ArrowStream:
        """``line``, ``offset``, ``length`` and ``reasons``: a list of ``{reason, field, path, rule}``."""

    @property
    def stats(self) -> Stats: ...

@final
class Plan:
    """A resolved normalizer profile and its contract, compiled: immutable, safe for threads, not to be pickled."""

    @staticmethod
    def compile(
        profile: Mapping[str, Any] | str,
        contract: Mapping[str, Any] | bool | str,
        *,
        resources: Mapping[str, Mapping[str, Any] | bool | str] | None = None,
        secrets: Mapping[tuple[str, str], bytes] | None = None,
    ) -> Plan:
        """Compile a profile (the whole document, or its ``spec``) and a contract; text is JSON or YAML.

        ``resources`` are what the contract's ``$ref`` may lead to, by URI; ``secrets`` what a ``secretRef`` may name, by name and key.

        Raises:
            PlanError: a document breaks a rule; names document, place and rule.
            MalformedJson: JSON text with a key twice.
            chartly.profiles.ProfileInvalid: text that is no YAML, or YAML with a key twice.
        """

    @property
    def hash(self) -> str:
        """SHA-256 over profile and contract, in hexadecimal."""

    @property
    def fields(self) -> list[str]:
        """Names of the canonical fields, in RFC 8785's order."""

    def run(self, data: Buffer, *, threads: int = 1, canonical: bool = False) -> Outcome:
        """Run over NDJSON, a JSON array or a page, in memory. The outcome doesn't depend on ``threads``.

        ``canonical`` adds the payload's RFC 8785 text to the accepted columns.
        """

    def explain(self, record: Buffer) -> dict[str, Any]:
        """Trace one record: each field's path, raw value, steps and result, the reasons, the canonical text.

        With ``explode`` there is such a trace for each of its ``children``, whose own places begin with ``@``. What is too much to show
        is counted: ``raw_left_out``, ``children_left_out``; of a long value there is the begin of its text.
        """

class RunStats(TypedDict):
    """What a run over files did and took: running the plan, reading and writing included, compiling it not."""

    records: int
    accepted: int
    rejected: int
    blank_lines: int
    bytes: int
    cpu_seconds: float
    wall_seconds: float
    records_per_s: float
    threads: int
    plan_hash: str

def run_files(
    plan: Plan,
    source: str | PathLike[str] | None,
    out: str | PathLike[str],
    *,
    format: Literal["ndjson", "parquet", "both", "none"] = "ndjson",  # noqa: A002 - the option's name
    threads: int = 1,
) -> RunStats:
    """Run a plan over a file, or over standard input (None), in bounded memory.

    Writes ``accepted.ndjson`` or ``accepted.parquet`` or both, and ``rejected.ndjson``, into ``out``; they appear when all is done, and
    don't depend on ``threads``. A signal whose handler raises stops it within a block.

    Raises:
        InputUnusable: the input can't be read.
        OutputUnusable: a file can't be written.
    """

@final
class ContentHash:
    """The hash of a multiset of {idempotency key, record id}: independent of order, kept by adding and removing. Safe for threads.

    LtHash16 of 1,024 words over BLAKE3's extendable output; ``native/index/src/content_hash.rs`` has parameters and sources.
    """

    def __new__(cls, state: Buffer | None = None) -> ContentHash:
        """Start empty, or from what ``state()`` gave.

        Raises:
            ValueError: the state has not 2,048 bytes.
        """

    def add(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Add elements: ``fixed_size_binary[32]`` columns of one length, without nulls; record ids also as ``sha256:<hex>`` text."""

    def remove(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Take out elements that were added."""

    def merge(self, other: ContentHash) -> None:
        """Add all elements of another multiset."""

    def state(self) -> bytes:
        """Give the 2,048 bytes to keep."""

    def digest(self) -> bytes:
        """Give the SHA-256 of the state."""

    def hexdigest(self) -> str:
        """Give the SHA-256 of the state in hexadecimal."""

@final
class Deduped:
    """What becomes of each record of a batch.

    Verdicts: 0 new (append it), 1 replaces (append it, take out the held record), 2 duplicate (drop it: the same content is there),
    3 superseded (drop it: other content wins by policy), 4 conflict (quarantine it as ``DUPLICATE_CONFLICT``).
    """

    @property
    def keep(self) -> ArrowColumn:
        """Booleans: new or replaces."""

    @property
    def conflicts(self) -> ArrowColumn:
        """Booleans: conflict."""

    @property
    def verdicts(self) -> ArrowColumn:
        """Verdicts as int8."""

    @property
    def new_count(self) -> int: ...
    @property
    def replaces_count(self) -> int: ...
    @property
    def duplicate_count(self) -> int: ...
    @property
    def superseded_count(self) -> int: ...
    @property
    def conflict_count(self) -> int: ...

def dedupe(keys: ArrowColumn, record_ids: ArrowColumn, held: ArrowColumn, policy: Literal["first", "last", "quarantine"]) -> Deduped:
    """Decide each record of a batch, in its order, by the keys within the batch and by what the dataset holds.

    ``held`` is what ``DedupeIndex.probe(keys)`` gave. Deciding a batch at once, or in parts with the index updated between, leaves the
    same keys with the same records.

    Raises:
        ValueError: columns of different lengths or types.
    """

@final
class DedupeIndex:
    """Which record id each idempotency key of one dataset holds: on disk, durable by batch, open in one process. Safe for threads."""

    @staticmethod
    def open(
        path: str | PathLike[str],
        *,
        cache_bytes: int | None = None,
        memtable_bytes_max: int | None = None,
        worker_threads: int | None = None,
    ) -> DedupeIndex:
        """Open the index in a folder of its own, created when absent; after a crash, as of its last whole batch.

        Raises:
            IndexLocked: another process, or another object of this one, has it open.
            IndexDamaged: rebuild it from the dataset, in an emptied folder.
        """

    def probe(self, keys: ArrowColumn) -> ArrowColumn:
        """Give the record id that each key holds, or null: ``fixed_size_binary[32]``."""

    def apply(self, keys: ArrowColumn, record_ids: ArrowColumn, *, watermark: int, removed: ArrowColumn | None = None) -> None:
        """Apply a commit whole or not at all, durable on return: what keys hold now, keys that hold nothing more, the commit's number.

        Raises:
            IndexStale: the index is past this commit.
        """

    def watermark(self) -> int | None:
        """Give the number of the commit that the index reflects; None before the first."""

    def count(self) -> int:
        """Count the keys by reading all of them."""

    def clear(self) -> None:
        """Forget all keys and the watermark, durably."""

    def rebuild(self) -> Rebuild:
        """Start to build the index anew beside the current one, which stays in use until ``finish``."""

    def close(self) -> None:
        """Close it; other calls are refused from then on. A second call does nothing."""

@final
class Rebuild:
    """A rebuild under way; given up, it leaves the index as it was."""

    def add(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Add keys with their record ids, in any order."""

    def finish(self, watermark: int) -> None:
        """Put the new index in the old one's place, durably."""
