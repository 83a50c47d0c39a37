"""Encode the registry's values as messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.contracts import Contract
from chartly.profiles import ValueChange, Violation
from chartly.v1 import common_pb2
from chartly.v1 import registry_pb2 as pb

from .contract_catalog import ListedContract
from .store.frozen import FrozenRow
from .store.profiles import StoredProfile


def profile(stored: StoredProfile) -> pb.Profile:
    """Encode one version."""
    return pb.Profile(
        ref=str(stored.reference),
        kind=stored.reference.kind.value,
        description=stored.description,
        content_hash=stored.content_hash,
        document=stored.text,
        created_at=_timestamp(stored.created_at),
        deprecated=stored.deprecated,
    )


def violation(found: Violation) -> pb.DocumentViolation:
    """Encode one broken rule."""
    return pb.DocumentViolation(line=found.line, column=found.column, path=found.path, rule=found.rule, message=found.message)


def frozen(found: FrozenRow) -> common_pb2.FrozenProfile:
    """Encode a frozen profile."""
    return common_pb2.FrozenProfile(ref=found.found, hash=found.hash)


def change(found: ValueChange) -> pb.ProfileChange:
    """Encode one difference."""
    return pb.ProfileChange(path=found.path, before=found.before, after=found.after)


def contract(found: Contract, *, with_schema: bool = True) -> pb.Contract:
    """Encode one contract."""
    return pb.Contract(
        name=str(found.name),
        content_hash=found.content_hash,
        schema_json=found.text if with_schema else "",
        builtin=found.builtin,
    )


def listed_contract(found: ListedContract) -> pb.Contract:
    """Encode one contract of a listing."""
    return pb.Contract(name=str(found.name), content_hash=found.content_hash, builtin=found.builtin)


def struct(value: Mapping[str, Any]) -> Struct:
    """Encode a JSON object."""
    made = Struct()
    made.update(dict(value))
    return made


def _timestamp(time: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(time)
    return made
