"""Types of the compiled module. Buffers: any object with the buffer protocol. Columns: any object with ``__arrow_c_array__``."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict, final

from typing_extensions import Buffer

class ArrowColumn(Protocol):
    """An Arrow array by the PyCapsule interface, such as ``pyarrow.Array``."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

class ArrowStream(Protocol):
    """Arrow record batches by the PyCapsule interface, as ``pyarrow.RecordBatchReader.from_stream`` accepts them."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

IS_RELEASE: bool
"""Whether the module was built with optimizations. Measurements without them are meaningless."""

SCAN_PATH: Literal["portable", "avx2", "avx512"]
"""The instructions that scan JSON, chosen for this CPU when the module was loaded. All find the same tokens."""

DIGEST_PATH: Literal["portable", "sha-ni"]
"""The instructions that hash records, chosen for this CPU. ``portable`` means the choice of the ``sha2`` crate."""

def canonicalize(data: Buffer) -> bytes:
    """Return the RFC 8785 bytes of a JSON text.

    Raises:
        MalformedJson: the text is not strict JSON, or repeats a key.
        DepthExceeded: the text is nested deeper than 512.
        NumberNotRepresentable: a number is beyond the largest double.
    """

def parse_check(data: Buffer) -> None:
    """Check that bytes are one JSON text of RFC 8259 and I-JSON, at any depth.

    Raises:
        MalformedJson: they are not.
    """

def query(path: str, document: Buffer) -> list[Any]:
    """Return the nodes that an RFC 9535 path selects, in its order, as Python values.

    Raises:
        PathError: the path is not a valid query.
        MalformedJson: the document is not strict JSON, or an object that the path reads repeats a key.
        DepthExceeded: the text is nested deeper than 512.
        QueryTooExpensive: the path visits more nodes than the bound.
    """

def count_elements(path: str, document: Buffer) -> int | None:
    """Return how many elements the list at an RFC 9535 path has; None when there is no array.

    The list is the array that the path selects first, or the elements that a path with a wildcard, slice or filter at its end selects.

    Raises:
        The errors of ``query``.
    """

def digest(data: Buffer) -> bytes:
    """Return the SHA-256 of bytes."""

def digest_many(values: ArrowColumn) -> ArrowColumn:
    """Return the SHA-256 of each value of a binary or string column without nulls, as ``fixed_size_binary[32]``."""

@final
class Violation:
    """One keyword that is violated at one place of an instance."""

    instance_path: str
    """JSON Pointer into the instance."""
    schema_path: str
    """JSON Pointer from the schema's root along the path of evaluation."""
    keyword: str

@final
class Contract:
    """A JSON Schema 2020-12, ``format`` asserted, compiled once. Safe for threads."""

    @staticmethod
    def compile(
        schema: Mapping[str, Any] | bool | str, *, resources: Mapping[str, Mapping[str, Any] | bool | str] | None = None
    ) -> Contract:
        """Compile a schema. ``resources`` are the schemas that ``$ref`` may lead to, by URI; nothing is fetched.

        Raises:
            ContractError: the schema is invalid.
            MalformedJson: the text is not strict JSON or YAML.
        """

    def is_valid(self, instance: Buffer) -> bool:
        """Return whether a JSON text meets the contract.

        Raises:
            MalformedJson: it is not strict JSON.
        """

    def violations(self, instance: Buffer) -> list[Violation]:
        """Return all violations of a JSON text, ordered by instance path, then schema path.

        Raises:
            MalformedJson: it is not strict JSON.
        """

class Stats(TypedDict):
    """Counts of an input."""

    records: int
    accepted: int
    rejected: int
    blank_lines: int
    bytes: int
    plan_hash: str

@final
class Outcome:
    """The result of running a plan. Each access to a stream makes a new one, with a batch for each MiB of input."""

    @property
    def accepted(self) -> ArrowStream:
        """Accepted records.

        The contract's columns by name, then ``record_id`` (``sha256:<hex>``), ``idempotency_key`` (``fixed_size_binary[32]``),
        ``raw_line``, ``raw_offset``, ``raw_length``, and ``_canonical`` if requested.
        """

    @property
    def rejected(self) -> ArrowStream:
        """``line``, ``offset``, ``length`` and ``reasons``: a list of ``{reason, field, path, rule}``."""

    @property
    def stats(self) -> Stats: ...

