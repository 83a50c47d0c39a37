"""The work of a reprocess, step by step: which service does it, and what it answers as JSON. It decides nothing."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format

from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2, normalizer_pb2, reprocess_pb2


async def plan(item: coordinator_pb2.WorkItem, clients: Clients) -> dict[str, Any]:
    """Fix the chunks."""
    payload = _payload(item)
    request = reprocess_pb2.PlanReprocessRequest(reprocess_id=_id(payload), dataset=str(payload.get("dataset", "")))
    json_format.ParseDict(payload.get("scope", {}), request.scope, ignore_unknown_fields=True)
    answer = await clients.reprocess.PlanReprocess(request)
    return {"base_version": answer.base_version, "chunks": answer.chunks, "raw_bytes": answer.raw_bytes}


async def normalize(item: coordinator_pb2.WorkItem, clients: Clients) -> dict[str, Any]:
    """Normalize one chunk."""
    payload = _payload(item)
    request = normalizer_pb2.ReprocessChunkRequest(reprocess_id=_id(payload), place=int(payload.get("place", 0)))
    answer = await clients.normalizer.ReprocessChunk(request)
    return {"records": answer.records}


async def compare(item: coordinator_pb2.WorkItem, clients: Clients) -> dict[str, Any]:
    """Compare with the dataset."""
    last = reprocess_pb2.Reprocess()
    async for message in clients.reprocess.DiffReprocess(reprocess_pb2.DiffReprocessRequest(reprocess_id=_id(_payload(item)))):
        last = message.reprocess
    return _json(last)


async def apply(item: coordinator_pb2.WorkItem, clients: Clients) -> dict[str, Any]:
    """Make it the dataset's next version."""
    request = reprocess_pb2.ApplyReprocessRequest(reprocess_id=_id(_payload(item)), run_id=item.run_id)
    last = reprocess_pb2.Reprocess()
    async for message in clients.reprocess.ApplyReprocess(request):
        last = message.reprocess
    return _json(last)


def _payload(item: coordinator_pb2.WorkItem) -> dict[str, Any]:
    return json_format.MessageToDict(item.payload)


def _id(payload: Mapping[str, Any]) -> str:
    return str(payload.get("reprocess_id", ""))


def _json(found: reprocess_pb2.Reprocess) -> dict[str, Any]:
    return json_format.MessageToDict(found, preserving_proto_field_name=True)
