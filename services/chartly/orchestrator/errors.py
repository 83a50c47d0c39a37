"""The orchestrator's errors, as facts. Nothing here knows gRPC.

ChartlyError
├── WorkflowUnknown      NOT_FOUND             WORKFLOW_UNKNOWN
├── RunUnknown           NOT_FOUND             RUN_UNKNOWN
├── WorkflowConflict     ALREADY_EXISTS        WORKFLOW_CONFLICT
├── WorkflowInvalid      INVALID_ARGUMENT      PROFILE_INVALID
├── TooManyRuns          RESOURCE_EXHAUSTED    QUEUE_FULL
├── TooManyEvents        RESOURCE_EXHAUSTED    QUEUE_FULL
├── HookUnknown          NOT_FOUND             HOOK_UNKNOWN
├── DeadLetterUnknown    NOT_FOUND             DEAD_LETTER_UNKNOWN
├── NothingToRetry       FAILED_PRECONDITION   ILLEGAL_TRANSITION
├── NotScheduled         FAILED_PRECONDITION   ILLEGAL_TRANSITION
├── ReviewUnusable      FAILED_PRECONDITION    REPROCESS_STALE
└── IllegalTransition    FAILED_PRECONDITION   ILLEGAL_TRANSITION
"""

from chartly.platform.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted, error


@error(reason="WORKFLOW_UNKNOWN")
class WorkflowUnknown(NotFound):
    """No workflow has this id in the project."""

    workflow_id: str


@error(reason="RUN_UNKNOWN")
class RunUnknown(NotFound):
    """No run has this id in the project."""

    run_id: str


@error(reason="WORKFLOW_CONFLICT")
class WorkflowConflict(AlreadyExists):
    """Another workflow has this name, or the idempotency key was used with another request."""

    taken: str
    """``name`` or ``idempotency_key``."""


@error(reason="PROFILE_INVALID")
class WorkflowInvalid(InvalidArgument):
    """The workflow's steps do not fit together."""


@error(reason="QUEUE_FULL")
class TooManyRuns(ResourceExhausted):
    """The tenant has as many open runs as it may have."""

    runs_open_max: int


@error(reason="QUEUE_FULL")
class TooManyEvents(ResourceExhausted):
    """As many events wait to be stored as may wait."""

    events_waiting_max: int


@error(reason="HOOK_UNKNOWN")
class HookUnknown(NotFound):
    """No workflow of the project listens to this hook."""

    hook: str


@error(reason="DEAD_LETTER_UNKNOWN")
class DeadLetterUnknown(NotFound):
    """No dead letter has this id in the project."""

    dead_letter_id: str


@error(reason="ILLEGAL_TRANSITION")
class NothingToRetry(FailedPrecondition):
    """The run has no work left to retry."""

    run_id: str


@error(reason="ILLEGAL_TRANSITION")
class NotScheduled(FailedPrecondition):
    """The workflow has no schedule to pause or resume."""

    workflow_id: str


@error(reason="ILLEGAL_TRANSITION")
class IllegalTransition(FailedPrecondition):
    """The state does not allow this transition."""

    before: str
    after: str


@error(reason="REPROCESS_STALE")
class ReviewUnusable(FailedPrecondition):
    """The run to apply is no finished dry run of this dataset."""

    run_id: str
