"""Digests of columns depend on values, not on their layout in memory."""

import hashlib
import random

import pyarrow as pa
import pytest

from chartly.storage.table.digests import accepted_digest, digest_column

_CHANCE = random.Random(20261121)  # noqa: S311 - a seeded example


def _digests(count: int) -> list[bytes]:
    return [_CHANCE.randbytes(32) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 7, 70_000])
def test_accepted_digest_is_over_keys_and_ids_in_order(count: int) -> None:
    """The digest covers 64 bytes a record, also of a slice, and of more records than one block."""
    keys, ids = _digests(count + 3), _digests(count + 3)
    columns = [pa.array(values, pa.binary(32)).slice(3) for values in (keys, ids)]
    expected = hashlib.sha256(b"".join(key + record_id for key, record_id in zip(keys[3:], ids[3:], strict=True))).hexdigest()
    assert accepted_digest(*columns) == f"sha256:{expected}"


def test_digests_as_text_are_read_from_any_chunks() -> None:
    """Text in any chunks and slices gives the same bytes."""
    digests = _digests(20)
    texts = pa.array([f"sha256:{digest.hex()}" for digest in digests])
    assert digest_column(pa.chunked_array([texts.slice(2, 5), texts.slice(7)])).to_pylist() == digests[2:]


@pytest.mark.parametrize("text", ["sha256:" + "g" * 64, "sha256:" + "é" * 32 + "0" * 32, "sha1:" + "0" * 66, "sha256:"])
def test_text_that_is_no_digest_is_refused(text: str) -> None:
    """Text with other characters, of another length or of another kind is refused."""
    with pytest.raises(ValueError, match="digest"):
        digest_column(pa.chunked_array([[text]]))
