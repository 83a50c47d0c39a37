"""The errors of profiles. They know no transport.

ProfilesError
├── ReferenceInvalid   INVALID_ARGUMENT     PROFILE_INVALID
├── ProfileInvalid     INVALID_ARGUMENT     PROFILE_INVALID   has every violation with its place
├── ProfileUnknown     NOT_FOUND            PROFILE_UNKNOWN
├── LookupRefused      FAILED_PRECONDITION  PROFILE_INVALID   a looked-up table is not the one that the profile pins
└── ProfileCycle       FAILED_PRECONDITION  PROFILE_CYCLE     has the chain
"""

from dataclasses import field

from chartly.platform.errors import ChartlyError, FailedPrecondition, FieldViolation, InvalidArgument, NotFound, error

from .limits import VIOLATIONS_MAX
from .violation import Violation, field_violations


class ProfilesError(ChartlyError):
    """Base of this package's errors."""


@error(reason="PROFILE_INVALID")
class ReferenceInvalid(ProfilesError, InvalidArgument):
    """A profile is named <tenant>/<project>::<kind>/<name>@<semver> or global::<kind>/<name>@<semver>."""

    reference: str
    rule: str

    @classmethod
    def of(cls, reference: str, rule: str) -> "ReferenceInvalid":
        """Return the error for the request field ``ref``."""
        shape = "must be <tenant>/<project>::<kind>/<name>@<semver> or global::<kind>/<name>@<semver>"
        return cls(reference, rule, violations=(FieldViolation("ref", shape, rule),))


@error(reason="PROFILE_INVALID")
class ProfileInvalid(ProfilesError, InvalidArgument):
    """The document breaks rules of the profile language."""

    found: tuple[Violation, ...] = field(default=())

    @property
    def message(self) -> str:
        """All violations, one on each line, in the form that compilers print."""
        return "\n".join(str(violation) for violation in self.found)

    def facts(self) -> dict[str, str]:
        """The number of broken rules."""
        return {"violations": str(len(self.found))}

    @classmethod
    def of(cls, found: list[Violation]) -> "ProfileInvalid":
        """Return the error for the violations ``found``, in the order of the text; at most 100."""
        ordered = tuple(sorted(found)[:VIOLATIONS_MAX])
        return cls(ordered, violations=field_violations(ordered))


@error(reason="PROFILE_UNKNOWN")
class ProfileUnknown(ProfilesError, NotFound):
    """No profile has this reference, in its namespace or in global."""

    reference: str


@error(reason="PROFILE_INVALID")
class LookupRefused(ProfilesError, FailedPrecondition):
    """The dataset's version does not have the table that the profile's lookup pins."""

    dataset: str
    version: int
    problem: str


@error(reason="PROFILE_CYCLE")
class ProfileCycle(ProfilesError, FailedPrecondition):
    """The profile extends itself, or its chain of bases is too long."""

    chain: str
    """The references in order, joined by arrows."""
