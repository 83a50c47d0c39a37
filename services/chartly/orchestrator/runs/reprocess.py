"""Make the run that a ReprocessDataset request asks for: with the profile resolved once, or from a reviewed dry run."""

from datetime import datetime

from chartly.orchestrator.domain.run import ReprocessRequest, Run
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.steps.reprocess import reprocess_steps
from chartly.orchestrator.errors import ReviewUnusable
from chartly.platform.errors import Violations
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Kind, Reference
from chartly.v1 import orchestrator_pb2 as pb
from chartly.v1 import registry_pb2, reprocess_pb2

from .repository import RunRepository


async def reprocess_run(
    request: pb.ReprocessDatasetRequest, scope: Scope, clients: Clients, repository: RunRepository, now: datetime
) -> Run:
    """Return the run that a request asks for; it is not stored yet.

    Raises:
        InvalidRequest: the request's fields contradict each other.
        RunUnknown: there is no reviewed run with this id.
        ReviewUnusable: the reviewed run is no finished dry run of this dataset.
        RemoteError: PROFILE_UNKNOWN, DATASET_UNKNOWN.
    """
    _check(request)
    run_id = new_id("run", now)
    dry_run = request.dry_run if request.HasField("dry_run") else True
    if request.reviewed_run_id:
        reviewed = await repository.get(request.reviewed_run_id, scope)
        before = reviewed.reprocess
        if before is None or before.dataset != request.dataset or reviewed.state is not RunState.SUCCEEDED:
            raise ReviewUnusable(request.reviewed_run_id)
        step = reviewed.steps[0]
        reprocess = ReprocessRequest(before.reprocess_id, before.dataset, before.scope, before.chunks, before.found)
        ref, digest = step.profile_ref, step.profile_hash
    else:
        resolved = await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=request.normalizer_ref))
        ref, digest = resolved.frozen.ref, resolved.frozen.hash
        asked = reprocess_pb2.ReprocessScope(normalizer=resolved.frozen, replaces=request.replaces, quarantined=request.quarantined)
        for name in ("since", "until"):
            if request.HasField(name):
                getattr(asked, name).CopyFrom(getattr(request, name))
        reprocess = ReprocessRequest(run_id, request.dataset, asked)
    return Run(
        run_id=run_id,
        tenant=scope.tenant,
        project=scope.project,
        principal=scope.on_behalf_of or scope.principal,
        request_id=scope.request_id,
        workflow_id="",
        workflow_name=f"reprocess {request.dataset}",
        steps=reprocess_steps(request.dataset, ref, digest, apply=not dry_run, reviewed=bool(request.reviewed_run_id)),
        created_at_ms=int(now.timestamp() * 1000),
        reprocess=reprocess,
    )


def _check(request: pb.ReprocessDatasetRequest) -> None:
    wrong = Violations()
    if bool(request.reviewed_run_id) == bool(request.normalizer_ref):
        wrong.add("normalizer_ref", "set either a normalizer profile, or the dry run to apply")
    chosen = request.replaces or request.quarantined or request.HasField("since") or request.HasField("until")
    if request.reviewed_run_id and chosen:
        wrong.add("reviewed_run_id", "a reviewed dry run has its own scope: leave replaces, since, until and quarantined out")
    if request.reviewed_run_id and not (request.HasField("dry_run") and not request.dry_run):
        wrong.add("dry_run", "must be false to apply a reviewed dry run")
    both = request.HasField("since") and request.HasField("until")
    if both and request.since.ToNanoseconds() >= request.until.ToNanoseconds():
        wrong.add("until", "must be after since")
    wrong.raise_if_any()
    if request.normalizer_ref and Reference.parse(request.normalizer_ref).kind is not Kind.NORMALIZER:
        wrong.add("normalizer_ref", "must name a normalizer profile")
    wrong.raise_if_any()
