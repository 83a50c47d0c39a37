"""The log's key and name, made once: a log that changed either would be another log."""

from pathlib import Path

from chartly.ledger.note import Signer, new_seed
from chartly.platform.files import write_private

SEED_BYTES = 32


def signer(folder: Path, origin: str) -> Signer:
    """Read the log's signer, or make it at the first start. Blocking.

    Args:
        folder: the ledger's folder; the key lies there with mode 0600.
        origin: the log's name at its first start; later ones keep the first.
    """
    write_private(folder / "origin", f"{origin}\n".encode(), replace=False)
    write_private(folder / "key", new_seed(), replace=False)
    return Signer((folder / "origin").read_text().removesuffix("\n"), (folder / "key").read_bytes())
