"""Encodes datasets, their columns, records and commits."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct

from chartly.platform.json.values import json_value
from chartly.storage import wire
from chartly.storage.model import Column, Commit, Dataset
from chartly.v1 import dataset_pb2 as pb


def dataset(value: Dataset, statuses: Mapping[str, int], versions: Mapping[str, int]) -> pb.Dataset:
    """Encode a dataset's description.

    Args:
        value: the dataset.
        statuses: the number of quarantined records with a status, by state.
        versions: the version of each dataset of the project.
    """
    retried, released, discarded = (statuses.get(state, 0) for state in ("retried", "released", "discarded"))
    inputs = [
        pb.DatasetInput(dataset=each.dataset, version=each.version, version_now=versions.get(each.dataset, 0)) for each in value.inputs
    ]
    return pb.Dataset(
        inputs=inputs,
        stale=any(each.version_now != each.version for each in inputs),
        dataset=value.key.dataset,
        version=value.version,
        rows=value.rows,
        content_hash=value.content_hash,
        storage=wire.frozen(value.storage),
        columns=columns(value.columns),
        created_at=wire.timestamp(value.created_at),
        updated_at=wire.timestamp(value.updated_at),
        derived=value.derived,
        counts=wire.counts(value.counts),
        quarantine=pb.QuarantineCounts(
            open=value.counts.quarantined - retried - discarded, retried=retried, released=released, discarded=discarded
        ),
    )


def columns(values: tuple[Column, ...]) -> list[pb.DatasetColumn]:
    """Encode columns in their order."""
    return [pb.DatasetColumn(name=column.name, type=column.type) for column in values]


def record(row: dict[str, Any], hidden: tuple[str, ...]) -> Struct:
    """Encode one record as JSON, without the hidden fields and the null ones."""
    message = Struct()
    message.update({name: json_value(value) for name, value in row.items() if value is not None and name not in hidden})
    return message


def commit(value: Commit) -> pb.DatasetCommit:
    """Encode the commit that made a version."""
    return pb.DatasetCommit(
        dataset=value.key.dataset,
        version=value.sequence,
        mode=value.mode.value,
        rows=value.rows,
        content_hash=value.content_hash,
        counts=wire.counts(value.counts),
        run_id=value.submission.run_id,
        work_key=value.submission.work_key,
        raw_sha256=value.origin.raw_sha256,
        normalizer=wire.frozen(value.origin.normalizer),
        committed_at=wire.timestamp(value.committed_at),
        chunk_digest=value.chunk_digest,
        accepted_digest=value.accepted_digest,
        rejected_digest=value.rejected_digest,
    )
