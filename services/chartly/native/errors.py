"""The errors of the compiled core. The binding raises them by name, with their facts as attributes.

NativeError
├── MalformedJson            the bytes are not strict JSON
├── DepthExceeded            nested deeper than a limit
├── TooLarge                 longer than a limit
├── NumberNotRepresentable   RFC 8785 can't write a number
├── PathError                the text is not an RFC 9535 query
├── QueryTooExpensive        a query visits more nodes than its bound
├── ContractError            the schema is invalid
├── PlanError                the profile, or its contract, doesn't compile
├── InputUnusable            a file can't be read
├── OutputUnusable           a file can't be written
└── IndexRefused             an error of the dedupe index
    ├── IndexLocked          another process has it open
    ├── IndexDamaged         files are damaged; rebuild it
    ├── IndexPoisoned        a write failed; open it again
    ├── IndexUnusable        the operating system returned an error
    └── IndexStale           the batch is older than the index
"""

from dataclasses import dataclass


class NativeError(Exception):
    """Base of the errors of ``chartly.native``. Invalid arguments are ``ValueError`` and ``TypeError`` instead."""


@dataclass(eq=False)
class MalformedJson(NativeError):
    """Bytes that are not JSON of RFC 8259 and I-JSON (RFC 7493)."""

    offset: int
    """The byte that breaks the rule, or the input's end."""
    rule: str
    """Stable name of the rule, such as ``trailing-text``."""

    def __str__(self) -> str:
        return f"malformed JSON at byte {self.offset}: {self.rule}"


@dataclass(eq=False)
class DepthExceeded(NativeError):
    """JSON that is nested deeper than the limit."""

    offset: int
    depth_max: int

    def __str__(self) -> str:
        return f"nested deeper than {self.depth_max} at byte {self.offset}"


@dataclass(eq=False)
class TooLarge(NativeError):
    """JSON that is longer than the limit."""

    payload_bytes: int
    payload_bytes_max: int

    def __str__(self) -> str:
        return f"{self.payload_bytes} bytes, over the limit of {self.payload_bytes_max}"


@dataclass(eq=False)
class NumberNotRepresentable(NativeError):
    """A number that RFC 8785 can't write."""

    offset: int
    problem: str

    def __str__(self) -> str:
        return f"at byte {self.offset}: {self.problem}"


@dataclass(eq=False)
class PathError(NativeError):
    """Text that is not an RFC 9535 query."""

    position: int
    """Byte offset in the query."""
    problem: str

    def __str__(self) -> str:
        return f"at byte {self.position}: {self.problem}"


@dataclass(eq=False)
class QueryTooExpensive(NativeError):
    """A query that would visit more nodes of the document than its bound."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class ContractError(NativeError):
    """A schema that can't be compiled to a contract."""

    pointer: str
    """JSON Pointer into the schema."""
    rule: str
    """Stable name of the rule, such as ``reference``."""
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class PlanError(NativeError):
    """A profile, or its contract, that doesn't compile to a plan."""

    document: str
    """``profile`` or ``contract``."""
    pointer: str
    """JSON Pointer into that document, as it was passed in."""
    rule: str
    """Stable name of the rule, such as ``unknownKey``."""
    detail: str

    def __str__(self) -> str:
        return f"{self.document}{self.pointer}: {self.rule}: {self.detail}"


@dataclass(eq=False)
class InputUnusable(NativeError):
    """A file that can't be read, or that is too large."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be read: {self.problem}"


@dataclass(eq=False)
class OutputUnusable(NativeError):
    """A file, or the folder for it, that can't be written."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be written: {self.problem}"


class IndexRefused(NativeError):
    """Base of the dedupe index's errors."""


@dataclass(eq=False)
class IndexLocked(IndexRefused):
    """Another process has the index open."""

    path: str

    def __str__(self) -> str:
        return f"the index at {self.path} is open in another process"


@dataclass(eq=False)
class IndexDamaged(IndexRefused):
    """Files of the index are missing, truncated or don't match their checksums. Rebuild it."""

    path: str
    detail: str

    def __str__(self) -> str:
        return f"the index at {self.path} is damaged: {self.detail}"


@dataclass(eq=False)
class IndexPoisoned(IndexRefused):
    """An earlier write failed, so the state on disk is unknown. Open the index again."""

    path: str

    def __str__(self) -> str:
        return f"the index at {self.path} refuses writes after a failed write"


@dataclass(eq=False)
class IndexUnusable(IndexRefused):
    """The operating system returned an error."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"the index at {self.path} cannot be read or written: {self.problem}"


@dataclass(eq=False)
class IndexStale(IndexRefused):
    """A batch for a commit that is older than the index's watermark."""

    held: int
    given: int

    def __str__(self) -> str:
        return f"the batch's watermark {self.given} is older than the index's {self.held}"
