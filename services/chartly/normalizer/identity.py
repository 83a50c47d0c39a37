"""What makes a chunk the same chunk. Pure."""

import hashlib

import orjson


def work_key(raw_sha256: str, profile_hash: str, dataset: str) -> str:
    """Hash a chunk's identity: lower-case hexadecimal SHA-256, 64 characters.

    The members are in the order of RFC 8785 and hold ASCII text only, so these bytes are canonical JSON.
    """
    identity = {"dataset": dataset, "profile_hash": profile_hash, "raw_sha256": raw_sha256}
    return hashlib.sha256(orjson.dumps(identity)).hexdigest()
