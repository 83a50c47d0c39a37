"""Another version of a profile, for records that an older one held back. It judges no record."""

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Reference
from chartly.storage.model import Frozen
from chartly.v1.registry_pb2 import ResolveProfileRequest

from .states import precedence


async def another_version(clients: Clients, ref: str) -> Frozen:
    """Freeze the profile that a caller names.

    Raises:
        RemoteError: PROFILE_UNKNOWN, or the reference is none.
    """
    answer = await clients.registry.ResolveProfile(ResolveProfileRequest(ref=ref))
    return Frozen(ref=answer.frozen.ref, hash=answer.frozen.hash)


def not_older(asked: Frozen | None, held: Frozen) -> Frozen:
    """Choose the profile to try again with: the one asked for, else the one that held the record back.

    Raises:
        InvalidRequest: it is another profile, or an older version.
    """
    if asked is None:
        return held
    newer, older = Reference.parse(asked.ref), Reference.parse(held.ref)
    same = (newer.kind, newer.name) == (older.kind, older.name)
    if not same or precedence(newer.version) < precedence(older.version):
        rule = f"must be {older.kind}/{older.name} at version {older.version} or a later one"
        raise InvalidRequest(violations=(FieldViolation("normalizer_ref", rule),))
    return asked
