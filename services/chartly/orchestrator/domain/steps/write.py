"""The write_dataset step: it owns the dataset into which the records of its normalize step are committed."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from chartly.orchestrator.domain.step_types import NORMALIZE, SYNC, WRITE

from .pages import PageStep


class WriteStep(PageStep, frozen=True, tag_field="type", tag=WRITE):
    """Commit the records of one normalize step."""

    dataset: str = ""

    @classmethod
    def connection_problem(cls, before: Sequence[str], behind: Sequence[str]) -> str:  # noqa: ARG003 - any step may follow
        """Records come from one normalize."""
        if before.count(NORMALIZE) != 1:
            return f"a write_dataset must depend on exactly one normalize; here it depends on {before.count(NORMALIZE)}"
        if set(before) - {NORMALIZE, SYNC}:
            return "a write_dataset may depend on its normalize and on connector_sync steps only"
        return ""

    @classmethod
    def of_profile(cls, name: str, profile_ref: str, profile_hash: str, depends_on: tuple[str, ...], spec: Mapping[str, Any]) -> Self:
        """Return a new step that writes the dataset of its storage profile."""
        return cls(name, profile_ref, profile_hash, depends_on, dataset=str(spec.get("dataset", "")))

    @property
    def written_dataset(self) -> str:
        """The dataset of its storage profile."""
        return self.dataset

    @property
    def updated_dataset(self) -> str:
        """Its dataset, when new records came."""
        return self.dataset if self.counts.canonical else ""

    def reset(self, **facts: Any) -> Self:
        """Return the step as it was before the run began; the dataset stays."""
        return super().reset(dataset=self.dataset, **facts)
