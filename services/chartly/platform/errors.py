"""Errors with facts and a status. This module knows no gRPC: ``rpc/status.py`` encodes the errors for it.

ChartlyError
├── InvalidArgument      the request is wrong in any state of the system; has field violations
├── Unauthenticated      the caller is not known
├── PermissionDenied     the caller is known, but lacks the permission
├── NotFound             the caller's project has no such thing
├── AlreadyExists        the name is in use with other content
├── FailedPrecondition   the request is right, the state is wrong; change the state, then retry
├── Aborted              a concurrent change came first; retry from the start
├── OutOfRange           a position past the end
├── ResourceExhausted    a bound or quota is reached; has a time to retry
├── Unavailable          a dependency is not available; has a time to retry
├── DeadlineExceeded     the deadline has passed
├── Unimplemented        this build lacks the function
├── DataLoss             stored bytes don't have their hash
└── Internal             a broken invariant of the platform

An error of a service is a class under ``@error(reason="QUARANTINE_UNKNOWN")`` with one of these as a base. Its docstring's first
line is the message, its fields are the facts; both go to the client.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeVar, dataclass_transform

UNSPECIFIED = "REASON_UNSPECIFIED"
"""The reason of the status classes; an error that is raised has a reason of its own."""

_INVALID_ARGUMENT = 3
# google.rpc codes with which the same request is refused again, whatever the time.
_FINAL_CODES = frozenset(
    {
        _INVALID_ARGUMENT,
        5,  # NOT_FOUND: what services name to each other is immutable, so it will not appear
        6,  # ALREADY_EXISTS
        7,  # PERMISSION_DENIED
        9,  # FAILED_PRECONDITION: the state that it names needs a person
        11,  # OUT_OF_RANGE
        12,  # UNIMPLEMENTED
        15,  # DATA_LOSS: what is corrupt stays so until it is repaired
    }
)
# Of RESOURCE_EXHAUSTED: a bound on the request itself, and not on how much is under way.
_FINAL_REASONS = frozenset({"PAYLOAD_TOO_LARGE", "QUERY_LIMIT"})
_AWAY_CODES = frozenset(
    {
        1,  # CANCELLED: the connection broke in the middle of the call
        4,  # DEADLINE_EXCEEDED
        14,  # UNAVAILABLE
    }
)
_NOT_FACTS = frozenset({"violations", "retry_after_s"})

E = TypeVar("E", bound="type[ChartlyError]")


class FieldViolation(NamedTuple):
    """One thing wrong with one field of a request.

    ``field`` is the path in the client's request (``workflow.schedule.cron``), ``description`` states the rule and never contains the
    customer's value.
    """

    field: str
    description: str
    reason: str = ""


class ChartlyError(Exception):
    """Base of all errors that Chartly raises."""

    code: ClassVar[int] = 13
    """The google.rpc.Code."""
    reason: ClassVar[str] = "INTERNAL"
    """A name of the proto enum ``chartly.v1.Reason``, without its prefix."""

    @property
    def is_final(self) -> bool:
        """Whether the same request would be refused again at any time."""
        return self.code in _FINAL_CODES or self.reason in _FINAL_REASONS

    @property
    def message(self) -> str:
        """One sentence: the docstring's first line, then the facts."""
        first_line = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0].rstrip(".")
        facts = ", ".join(f"{name}={value}" for name, value in self.facts().items())
        return f"{first_line} ({facts})" if facts else first_line

    def facts(self) -> dict[str, str]:
        """The error's fields as text, as clients see them in ``ErrorInfo.metadata``; unset ones are left out."""
        if not dataclasses.is_dataclass(self):
            return {}
        named = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: str(value) for name, value in named if name not in _NOT_FACTS and value is not None}

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields, since Ray pickles errors and Python's default for exceptions loses keyword arguments."""
        if not dataclasses.is_dataclass(self):
            return super().__reduce__()  # type: ignore[return-value]
        return _rebuild, (type(self), {field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


def _rebuild(cls: type[ChartlyError], fields: dict[str, Any]) -> ChartlyError:
    return cls(**fields)


def _set_only_dunders(self: ChartlyError, name: str, value: object) -> None:
    """Refuse changes of facts, but allow the interpreter and contextlib to set ``__traceback__``, ``__context__`` and ``__notes__``."""
    if not name.startswith("__"):
        raise dataclasses.FrozenInstanceError(name)
    object.__setattr__(self, name, value)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(dataclasses.field,))
def error(*, reason: str) -> Callable[[E], E]:
    """Return a decorator that makes a class a frozen dataclass of facts with a reason code.

    ``dataclasses.dataclass(frozen=True)`` alone would break ``contextlib.contextmanager`` and ``ExitStack``, which set
    ``__traceback__`` on errors that pass through them.
    """

    def decorate(cls: E) -> E:
        cls.reason = reason
        return _freeze(cls)

    return decorate


def _freeze(cls: E) -> E:
    made = dataclasses.dataclass(frozen=True, eq=False)(cls)
    made.__setattr__ = _set_only_dunders  # type: ignore[method-assign,assignment]
    return made


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(dataclasses.field,))
def _status(code: int, reason: str) -> Callable[[E], E]:
    def decorate(cls: E) -> E:
        cls.code = code
        cls.reason = reason
        return _freeze(cls)

    return decorate


