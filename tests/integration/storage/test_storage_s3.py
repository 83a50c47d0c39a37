"""Blobs in an S3-compatible store over HTTP: written once, read whole and in part, and refused clearly while the store is away."""

from collections.abc import Awaitable, Callable, Generator
from pathlib import Path

import pytest

from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.errors import BlobUnknown, StoreConfigInvalid, StoreUnavailable
from chartly.storage.raw.blobs import open_blobs
from chartly.v1 import blob_pb2

from .conftest import Writer, as_service
from .s3_server import INSTALLED, S3Server, s3_server

needs_server = pytest.mark.skipif(not INSTALLED, reason="versitygw is not installed")
MakeConfig = Callable[..., Config]
KEY = "t/p/ab/abc"


@pytest.fixture
def s3(tmp_path: Path) -> Generator[S3Server]:
    """A server with an empty bucket."""
    with s3_server(tmp_path / "s3") as server:
        yield server


@needs_server
def test_blob_is_written_once(s3: S3Server, make_config: MakeConfig) -> None:
    """The second put of a key returns that it is not new, and the bytes are read whole and in part."""
    blobs = open_blobs(make_config(**s3.settings()))
    assert blobs.put(KEY, b"0123456789")
    assert not blobs.put(KEY, b"0123456789")
    assert blobs.get(KEY) == b"0123456789"
    assert blobs.get_range(KEY, 3, 4) == b"3456"
    with pytest.raises(BlobUnknown):
        blobs.get("t/p/ab/other")


@needs_server
async def test_pushed_chunk_is_in_the_bucket(
    s3: S3Server, start_host: Callable[..., Awaitable[Host]], chunk: Callable[..., bytes], tmp_path: Path
) -> None:
    """A host with an S3 endpoint starts, commits a chunk whose bytes are in the bucket, and returns them."""
    host = await start_host("storage", **s3.settings())
    with as_service():
        writer = Writer(host.clients("normalizer"))
        content = chunk(0, 20, bad=1)
        receipt = await writer.push(content)
        assert (receipt.counts.canonical, receipt.counts.quarantined) == (20, 1)
        raw = await writer.put(content)
        returned = b"".join([part.data async for part in writer.clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=raw.raw.sha256))])
        assert returned == content
    (stored,) = [path for path in (tmp_path / "s3" / s3.bucket).rglob("*") if path.is_file() and path.name == raw.raw.sha256]
    assert stored.read_bytes() == content


@needs_server
async def test_store_that_goes_away_and_comes_back(
    start_host: Callable[..., Awaitable[Host]], chunk: Callable[..., bytes], tmp_path: Path
) -> None:
    """A push is UNAVAILABLE while the store is away, and is committed once after it is back."""
    with s3_server(tmp_path / "s3") as server:
        host = await start_host("storage", **server.settings(), limits__rpc_deadline_s=4)
    with as_service():
        writer = Writer(host.clients("normalizer"))
        with pytest.raises(RemoteError) as refused:
            await writer.push(chunk(0, 20))
        assert refused.value.is_away
        with s3_server(tmp_path / "s3", int(server.endpoint.rpartition(":")[2])):
            receipt = await writer.push(chunk(0, 20))
        assert receipt.counts.canonical == 20


def test_plain_http_is_only_for_its_endpoint(make_config: MakeConfig) -> None:
    """An endpoint of plain HTTP is used; nothing else than TLS is accepted of any other."""
    keys = {"storage__s3_region": "us-east-1", "storage__s3_access_key": "a", "storage__s3_secret_key": "b"}
    for endpoint, allowed in (("http://127.0.0.1:9", True), ("https://127.0.0.1:9", False), ("", False)):
        blobs = open_blobs(make_config(storage__url="s3://bucket-1/raw", storage__s3_endpoint=endpoint, **keys))
        store = vars(blobs)["_store"]
        assert str(store.client_options["allow_http"]).lower() == str(allowed).lower()


def test_nobody_listens_at_the_endpoint(make_config: MakeConfig) -> None:
    """A call fails as unavailable within half of the deadline of a call."""
    keys = {"storage__s3_region": "us-east-1", "storage__s3_access_key": "a", "storage__s3_secret_key": "b"}
    config = make_config(storage__url="s3://bucket-1/raw", storage__s3_endpoint="http://127.0.0.1:9", limits__rpc_deadline_s=2, **keys)
    with pytest.raises(StoreUnavailable):
        open_blobs(config).put(KEY, b"content")


@pytest.mark.parametrize("url", ["s3://", "ftp://host/x", "bucket/x"])
def test_url_that_names_no_store(url: str, make_config: MakeConfig) -> None:
    """The error names the URL and the problem."""
    with pytest.raises(StoreConfigInvalid) as refused:
        open_blobs(make_config(storage__url=url))
    assert refused.value.url == url
    assert refused.value.problem
