"""Ids of things that Chartly makes: a prefix that says what, then a ULID, so that ids sort by time and name no machine.

It gives no ids to records; those are digests of their content.
"""

import secrets
from datetime import datetime

# Crockford's base 32, as the ULID specification has it: no I, L, O, U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 26
_RANDOM_BITS = 80


def new_id(prefix: str, now: datetime) -> str:
    """Make ``<prefix>_`` and 26 characters: 48 bits of milliseconds, 80 bits of chance."""
    number = (int(now.timestamp() * 1000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    characters = [_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_CHARACTERS))]
    return f"{prefix}_{''.join(characters).lower()}"
