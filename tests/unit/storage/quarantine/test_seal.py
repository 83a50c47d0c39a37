"""A sealed payload can be opened only with its key, for its record, and unchanged."""

import base64
from collections.abc import Callable

import pytest

from chartly.platform.config import Config
from chartly.storage.errors import SealKeyInvalid, SealRefused
from chartly.storage.quarantine.seal import Seal, seal_key

WHOSE = ("tenant-demo", "proj-sales", "q-1")
MakeConfig = Callable[..., Config]


def test_sealed_payload_opens(make_config: MakeConfig) -> None:
    """A sealed payload opens to the same bytes, and the sealed bytes do not contain it."""
    seal = Seal(make_config())
    one, other = seal.close(b"secret", *WHOSE), seal.close(b"secret", *WHOSE)

    assert seal.open(one, *WHOSE) == b"secret"
    assert b"secret" not in one
    assert one != other


def test_key_is_kept_for_the_next_process(make_config: MakeConfig) -> None:
    """A created key is stored in the data directory, readable for its user only, and opens earlier payloads."""
    sealed = Seal(make_config()).close(b"secret", *WHOSE)

    assert Seal(make_config()).open(sealed, *WHOSE) == b"secret"
    assert (make_config().data_path / "keys" / "seal.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [0, 4, 15, -1])
def test_changed_bytes_are_refused(make_config: MakeConfig, place: int) -> None:
    """A sealed payload with any flipped bit is refused."""
    seal = Seal(make_config())
    sealed = bytearray(seal.close(b"secret", *WHOSE))
    sealed[place] ^= 1

    with pytest.raises(SealRefused):
        seal.open(bytes(sealed), *WHOSE)


def test_payload_of_another_record_is_refused(make_config: MakeConfig) -> None:
    """A payload of another record or project is refused."""
    seal = Seal(make_config())
    sealed = seal.close(b"secret", *WHOSE)

    for place in (("tenant-demo", "proj-sales", "q-2"), ("tenant-demo", "proj-other", "q-1")):
        with pytest.raises(SealRefused):
            seal.open(sealed, *place)


def test_payload_of_another_key_is_refused(make_config: MakeConfig) -> None:
    """A payload that another key sealed is refused with that reason."""
    sealed = Seal(make_config()).close(b"secret", *WHOSE)
    other = Seal(make_config(storage__seal_key=base64.b64encode(bytes(32)).decode()))

    with pytest.raises(SealRefused) as refused:
        other.open(sealed, *WHOSE)
    assert "another key" in refused.value.problem


@pytest.mark.parametrize("key", ["AAAA", "no base64!"])
def test_malformed_key_is_refused(make_config: MakeConfig, key: str) -> None:
    """A configured key must be 32 bytes of base64."""
    with pytest.raises(SealKeyInvalid):
        seal_key(make_config(storage__seal_key=key))


def test_key_that_others_may_read_is_refused(make_config: MakeConfig) -> None:
    """A key file that others can read is refused."""
    seal_key(make_config())
    (make_config().data_path / "keys" / "seal.key").chmod(0o644)

    with pytest.raises(SealKeyInvalid):
        seal_key(make_config())
