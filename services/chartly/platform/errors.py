"""Errors that carry facts and know their status. Nothing here knows gRPC: ``rpc/status.py`` turns them into what goes over the wire.

ChartlyError
├── InvalidArgument      the request is wrong whatever the state of the system; carries field violations
├── Unauthenticated      nobody vouches for the caller
├── PermissionDenied     the caller is known and may not
├── NotFound             no such thing within the caller's project
├── AlreadyExists        the name is taken by other content
├── FailedPrecondition   right request, wrong state; fix the state, then ask again
├── Aborted              a race was lost; ask again from the start
├── OutOfRange           past the end
├── ResourceExhausted    a bound or quota is reached; says when to ask again
├── Unavailable          a dependency is away; says when to ask again
├── DeadlineExceeded     no time is left
├── Unimplemented        this build can't
├── DataLoss             stored bytes don't hash to what they should
└── Internal             a broken invariant of ours

An error of a service is a class under ``@error(reason="QUARANTINE_UNKNOWN")`` with one of these as a base. Its docstring's first
line is the message, its fields are the facts; both go to the client.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeVar, dataclass_transform

UNSPECIFIED = "REASON_UNSPECIFIED"
"""The reason of a status class itself; what is raised names one of its own."""

_NOT_FACTS = frozenset({"violations", "retry_after_s"})

E = TypeVar("E", bound="type[ChartlyError]")


class FieldViolation(NamedTuple):
    """One thing wrong with one field of a request.

    ``field`` is the path in the request as the client wrote it (``workflow.schedule.cron``), ``description`` says the rule, never
    the customer's value.
    """

    field: str
    description: str
    reason: str = ""


class ChartlyError(Exception):
    """Base of all errors that Chartly raises on purpose."""

    code: ClassVar[int] = 13
    """The google.rpc.Code."""
    reason: ClassVar[str] = "INTERNAL"
    """A name of the proto enum ``chartly.v1.Reason``, without its prefix."""

    @property
    def message(self) -> str:
        """One sentence for a person: the docstring's first line, then the facts."""
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
        """Pickle by fields: an exception's own way loses keyword arguments, and Ray pickles errors."""
        if not dataclasses.is_dataclass(self):
            return super().__reduce__()  # type: ignore[return-value]
        return _rebuild, (type(self), {field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


def _rebuild(cls: type[ChartlyError], fields: dict[str, Any]) -> ChartlyError:
    return cls(**fields)


def _set_only_dunders(self: ChartlyError, name: str, value: object) -> None:
    """Keep facts frozen, yet let the interpreter and contextlib set ``__traceback__``, ``__context__`` and ``__notes__``."""
    if not name.startswith("__"):
        raise dataclasses.FrozenInstanceError(name)
    object.__setattr__(self, name, value)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(dataclasses.field,))
def error(*, reason: str) -> Callable[[E], E]:
    """Make an error class a frozen dataclass of facts with a reason code.

    ``dataclasses.dataclass(frozen=True)`` alone would break ``contextlib.contextmanager`` and ``ExitStack``, which set
    ``__traceback__`` on what passes through them.
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
    """Nobody vouches for the caller."""


@_status(7, "PERMISSION_DENIED")
class PermissionDenied(ChartlyError):
    """The caller may not do this."""


@_status(5, UNSPECIFIED)
class NotFound(ChartlyError):
    """There is no such thing in this project."""


@_status(6, UNSPECIFIED)
class AlreadyExists(ChartlyError):
    """The name is taken by other content."""


@_status(9, UNSPECIFIED)
class FailedPrecondition(ChartlyError):
    """The state doesn't allow it."""


@_status(10, UNSPECIFIED)
class Aborted(ChartlyError):
    """A race was lost; ask again from the start."""


@_status(11, UNSPECIFIED)
class OutOfRange(ChartlyError):
    """That is past the end."""


@_status(8, "QUOTA_EXCEEDED")
class ResourceExhausted(ChartlyError):
    """A bound is reached."""

    retry_after_s: float = dataclasses.field(default=1.0, kw_only=True)


@_status(14, "SERVICE_UNAVAILABLE")
class Unavailable(ChartlyError):
    """Something that is needed is away."""

    retry_after_s: float = dataclasses.field(default=1.0, kw_only=True)


@_status(4, "DEADLINE_EXCEEDED")
class DeadlineExceeded(ChartlyError):
    """No time is left."""


@_status(12, UNSPECIFIED)
class Unimplemented(ChartlyError):
    """This build can't do that."""


@_status(15, "CORRUPT")
class DataLoss(ChartlyError):
    """Stored bytes are not what was stored."""


@_status(13, "INTERNAL")
class Internal(ChartlyError):
    """An invariant of ours is broken."""


@error(reason="INVALID_REQUEST")
class InvalidRequest(InvalidArgument):
    """Fields of the request are missing or wrong."""


class Violations:
    """Collect all that is wrong with a request, then raise once: clients should not learn their mistakes one by one."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str, reason: str = "") -> None:
        """Note one violation."""
        self._found.append(FieldViolation(field, description, reason))

    def require(self, field: str, *, present: object) -> None:
        """Note a violation unless ``present`` is true (a non-empty string, a set message)."""
        if not present:
            self.add(field, "is required")

    def raise_if_any(self) -> None:
        """Raise ``InvalidRequest`` with everything noted, or return when there is nothing.

        Raises:
            InvalidRequest: at least one violation was noted.
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

    def facts(self) -> dict[str, str]:
        """The other service's facts."""
        return dict(self.metadata)
