"""The errors of normalization. A record that breaks a rule is not an error: it goes to quarantine.

ChartlyError
├── EngineBusy        RESOURCE_EXHAUSTED  QUEUE_FULL
├── EngineMissing     FAILED_PRECONDITION SERVICE_UNAVAILABLE
├── EngineFailed      UNAVAILABLE         SERVICE_UNAVAILABLE
├── EngineAway        UNAVAILABLE         SERVICE_UNAVAILABLE
├── ClusterUnreachable UNAVAILABLE        SERVICE_UNAVAILABLE
├── StagingUnusable   UNAVAILABLE         SERVICE_UNAVAILABLE
├── BlobTooLarge      RESOURCE_EXHAUSTED  PAYLOAD_TOO_LARGE
├── ChunkTooManyRecords INVALID_ARGUMENT  PAYLOAD_TOO_LARGE
├── ContractDamaged   DATA_LOSS           CORRUPT
└── PlanRefused       INVALID_ARGUMENT    PROFILE_INVALID
"""

from chartly.platform.errors import DataLoss, FailedPrecondition, InvalidArgument, ResourceExhausted, Unavailable, error


@error(reason="QUEUE_FULL")
class EngineBusy(ResourceExhausted):
    """Too many chunks wait for the engine; retry later."""

    waiting_max: int


@error(reason="SERVICE_UNAVAILABLE")
class EngineMissing(FailedPrecondition):
    """The configured engine needs a package that is not installed."""

    engine: str
    extra: str


@error(reason="SERVICE_UNAVAILABLE")
class EngineFailed(Unavailable):
    """The engine lost the worker that ran the chunk."""

    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class EngineAway(Unavailable):
    """The engine has lost its workers, and is connecting again; retry later."""

    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class ClusterUnreachable(Unavailable):
    """The Ray cluster doesn't answer: check that it runs, and that normalizer.ray_address is its address."""

    address: str


@error(reason="SERVICE_UNAVAILABLE")
class StagingUnusable(Unavailable):
    """The folder for a chunk's files is not writable, for example because the disk is full. Nothing was committed."""

    problem: str


@error(reason="PAYLOAD_TOO_LARGE")
class ChunkTooLarge(ResourceExhausted):
    """The raw bytes of one chunk are larger than its bound."""

    payload_bytes_max: int


@error(reason="PAYLOAD_TOO_LARGE")
class ChunkTooManyRecords(InvalidArgument):
    """The chunk has more records than one commit may have; its raw bytes stay. Ask the source for smaller pages, or raise the limit."""

    records_max: int


@error(reason="CORRUPT")
class ContractDamaged(DataLoss):
    """The contract stored with a profile differs from the one that the profile was frozen with."""

    profile: str
    contract_hash: str
    """The expected hash."""


@error(reason="PROFILE_INVALID")
class PlanRefused(InvalidArgument):
    """The profile and its contract do not compile to a plan; the violations name each place and rule."""
