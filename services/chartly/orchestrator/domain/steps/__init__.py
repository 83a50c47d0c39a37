"""The types of steps, one file each.

A step type says what it asks of the queue, how it counts an outcome, what a retry repeats, and which ledger events it has. ``advance.py``
moves the run.
"""

from collections.abc import Mapping
from types import MappingProxyType

from chartly.orchestrator.domain.step_types import ANALYTICS, NORMALIZE, SYNC, WRITE

from .base import BaseStep
from .normalize import NormalizeStep
from .reprocess import ApplyStep, ChunkStep, CompareStep, PlanStep
from .rollup import RollupStep
from .sync import SyncStep
from .write import WriteStep

Step = SyncStep | NormalizeStep | WriteStep | RollupStep | PlanStep | ChunkStep | CompareStep | ApplyStep
"""Stored as JSON with the type in the field ``type``."""

WORKFLOW_STEPS: Mapping[str, type[SyncStep | NormalizeStep | WriteStep | RollupStep]] = MappingProxyType(
    {SYNC: SyncStep, NORMALIZE: NormalizeStep, WRITE: WriteStep, ANALYTICS: RollupStep}
)
"""The step types that a workflow may have."""

__all__ = [
    "WORKFLOW_STEPS",
    "ApplyStep",
    "BaseStep",
    "ChunkStep",
    "CompareStep",
    "NormalizeStep",
    "PlanStep",
    "RollupStep",
    "Step",
    "SyncStep",
    "WriteStep",
]