@_status(3, "INVALID_REQUEST")
class InvalidArgument(ChartlyError):
    """The request is not valid."""

    violations: tuple[FieldViolation, ...] = dataclasses.field(default=(), kw_only=True)


@_status(16, "TOKEN_INVALID")
class Unauthenticated(ChartlyError):
    """The caller is not known."""


@_status(7, "PERMISSION_DENIED")
class PermissionDenied(ChartlyError):
    """The caller may not do this."""


@_status(5, UNSPECIFIED)
class NotFound(ChartlyError):
    """This project has no such thing."""


@_status(6, UNSPECIFIED)
class AlreadyExists(ChartlyError):
    """The name is in use with other content."""


@_status(9, UNSPECIFIED)
class FailedPrecondition(ChartlyError):
    """The present state doesn't allow this."""


@_status(10, UNSPECIFIED)
class Aborted(ChartlyError):
    """A concurrent change came first; retry from the start."""


@_status(11, UNSPECIFIED)
class OutOfRange(ChartlyError):
    """The position is past the end."""


@_status(8, "QUOTA_EXCEEDED")
class ResourceExhausted(ChartlyError):
    """A bound is reached."""

    retry_after_s: float = dataclasses.field(default=1.0, kw_only=True)


@_status(14, "SERVICE_UNAVAILABLE")
class Unavailable(ChartlyError):
    """A dependency is not available."""

    retry_after_s: float = dataclasses.field(default=1.0, kw_only=True)


@_status(4, "DEADLINE_EXCEEDED")
class DeadlineExceeded(ChartlyError):
    """The deadline has passed."""


@_status(12, UNSPECIFIED)
class Unimplemented(ChartlyError):
    """This build lacks the function."""


@_status(15, "CORRUPT")
class DataLoss(ChartlyError):
    """Stored bytes don't have their hash."""


@_status(13, "INTERNAL")
class Internal(ChartlyError):
    """An invariant of the platform is broken."""


@error(reason="INVALID_REQUEST")
class InvalidRequest(InvalidArgument):
    """Fields of the request are missing or wrong."""


class Violations:
    """Collects all violations of a request, to raise them at once."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str, reason: str = "") -> None:
        """Add one violation."""
        self._found.append(FieldViolation(field, description, reason))

    def require(self, field: str, *, present: object) -> None:
        """Add a violation unless ``present`` is true (a non-empty string, a set message)."""
        if not present:
            self.add(field, "is required")

    def raise_if_any(self) -> None:
        """Raise ``InvalidRequest`` with all violations, if there is any.

        Raises:
            InvalidRequest: at least one violation was added.
        """
        if self._found:
            raise InvalidRequest(violations=tuple(self._found))


@error(reason="INTERNAL")
class RemoteError(ChartlyError):
    """Another service refused or failed.

    Carries what it said, so that a caller can branch on ``remote_reason`` and what isn't caught goes on to the client unchanged.
    """

    service: str
    remote_code: int
    remote_reason: str
    remote_message: str
    metadata: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    violations: tuple[FieldViolation, ...] = ()
    retry_after_s: float | None = None

    @property
    def message(self) -> str:
        """What the other service said."""
        return self.remote_message

    @property
    def is_final(self) -> bool:
        """Whether the same request would be refused again, whatever the time."""
        return self.remote_code in _FINAL_CODES or self.remote_reason in _FINAL_REASONS

    @property
    def is_away(self) -> bool:
        """Whether the other service gave no answer of its own: it is down, or didn't answer in time."""
        return self.remote_code in _AWAY_CODES

    @property
    def is_denied(self) -> bool:
        """Whether the caller may not make the request."""
        return self.remote_code == PermissionDenied.code

    @property
    def is_not_served(self) -> bool:
        """Whether the address is that of a process without the service."""
        return self.remote_code == Unimplemented.code

    @property
    def is_full(self) -> bool:
        """Whether a bound on what is under way is reached, so that the same request may succeed later."""
        return self.remote_code == ResourceExhausted.code and not self.is_final

    @property
    def is_invalid(self) -> bool:
        """Whether the request itself breaks a rule."""
        return self.remote_code == _INVALID_ARGUMENT

    def facts(self) -> dict[str, str]:
        """The other service's facts."""
        return dict(self.metadata)
