"""The work key of a chunk. Pure."""

import hashlib

import orjson


def work_key(raw_sha256: str, profile_hash: str, dataset: str) -> str:
    """Return the hash of a chunk's identity: lower-case hexadecimal SHA-256, 64 characters.

    The members are in the order of RFC 8785 and contain only ASCII text, so the bytes are canonical JSON.
    """
    identity = {"dataset": dataset, "profile_hash": profile_hash, "raw_sha256": raw_sha256}
    return hashlib.sha256(orjson.dumps(identity)).hexdigest()
