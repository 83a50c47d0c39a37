"""Undoing content codings: whole bodies come out unchanged, all others are errors."""

import gzip
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartly.connector_hub.domain.content_coding import ACCEPTED, BodyBroken, CodingUnknown, Unpacker, UnpacksTooLarge, codings, unpack

BODY = b"".join(b'{"n":%d,"text":"%d"}\n' % (number, number * number) for number in range(20_000))
# The IANA registry of HTTP content codings.
REGISTERED = (
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "identity",
    "pack200-gzip",
    "x-compress",
    "x-gzip",
    "zstd",
)


def deflate(body: bytes) -> bytes:
    """Compress without zlib's header, as some servers do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "upper-case": ("GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare-deflate": ("deflate", deflate),
    "identity": ("identity", bytes),
    "none": ("", bytes),
    "gzip-twice": ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
    "deflate-in-gzip": ("deflate ,x-gzip", lambda body: gzip.compress(zlib.compress(body))),
    "four": ("gzip,identity,deflate,gzip,deflate", lambda body: zlib.compress(gzip.compress(zlib.compress(gzip.compress(body))))),
}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("body", [b"x", BODY], ids=["short", "long"])
def test_whole_body_comes_out_unchanged(name: str, body: bytes) -> None:
    """Every accepted coding and stack of codings is undone."""
    header, pack = PACKERS[name]
    assert unpack(pack(body), codings(header), len(BODY)) == body


@pytest.mark.parametrize("name", set(PACKERS) - {"identity", "none"})
def test_body_that_is_cut_anywhere_is_broken(name: str) -> None:
    """No prefix of a coded body is taken as a body."""
    header, pack = PACKERS[name]
    packed = pack(BODY[:600])
    for length in range(len(packed)):
        with pytest.raises(BodyBroken):
            unpack(packed[:length], codings(header), len(BODY))


@pytest.mark.parametrize("name", set(PACKERS) - {"identity", "none"})
def test_body_that_continues_after_its_end_is_broken(name: str) -> None:
    """Neither text nor zeros may follow."""
    header, pack = PACKERS[name]
    for rest in (b"garbage", b"\0", b"\0" * 512):
        with pytest.raises(BodyBroken):
            unpack(pack(BODY[:600]) + rest, codings(header), len(BODY))


@pytest.mark.parametrize("place", [-8, -4])
def test_gzip_with_another_checksum_or_length_is_broken(place: int) -> None:
    """CRC-32 and length of the trailer are compared."""
    packed = bytearray(gzip.compress(BODY))
    packed[place] ^= 1
    with pytest.raises(BodyBroken):
        unpack(bytes(packed), ("gzip",), len(BODY))


def test_zlib_stream_with_another_checksum_is_broken() -> None:
    """Adler-32 is compared."""
    packed = bytearray(zlib.compress(BODY))
    packed[-1] ^= 1
    with pytest.raises(BodyBroken):
        unpack(bytes(packed), ("deflate",), len(BODY))


def test_gzip_cut_at_a_flush_is_broken() -> None:
    """The cut leaves whole lines, and only the missing trailer shows it."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    first = packer.compress(BODY[:1000]) + packer.flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(BodyBroken):
        unpack(first, ("gzip",), len(BODY))


@pytest.mark.parametrize("members", [2, 3, 500])
def test_all_members_of_gzip_are_read(members: int) -> None:
    """Members are joined, empty ones too."""
    step = len(BODY) // members + 1
    packed = b"".join(gzip.compress(BODY[start : start + step]) + gzip.compress(b"") for start in range(0, len(BODY), step))
    assert unpack(packed, ("gzip",), len(BODY)) == BODY


def test_endless_empty_members_are_refused() -> None:
    """They cost time and give nothing."""
    with pytest.raises(BodyBroken, match="members"):
        unpack(gzip.compress(b"") * 9_000, ("gzip",), 10)


def test_bound_holds_for_what_is_unpacked() -> None:
    """At the bound the body is taken; a byte more is too large."""
    packed = gzip.compress(BODY)
    assert len(unpack(packed, ("gzip",), len(BODY))) == len(BODY)
    with pytest.raises(UnpacksTooLarge):
        unpack(packed, ("gzip",), len(BODY) - 1)


def test_bomb_of_several_layers_ends_early() -> None:
    """An inner layer that unpacks to nothing doesn't hide how much the outer one unpacks to."""
    inner = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\x00\x00\x00\xff\xff" * 4_000_000
    with pytest.raises(UnpacksTooLarge):
        unpack(gzip.compress(inner), ("gzip", "gzip"), 1_000)


@pytest.mark.parametrize("coding", REGISTERED)
def test_each_registered_coding_is_undone_or_refused_by_name(coding: str) -> None:
    """None is passed on as if it were the body."""
    if coding in ACCEPTED or coding == "identity":
        codings(coding)
        return
    for header in (coding, f"gzip, {coding}", coding.upper()):
        with pytest.raises(CodingUnknown, match=coding):
            codings(header)


def test_more_codings_than_anyone_stacks_are_refused() -> None:
    """Each layer costs memory and time."""
    with pytest.raises(CodingUnknown):
        codings(", ".join(["gzip"] * 5))


@given(st.binary(max_size=3_000), st.integers(1, 700), st.sampled_from(sorted(PACKERS)), st.randoms())
def test_pieces_do_not_matter(body: bytes, piece: int, name: str, chance: random.Random) -> None:
    """However the network cuts a body, the same comes out."""
    header, pack = PACKERS[name]
    packed, unpacker, found = pack(body * 40), Unpacker(codings(header), 200_000), b""
    at = 0
    while at < len(packed):
        length = chance.randint(1, piece)
        found += b"".join(unpacker.feed(packed[at : at + length]))
        at += length
    if packed:
        unpacker.finish()
    assert found == body * 40


def test_file_of_this_package_survives() -> None:
    """Text that compresses well and badly comes out unchanged."""
    body = Path(__file__).read_bytes()
    assert unpack(gzip.compress(body), ("gzip",), len(body)) == body
