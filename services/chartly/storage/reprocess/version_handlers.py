"""A dataset's versions over the wire: listed, and gone back to."""

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.storage import encode
from chartly.storage.commit import rows as commit_rows
from chartly.storage.handler_base import Handlers
from chartly.storage.model import Commit, DatasetKey
from chartly.v1 import dataset_pb2, reprocess_pb2

_VERSIONS = "datasets/versions"
# Above every version that a dataset may come to.
_LAST = 2**62


class VersionHandlers(Handlers):
    """ListDatasetVersions, ListRunCommits."""

    async def ListDatasetVersions(
        self, request: dataset_pb2.ListDatasetVersionsRequest, context: Context
    ) -> dataset_pb2.ListDatasetVersionsResponse:
        """List commits, newest first."""
        rooms, scope = self._rooms, current_scope()
        key = DatasetKey(scope.tenant, scope.project, request.dataset)
        size = page_size(request.page_size)
        kind = f"{_VERSIONS}/{request.dataset}"
        position = page_position(kind, request.page_token, 1)
        await rooms.blocking.run(rooms.reader.dataset, key)
        found = await rooms.metadata.read(commit_rows.page, key, int(position[0]) if position else _LAST, size + 1)
        token = page_token(kind, found[size - 1].sequence) if len(found) > size else ""
        return dataset_pb2.ListDatasetVersionsResponse(versions=map(commit_of, found[:size]), next_page_token=token)

    async def ListRunCommits(self, request: dataset_pb2.ListRunCommitsRequest, context: Context) -> dataset_pb2.ListRunCommitsResponse:
        """List what a run committed."""
        rooms, scope = self._rooms, current_scope()
        size = page_size(request.page_size)
        kind = f"commits/{request.run_id}"
        position = page_position(kind, request.page_token, 2)
        after = (str(position[0]), int(position[1])) if position else ("", 0)
        found = await rooms.metadata.read(commit_rows.of_run, scope.tenant, scope.project, request.run_id, after, size + 1)
        token = page_token(kind, found[size - 1].key.dataset, found[size - 1].sequence) if len(found) > size else ""
        return dataset_pb2.ListRunCommitsResponse(commits=map(commit_of, found[:size]), next_page_token=token)


class RollbackHandlers(Handlers):
    """RollbackDataset."""

    async def RollbackDataset(
        self, request: reprocess_pb2.RollbackDatasetRequest, context: Context
    ) -> reprocess_pb2.RollbackDatasetResponse:
        """Give the dataset an older version's content again."""
        rooms, scope = self._rooms, current_scope()
        key = DatasetKey(scope.tenant, scope.project, request.dataset)
        principal = scope.on_behalf_of or scope.principal
        done = await rooms.lanes.run(key, rooms.restorer.restore, key, request.version, principal, dry_run=request.dry_run)
        rooms.ledger.follow()
        base, target, difference = done.base.dataset, done.target, done.difference
        return reprocess_pb2.RollbackDatasetResponse(
            dataset=request.dataset,
            restored_version=target.sequence,
            version=done.version,
            rows=target.rows,
            content_hash=target.content_hash,
            appear=difference.appear,
            vanish=difference.vanish,
            changed=difference.changed,
            base_version=base.version,
            base_content_hash=base.content_hash,
        )


def commit_of(value: Commit) -> dataset_pb2.DatasetCommit:
    """What made a version."""
    return dataset_pb2.DatasetCommit(
        dataset=value.key.dataset,
        version=value.sequence,
        mode=value.mode.value,
        rows=value.rows,
        content_hash=value.content_hash,
        counts=encode.counts(value.counts),
        run_id=value.submission.run_id,
        work_key=value.submission.work_key,
        raw_sha256=value.origin.raw_sha256,
        normalizer=encode.frozen(value.origin.normalizer),
        committed_at=encode.timestamp(value.committed_at),
        chunk_digest=value.chunk_digest,
        accepted_digest=value.accepted_digest,
        rejected_digest=value.rejected_digest,
    )
