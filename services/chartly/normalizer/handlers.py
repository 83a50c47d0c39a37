"""Normalization over the wire: begin the write, run the plan, commit. Each step is safe to repeat."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from chartly.native import Plan
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.platform.secrets import SecretStore
from chartly.v1 import blob_pb2, commit_pb2, registry_pb2, reprocess_pb2, verify_pb2
from chartly.v1 import normalizer_pb2 as pb
from chartly.v1.normalizer_pb2_grpc import NormalizerServiceServicer
from chartly.v1.verify_pb2 import VerifiedPart

from .chunk import Chunk, RecordPlace, WrittenFiles, compile_plan
from .engine import Engine, Shard
from .errors import ChunkTooLarge, ChunkTooManyRecords
from .exploded import explodes, with_records_around
from .failpoints import NormalizerFailpoint
from .frozen import FrozenProfile, FrozenProfiles
from .identity import work_key
from .linked_blob import read_linked_blob
from .lookups import LookupTables
from .plans import PlanSources

# One thread for each chunk: chunks of a run are normalized in parallel, so a second thread for one would slow down another.
THREADS_A_CHUNK = 1


class NormalizerHandlers(NormalizerServiceServicer):
    """Serves ``chartly.v1.NormalizerService`` for the caller's project."""

    def __init__(self, clients: Clients, config: Config, engine: Engine, blocking: Blocking) -> None:
        self._clients = clients
        self._limits = config.limits
        self._engine = engine
        self._blocking = blocking
        self._sources = PlanSources(SecretStore(config), blocking)
        self._frozen = FrozenProfiles(clients, LookupTables(clients, blocking, config.limits), config.limits)

    async def Normalize(self, request: pb.NormalizeRequest, context: Context) -> pb.NormalizeResponse:
        """Commit one chunk once, and answer each submission of it with its own counts."""
        normalizer = await self._frozen.get(request.normalizer.hash)
        dataset = (await self._frozen.get(request.storage.hash)).document["spec"]["dataset"]
        key = work_key(request.raw.sha256, request.normalizer.hash, dataset)
        begun = await self._clients.commit.BeginWrite(
            commit_pb2.BeginWriteRequest(
                work_key=key,
                dataset=dataset,
                storage=request.storage,
                mode=commit_pb2.WRITE_MODE_APPEND,
                submission_id=request.item_key,
                run_id=request.run_id,
                raw_sha256=request.raw.sha256,
            )
        )
        receipt = begun.receipt if begun.HasField("receipt") else await self._commit(request, normalizer, begun)
        reached(NormalizerFailpoint.CHUNK_COMMITTED)
        return pb.NormalizeResponse(
            work_key=key,
            counts=receipt.counts,
            quarantine_reasons=receipt.quarantine_reasons,
            dataset=dataset,
            dataset_version=receipt.dataset_version,
            replayed=receipt.replayed,
        )

    async def ReprocessChunk(self, request: pb.ReprocessChunkRequest, context: Context) -> pb.ReprocessChunkResponse:
        """Normalize one chunk of a reprocess into its staging area."""
        asked = reprocess_pb2.BeginReprocessChunkRequest(reprocess_id=request.reprocess_id, place=request.place)
        begun = await self._clients.reprocess.BeginReprocessChunk(asked)
        if not begun.ticket:
            return pb.ReprocessChunkResponse(records=begun.records)
        normalizer = await self._frozen.get(begun.normalizer.hash)
        again = pb.NormalizeRequest(source_id=begun.source_id, raw=begun.raw, normalizer=begun.normalizer)
        written = await self._run(again, normalizer, begun.staging_uri)
        staged = await self._clients.reprocess.CommitReprocessChunk(
            reprocess_pb2.CommitReprocessChunkRequest(
                ticket=begun.ticket,
                accepted_file=written.accepted_file,
                rejected_file=written.rejected_file,
                records=written.records,
                dedupe_policy=_dedupe_policy(normalizer),
            )
        )
        return pb.ReprocessChunkResponse(records=staged.records)

    async def RunRecords(self, request: pb.RunRecordsRequest, context: Context) -> pb.RunRecordsResponse:
        """Run single records into files that storage commits."""
        normalizer = await self._frozen.get(request.normalizer.hash)
        plan = await self._sources.get(request.normalizer.hash, normalizer)
        if explodes(plan.profile_json):
            blob = bytes(await self._blob(request.raw_sha256))
            raw, places = await self._blocking.run(with_records_around, plan.profile_json, blob, request.records)
        else:
            raw, places = _side_by_side(request.records)
        chunk = Chunk(plan, unquote(urlsplit(request.staging_uri).path), THREADS_A_CHUNK, tuple(places))
        written = await self._engine.run(Shard(current_scope().tenant, request.source_id), chunk, raw)
        return pb.RunRecordsResponse(
            accepted_file=written.accepted_file,
            rejected_file=written.rejected_file,
            accepted=written.accepted,
            rejected=written.rejected,
            dedupe_policy=_dedupe_policy(normalizer),
        )

    async def VerifyChunk(self, request: pb.VerifyChunkRequest, context: Context) -> VerifiedPart:
        """Normalize a committed chunk again, and have it compared."""
        asked = verify_pb2.BeginVerifyRequest(dataset=request.dataset, dataset_version=request.dataset_version)
        begun = await self._clients.verify.BeginVerify(asked)
        # Not from the cache: a stored row that changed must be detected.
        normalizer = await self._frozen.read(begun.normalizer.hash)
        again = pb.NormalizeRequest(source_id=begun.source_id, raw=begun.raw, normalizer=begun.normalizer)
        written = await self._run(again, normalizer, begun.staging_uri)
        return await self._clients.verify.CompareCommit(
            verify_pb2.CompareCommitRequest(
                ticket=begun.ticket,
                accepted_file=written.accepted_file,
                rejected_file=written.rejected_file,
                records=written.records,
            )
        )

    async def ExplainRecord(self, request: pb.ExplainRecordRequest, context: Context) -> pb.ExplainRecordResponse:
        """Trace one record, field by field."""
        resolved = await self._clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=request.profile_ref))
        normalizer = await self._frozen.get(resolved.frozen.hash)
        plan = await self._blocking.run(compile_plan, self._sources.explaining(resolved.frozen.hash, normalizer))
        # A large record takes seconds, so it is explained on a thread.
        return pb.ExplainRecordResponse(trace=await self._blocking.run(_trace, plan, request.record.encode()))

    async def _commit(
        self, request: pb.NormalizeRequest, normalizer: FrozenProfile, begun: commit_pb2.BeginWriteResponse
    ) -> commit_pb2.CommitReceipt:
        written = await self._run(request, normalizer, begun.staging_uri, begun.raw_file)
        if written.records > self._limits.chunk_records_max:
            raise ChunkTooManyRecords(self._limits.chunk_records_max)
        reached(NormalizerFailpoint.CHUNK_STAGED)
        origin = commit_pb2.ChunkOrigin(
            run_id=request.run_id,
            source_id=request.source_id,
            raw=request.raw,
            normalizer=request.normalizer,
            records_in=written.records,
            dedupe_policy=_dedupe_policy(normalizer),
        )
        answer = await self._clients.commit.CommitWrite(
            commit_pb2.CommitWriteRequest(
                ticket=begun.ticket,
                accepted_file=written.accepted_file,
                rejected_file=written.rejected_file,
                origin=origin,
            )
        )
        return answer.receipt

    async def _run(self, request: pb.NormalizeRequest, normalizer: FrozenProfile, staging_uri: str, raw_file: str = "") -> WrittenFiles:
        folder = unquote(urlsplit(staging_uri).path)
        linked = await self._blocking.run(read_linked_blob, Path(folder) / raw_file, request.raw.sha256) if raw_file else None
        raw = await self._blob(request.raw.sha256) if linked is None else linked
        plan = await self._sources.get(request.normalizer.hash, normalizer)
        chunk = Chunk(plan, folder, THREADS_A_CHUNK)
        return await self._engine.run(Shard(current_scope().tenant, request.source_id), chunk, raw)

    async def _blob(self, digest: str) -> bytearray:
        raw = bytearray()
        async for part in self._clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=digest)):
            raw += part.data
            if len(raw) > self._limits.payload_bytes_max:
                raise ChunkTooLarge(self._limits.payload_bytes_max)
        return raw


def _side_by_side(records: Iterable[pb.PlacedRecord]) -> tuple[bytes, list[RecordPlace]]:
    raw, places = bytearray(), list[RecordPlace]()
    for record in records:
        places.append(RecordPlace(len(raw), len(record.content), record.line, record.offset, record.length))
        raw += record.content
    return bytes(raw), places


def _trace(plan: Plan, record: bytes) -> Struct:
    return ParseDict(orjson.loads(orjson.dumps(plan.explain(record))), Struct())


def _dedupe_policy(normalizer: FrozenProfile) -> str:
    return str(normalizer.document["spec"].get("dedupe", {}).get("policy", "quarantine"))
