"""The installation's limits on a record, over those that a normalizer profile asks for."""

from collections.abc import Mapping
from typing import Any

# What the compiled core takes where a profile sets none.
_DEFAULTS = {"depthMax": 64, "recordBytesMax": 1024 * 1024}


def lowered(document: dict[str, Any], *, depth_max: int, record_bytes_max: int) -> dict[str, Any]:
    """Return the normalizer profile with ``spec.limits`` lowered to the installation's; the same object when nothing changes."""
    spec: Mapping[str, Any] = document["spec"]
    asked: dict[str, int] = _DEFAULTS | spec.get("limits", {})
    bounds = {"depthMax": min(asked["depthMax"], depth_max), "recordBytesMax": min(asked["recordBytesMax"], record_bytes_max)}
    if bounds.items() <= asked.items():
        return document
    return document | {"spec": dict(spec) | {"limits": dict(spec.get("limits", {})) | bounds}}
