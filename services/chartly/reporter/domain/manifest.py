"""The export manifest: every file with its digest, every input with its version. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .result import Input

MANIFEST_PATH = "manifest.json"
RESULT_PATH = "result.json"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a report."""

    path: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def manifest(result: Mapping[str, Any], inputs: Sequence[Input], artifacts: Sequence[Artifact], entry_id: str) -> dict[str, Any]:
    """Return the manifest as contracts/v1/reports/export_manifest.json describes it."""
    return {
        "manifest_version": 1,
        "report_id": result["report_id"],
        "created_at": result["created_at"],
        "report_hash": result["report_hash"],
        "inputs": [{"dataset": given.dataset, "version": given.version, "content_hash": given.content_hash} for given in inputs],
        "files": [
            {"path": file.path, "content_type": file.content_type, "bytes": len(file.content), "sha256": file.sha256} for file in artifacts
        ],
        "ledger_entry_id": entry_id,
    }
