"""Where things are kept, and what they are known by. Pure arithmetic on names, shared by who writes, reads and checks."""

import re

from .model import DatasetKey

SHA256 = re.compile(r"[0-9a-f]{64}")
DATASET = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
STAGED_FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.parquet")
RAW_FILE = "raw"
"""The chunk's raw bytes within a ticket's folder; no staged file can be called so."""
QUARANTINE_ID = re.compile(r"q-[0-9a-f]{32}-[0-9]{1,18}")

QUARANTINE = "_quarantine"
"""The quarantine table's folder beside the datasets'; no dataset's name begins with an underscore."""

APPLICATION = "chartly"
"""The application id of a dataset's commits in its table's transaction log."""


def blob_key(tenant: str, project: str, sha256: str) -> str:
    """Key of a blob: content-addressed within the project; two hex digits of fan-out, so that no folder grows too long to list."""
    return f"{tenant}/{project}/{sha256[:2]}/{sha256}"


def table_folder(key: DatasetKey) -> str:
    """Folder of a dataset's table."""
    return key.path


def quarantine_folder(tenant: str, project: str) -> str:
    """Folder of a project's quarantine table."""
    return f"{tenant}/{project}/{QUARANTINE}"


def quarantine_application(dataset: str) -> str:
    """Application id of one dataset's commits in the project's quarantine table."""
    return f"{APPLICATION}/{dataset}"


def quarantine_id_prefix(work_key: str) -> str:
    """What the ids of a chunk's quarantined records begin with; the record's offset in the raw bytes follows.

    The work key is the digest of raw bytes, profile and dataset, so a replay finds itself, and no record needs a digest of its own.
    """
    return f"q-{work_key[:32]}-"


def chunk_in(quarantine_id: str) -> str:
    """The part of a work key that a quarantined record's id holds: of the chunk that it came with."""
    return quarantine_id[2:34]


def data_file(sequence: int, part: int, sha256: str) -> str:
    """Name of a data file. The digest makes damage visible; 128 bits of it are plenty against chance."""
    return f"part-{sequence:010d}-{part:04d}-{sha256[:32]}.parquet"


def sequence_in(path: str) -> int:
    """The sequence in a data file's name: of the commit that wrote it, or of the one that it was merged after."""
    return int(path.rsplit("/", 1)[-1].split("-", 2)[1])


def expired_file(sequence: int, sha256: str) -> str:
    """Name of a file with the keys of records that a commit took out because their time is over."""
    return f"expired-{sequence:010d}-{sha256[:32]}.parquet"


def digest_in(path: str) -> str:
    """The part of the SHA-256 that a data file's name holds."""
    return path.rsplit("-", 1)[-1].removesuffix(".parquet")
