"""Chooses the profile version with which a quarantined record is tried once more. It decides no record."""

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Reference
from chartly.storage.model import FrozenRef
from chartly.v1.registry_pb2 import ResolveProfileRequest

from .states import precedence


async def another_version(clients: Clients, ref: str) -> FrozenRef:
    """Resolve the profile that the caller names.

    Raises:
        RemoteError: PROFILE_UNKNOWN, or the reference is malformed.
    """
    answer = await clients.registry.ResolveProfile(ResolveProfileRequest(ref=ref))
    return FrozenRef(ref=answer.frozen.ref, hash=answer.frozen.hash)


def not_older(asked: FrozenRef | None, held: FrozenRef) -> FrozenRef:
    """Return the requested profile, or the one that rejected the record if none is requested.

    Raises:
        InvalidRequest: the requested profile has another name, or is an older version.
    """
    if asked is None:
        return held
    newer, older = Reference.parse(asked.ref), Reference.parse(held.ref)
    same = (newer.kind, newer.name) == (older.kind, older.name)
    if not same or precedence(newer.version) < precedence(older.version):
        rule = f"must be {older.kind}/{older.name} at version {older.version} or a later one"
        raise InvalidRequest(violations=(FieldViolation("normalizer_ref", rule),))
    return asked
