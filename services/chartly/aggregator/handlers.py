"""gRPC handlers of the aggregator: decode, store or sum, encode."""

from chartly.platform.clock import Clock
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import aggregator_pb2 as pb
from chartly.v1 import aggregator_pb2_grpc, dataset_pb2

from . import codec
from .store import results as store

_RESULTS, _RUNS = "results/newest", "results/runs"


class AggregatorHandlers(aggregator_pb2_grpc.AggregatorServiceServicer):
    """Serves results for the caller's project."""

    def __init__(self, metadata: Metadata, clients: Clients, clock: Clock) -> None:
        self._metadata = metadata
        self._clients = clients
        self._clock = clock

    async def PostResult(self, request: pb.PostResultRequest, context: Context) -> pb.PostResultResponse:
        """Store the first report of a work item."""
        result = codec.decode(request.result, self._clock.now())
        scope = current_scope()
        created = await write_with_retries(self._metadata, lambda connection: store.put(connection, scope, result))
        return pb.PostResultResponse(created=created)

    async def ListResults(self, request: pb.ListResultsRequest, context: Context) -> pb.ListResultsResponse:
        """List results, newest first."""
        size = page_size(request.page_size)
        kind = f"{_RESULTS}/{request.run_id}"
        after = page_position(kind, request.page_token, 2)
        before = (int(after[0]), str(after[1])) if after else None
        found = await self._metadata.read(store.page, current_scope(), request.run_id, before, size + 1)
        token = page_token(kind, found[size - 1]["finished_at_ms"], found[size - 1]["work_id"]) if len(found) > size else ""
        return pb.ListResultsResponse(results=map(codec.result, found[:size]), next_page_token=token)

    async def GetSummary(self, request: pb.GetSummaryRequest, context: Context) -> pb.GetSummaryResponse:
        """Sum the project's results."""
        sums = await self._metadata.read(store.sums, current_scope())
        return pb.GetSummaryResponse(
            results=sums.results,
            succeeded=sums.results - sums.failed,
            failed=sums.failed,
            runs=sums.runs,
            counts=codec.counts(sums.counts),
            quarantine_reasons=codec.reason_counts(sums.reasons),
            datasets=[pb.DatasetSummary(dataset=name, counts=codec.counts(counts)) for name, counts in sums.datasets],
        )

    async def ListRunResults(self, request: pb.ListRunResultsRequest, context: Context) -> pb.ListRunResultsResponse:
        """Sum results by run."""
        size = page_size(request.page_size)
        after = page_position(_RUNS, request.page_token, 1)
        found = await self._metadata.read(store.runs, current_scope(), str(after[0]) if after else "", size + 1)
        token = page_token(_RUNS, found[size - 1]["run_id"]) if len(found) > size else ""
        return pb.ListRunResultsResponse(runs=map(codec.run, found[:size]), next_page_token=token)

    async def ListResultRecords(self, request: pb.ListResultRecordsRequest, context: Context) -> pb.ListResultRecordsResponse:
        """Return a dataset's newest records from storage."""
        size = page_size(request.page_size)
        asked = dataset_pb2.ListDatasetRecordsRequest(dataset=request.dataset, page_size=size)
        found = await self._clients.dataset.ListDatasetRecords(asked)
        return pb.ListResultRecordsResponse(records=found.records)
