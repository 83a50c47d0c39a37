"""Execute the tasks of a reprocess: plan, normalize one chunk, compare, apply."""

from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2 as pb
from chartly.v1 import normalizer_pb2, reprocess_pb2


async def plan(item: pb.WorkItem, clients: Clients) -> pb.WorkOutcome:
    """Fix the chunks of a reprocess."""
    task = item.task.reprocess_plan
    request = reprocess_pb2.PlanReprocessRequest(reprocess_id=task.reprocess_id, dataset=task.dataset, scope=task.scope)
    answer = await clients.reprocess.PlanReprocess(request)
    return pb.WorkOutcome(reprocess_plan=pb.ReprocessPlanOutcome(chunks=answer.chunks))


async def normalize(item: pb.WorkItem, clients: Clients) -> pb.WorkOutcome:
    """Normalize one chunk and stage its records."""
    task = item.task.reprocess_normalize
    await clients.normalizer.ReprocessChunk(normalizer_pb2.ReprocessChunkRequest(reprocess_id=task.reprocess_id, place=task.place))
    return pb.WorkOutcome(reprocess_normalize=pb.ReprocessNormalizeOutcome())


async def compare(item: pb.WorkItem, clients: Clients) -> pb.WorkOutcome:
    """Compare what is staged with the dataset."""
    last = reprocess_pb2.Reprocess()
    request = reprocess_pb2.DiffReprocessRequest(reprocess_id=item.task.reprocess_diff.reprocess_id)
    async for message in clients.reprocess.DiffReprocess(request):
        last = message.reprocess
    return pb.WorkOutcome(reprocess_diff=pb.ReprocessOutcome(reprocess=last))


async def apply(item: pb.WorkItem, clients: Clients) -> pb.WorkOutcome:
    """Commit what is staged as the dataset's next version."""
    last = reprocess_pb2.Reprocess()
    request = reprocess_pb2.ApplyReprocessRequest(reprocess_id=item.task.reprocess_apply.reprocess_id, run_id=item.run_id)
    async for message in clients.reprocess.ApplyReprocess(request):
        last = message.reprocess
    return pb.WorkOutcome(reprocess_apply=pb.ReprocessOutcome(reprocess=last))
