"""The log's key and name, created once. Verifiers would take a log with another key or name for a different log."""

from pathlib import Path

from chartly.ledger.note import Signer, new_seed
from chartly.platform.files import write_private

SEED_BYTES = 32


def signer(folder: Path, origin: str) -> Signer:
    """Return the log's signer; create its key at the first start. Blocking.

    Args:
        folder: the ledger's folder, which holds the key with mode 0600.
        origin: the log's name at its first start; later starts keep the first name.
    """
    write_private(folder / "origin", f"{origin}\n".encode(), replace=False)
    write_private(folder / "key", new_seed(), replace=False)
    return Signer((folder / "origin").read_text().removesuffix("\n"), (folder / "key").read_bytes())
