"""Names of folders, files and keys. Pure; shared by writers, readers and checks."""

import re

from .model import DatasetKey

SHA256 = re.compile(r"[0-9a-f]{64}")
DATASET = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
STAGED_FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.parquet")
RAW_FILE = "raw"
"""Name of the chunk's raw bytes in a ticket's folder. No staged file can have this name."""
QUARANTINE_ID = re.compile(r"q-[0-9a-f]{32}-[0-9]{1,18}")

QUARANTINE = "_quarantine"
"""The quarantine table's folder, next to those of datasets. No dataset name begins with an underscore."""

APPLICATION = "chartly"
"""The application id of a dataset's commits in its table's transaction log."""


def blob_key(tenant: str, project: str, sha256: str) -> str:
    """Return the key of a blob: its digest within the project, below a folder of two hex digits that keeps folders short."""
    return f"{tenant}/{project}/{sha256[:2]}/{sha256}"


def table_folder(key: DatasetKey) -> str:
    """Return the folder of a dataset's table."""
    return key.path


def quarantine_folder(tenant: str, project: str) -> str:
    """Return the folder of a project's quarantine table."""
    return f"{tenant}/{project}/{QUARANTINE}"


def quarantine_application(dataset: str) -> str:
    """Return the application id of one dataset's commits in the project's quarantine table."""
    return f"{APPLICATION}/{dataset}"


def quarantine_id_prefix(work_key: str) -> str:
    """Return the prefix of the ids of a chunk's quarantined records. A record's offset in the raw bytes follows it.

    The work key is the digest of raw bytes, profile and dataset, so a replay gives the same ids, and no record needs a digest of its own.
    """
    return f"q-{work_key[:32]}-"


def chunk_in(quarantine_id: str) -> str:
    """Return the part of its chunk's work key that a quarantined record's id contains."""
    return quarantine_id[2:34]


def data_file(sequence: int, part: int, sha256: str) -> str:
    """Return the name of a data file. Its digest detects damage; 128 bits suffice against chance."""
    return f"part-{sequence:010d}-{part:04d}-{sha256[:32]}.parquet"


def sequence_in(path: str) -> int:
    """Return the sequence in a data file's name: of the commit that wrote it, or of the commit before its compaction."""
    return int(path.rsplit("/", 1)[-1].split("-", 2)[1])


def expired_file(sequence: int, sha256: str) -> str:
    """Return the name of a file with the keys of expired records that a commit removed."""
    return f"expired-{sequence:010d}-{sha256[:32]}.parquet"


def digest_in(path: str) -> str:
    """Return the part of the SHA-256 in a data file's name."""
    return path.rsplit("-", 1)[-1].removesuffix(".parquet")
