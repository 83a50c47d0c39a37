"""An S3 server of a test's own: versitygw over a folder, where it is installed (``.ci/run`` installs it)."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CACHED = Path(__file__).parents[3] / ".cache" / "bin" / "versitygw"
INSTALLED = shutil.which("versitygw") or (str(_CACHED) if _CACHED.is_file() else "")
READY_S = 30.0


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str

    def settings(self) -> dict[str, str]:
        """Return the configuration of a host that stores its blobs there."""
        return {
            "storage__url": f"s3://{self.bucket}/raw",
            "storage__s3_endpoint": self.endpoint,
            "storage__s3_region": "us-east-1",
            "storage__s3_access_key": self.access_key,
            "storage__s3_secret_key": self.secret_key,
        }


@contextmanager
def s3_server(folder: Path, port: int = 0) -> Generator[S3Server]:
    """Run a server over ``folder`` until the block ends; ``port`` 0 takes a free one."""
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
    server = S3Server(f"http://127.0.0.1:{port}", "chartly-test", "test-access", "test-secret")
    (folder / server.bucket).mkdir(parents=True, exist_ok=True)
    # Its name must not begin with the folder's: the server compares the two as text.
    metadata = folder.with_name(f"metadata-of-{folder.name}")
    metadata.mkdir(exist_ok=True)
    keys = ("--access", server.access_key, "--secret", server.secret_key)
    command = (INSTALLED, *keys, "--port", f"127.0.0.1:{port}", "--quiet", "posix", "--sidecar", str(metadata), str(folder))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield server
    finally:
        process.terminate()
        process.wait(READY_S)


def _wait(port: int) -> None:
    ends = time.monotonic() + READY_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
        else:
            return
