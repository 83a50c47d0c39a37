"""The errors of the registry. Errors of documents belong to ``chartly.profiles`` and ``chartly.contracts``.

RegistryError
├── VersionTaken      ALREADY_EXISTS     PROFILE_VERSION_TAKEN
├── NamespaceDenied   PERMISSION_DENIED  PROJECT_DENIED
├── FrozenUnknown     NOT_FOUND          PROFILE_UNKNOWN
├── ReferenceMismatch INVALID_ARGUMENT   PROFILE_INVALID
├── StoredDamaged     DATA_LOSS          CORRUPT
└── PackagedChanged   INTERNAL           INTERNAL
"""

from chartly.platform.errors import AlreadyExists, ChartlyError, DataLoss, Internal, InvalidArgument, NotFound, PermissionDenied, error


class RegistryError(ChartlyError):
    """Base of this package's errors."""


@error(reason="PROFILE_VERSION_TAKEN")
class VersionTaken(RegistryError, AlreadyExists):
    """This version is stored or in use with other content. Raise the version instead."""

    name: str
    content_hash: str
    """The hash of the stored content."""


@error(reason="PROJECT_DENIED")
class NamespaceDenied(RegistryError, PermissionDenied):
    """The namespace is not the caller's project."""

    namespace: str


@error(reason="PROFILE_UNKNOWN")
class FrozenUnknown(RegistryError, NotFound):
    """No profile of this project was frozen under the hash."""

    hash: str


@error(reason="PROFILE_INVALID")
class ReferenceMismatch(RegistryError, InvalidArgument):
    """The document's kind, name or version is not that of the reference it is put under."""

    reference: str
    document: str


@error(reason="CORRUPT")
class StoredDamaged(RegistryError, DataLoss):
    """The stored content does not match its hash. Restore the metadata database from a backup."""

    name: str
    content_hash: str
    """The expected hash."""


@error(reason="INTERNAL")
class PackagedChanged(RegistryError, Internal):
    """A profile of this build differs from the stored one of the same version. A changed profile needs a new version."""

    reference: str