@final
class Plan:
    """A resolved normalizer profile and its contract, compiled. It is immutable and safe for threads, and can't be pickled."""

    @staticmethod
    def compile(
        profile: Mapping[str, Any] | str,
        contract: Mapping[str, Any] | bool | str,
        *,
        resources: Mapping[str, Mapping[str, Any] | bool | str] | None = None,
        secrets: Mapping[tuple[str, str], bytes] | None = None,
    ) -> Plan:
        """Compile a profile (the whole document, or its ``spec``) and a contract; text is JSON or YAML.

        ``resources`` are the schemas that the contract's ``$ref`` may lead to, by URI. ``secrets`` are the keys that a ``secretRef`` may
        name, by name and key.

        Raises:
            PlanError: a document breaks a rule. The error names document, place and rule.
            MalformedJson: JSON text that repeats a key.
            chartly.profiles.ProfileInvalid: text that is not YAML, or YAML that repeats a key.
        """

    @property
    def hash(self) -> str:
        """Return the SHA-256 over profile and contract, in hexadecimal."""

    @property
    def fields(self) -> list[str]:
        """Return the names of the canonical fields, in RFC 8785's order."""

    @property
    def columns(self) -> dict[str, str]:
        """Return the contract's columns: PyArrow's name of each type, as datasets name the types of their columns."""

    def run(self, data: Buffer, *, threads: int = 1, canonical: bool = False) -> Outcome:
        """Run over NDJSON, a JSON array or a page, in memory. The result doesn't depend on ``threads``.

        ``canonical`` adds the payload's RFC 8785 text to the accepted columns.
        """

    def explain(self, record: Buffer) -> dict[str, Any]:
        """Trace one record: each field's path, raw value, steps and result, the reasons, the canonical text.

        With ``explode`` each of its ``children`` has such a trace, and their own places start with ``@``. ``raw_left_out`` and
        ``children_left_out`` count what is too much to show; a long value is cut after the start of its text.
        """

class RunStats(TypedDict):
    """Counts and times of a run over files, including reading and writing but not compiling the plan."""

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

    It writes ``accepted.ndjson`` or ``accepted.parquet`` or both, and ``rejected.ndjson``, into ``out``. The files appear complete at the
    end, and don't depend on ``threads``. A signal whose handler raises stops the run within a block.

    Raises:
        InputUnusable: the input can't be read.
        OutputUnusable: a file can't be written.
    """

@final
class ContentHash:
    """The hash of a multiset of {idempotency key, record id}: independent of order, updated by adding and removing. Safe for threads.

    It is LtHash16 of 1,024 words over BLAKE3's extendable output; ``native/index/src/content_hash.rs`` has parameters and sources.
    """

    def __new__(cls, state: Buffer | None = None) -> ContentHash:
        """Start empty, or from a result of ``state()``.

        Raises:
            ValueError: the state does not have 2,048 bytes.
        """

    def add(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Add elements: ``fixed_size_binary[32]`` columns of one length, without nulls; record ids also as ``sha256:<hex>`` text."""

    def remove(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Remove elements that were added."""

    def merge(self, other: ContentHash) -> None:
        """Add all elements of another multiset."""

    def state(self) -> bytes:
        """Return the state as 2,048 bytes, to be stored."""

    def digest(self) -> bytes:
        """Return the SHA-256 of the state."""

    def hexdigest(self) -> str:
        """Return the SHA-256 of the state in hexadecimal."""

@final
class Deduped:
    """The verdicts on the records of a batch.

    Verdicts: 0 new (append it), 1 replaces (append it and remove the old record), 2 duplicate (drop it: the dataset has the same content),
    3 superseded (drop it: other content wins by policy), 4 conflict (quarantine it as ``DUPLICATE_CONFLICT``).
    """

    @property
    def keep(self) -> ArrowColumn:
        """Return a boolean for each record: new or replaces."""

    @property
    def conflicts(self) -> ArrowColumn:
        """Return a boolean for each record: conflict."""

    @property
    def verdicts(self) -> ArrowColumn:
        """Return the verdicts as int8."""

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
    """Decide about each record of a batch, in order, by the keys of the batch and of the dataset.

    ``held`` is the result of ``DedupeIndex.probe(keys)``. Deciding a batch at once, or in parts with an updated index, gives the same keys
    with the same records.

    Raises:
        ValueError: the columns have different lengths or wrong types.
    """

@final
class DedupeIndex:
    """The record id of each idempotency key of one dataset: on disk, durable by batch, open in one process. Safe for threads."""

    @staticmethod
    def open(
        path: str | PathLike[str],
        *,
        cache_bytes: int | None = None,
        memtable_bytes_max: int | None = None,
        worker_threads: int | None = None,
    ) -> DedupeIndex:
        """Open the index in its folder, create it when absent, and recover the last whole batch after a crash.

        Raises:
            IndexLocked: another process, or another object of this one, has it open.
            IndexDamaged: the files are damaged. Rebuild it from the dataset, in an empty folder.
        """

    def probe(self, keys: ArrowColumn) -> ArrowColumn:
        """Return the record id of each key, or null, as ``fixed_size_binary[32]``."""

    def apply(self, keys: ArrowColumn, record_ids: ArrowColumn, *, watermark: int, removed: ArrowColumn | None = None) -> None:
        """Apply a commit atomically and durably: new or changed keys, removed keys, and the commit's number.

        The index then reflects this commit.

        Raises:
            IndexStale: the index reflects a later commit.
        """

    def watermark(self) -> int | None:
        """Return the number of the commit that the index reflects; None before the first."""

    def count(self) -> int:
        """Count the keys by reading all of them."""

    def clear(self) -> None:
        """Remove all keys and the watermark, durably."""

    def rebuild(self) -> Rebuild:
        """Start to rebuild the index beside the current one, which stays in use until ``finish``."""

    def close(self) -> None:
        """Close the index. Later calls fail, except a second ``close``."""

@final
class Rebuild:
    """A rebuild in progress. If it is abandoned, the index stays unchanged."""

    def add(self, keys: ArrowColumn, record_ids: ArrowColumn) -> None:
        """Add keys with their record ids, in any order."""

    def finish(self, watermark: int) -> None:
        """Replace the old index by the new one, durably."""
