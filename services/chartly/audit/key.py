"""The log's key and name, created once. Verifiers would take a log with another key or name for a different log."""

from pathlib import Path

from chartly.ledger.note import Signer, new_seed
from chartly.platform.config import Config
from chartly.platform.config.model import EDGE_PORT_DEFAULT
from chartly.platform.files import write_private

from .errors import OriginUnknown

SEED_BYTES = 32


def require_origin(config: Config) -> None:
    """Check that the log's name is known, for a process without the edge. The port that this process assumes need not be the edge's.

    Raises:
        OriginUnknown: no earlier start has fixed the name, and the configuration has neither it nor a port of the edge.
    """
    fixed = (config.data_path / "ledger" / "origin").exists()
    if not fixed and not config.audit.origin and config.edge.port == EDGE_PORT_DEFAULT:
        raise OriginUnknown


def signer(folder: Path, origin: str) -> Signer:
    """Return the log's signer; create its key at the first start. Blocking.

    Args:
        folder: the ledger's folder, which holds the key with mode 0600.
        origin: the log's name at its first start; later starts keep the first name.
    """
    write_private(folder / "origin", f"{origin}\n".encode(), replace=False)
    write_private(folder / "key", new_seed(), replace=False)
    return Signer((folder / "origin").read_text().removesuffix("\n"), (folder / "key").read_bytes())
