"""The checks of the demonstration: counts that add up, and a second run that changes nothing. Pure."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoCounts:
    """The counts of a run's records."""

    records_in: int
    canonical: int
    duplicates: int
    quarantined: int
    replayed: int

    @classmethod
    def of(cls, run: dict[str, Any]) -> "DemoCounts":
        """Return the counts of a run."""
        counts = run.get("counts", {})
        return cls(*(int(counts.get(name, 0)) for name in ("records_in", "canonical", "duplicates", "quarantined", "replayed")))

    @property
    def adds_up(self) -> bool:
        """Return whether every record is counted as one of the four."""
        return self.records_in == self.canonical + self.duplicates + self.quarantined + self.replayed


@dataclass(frozen=True, slots=True)
class Result:
    """One domain after one run."""

    domain: str
    state: str
    served: int
    """Records of all pages of the source. The page that comes twice counts twice."""
    counts: DemoCounts
    reasons: dict[str, int]
    rows: int
    """Rows of the dataset."""
    content_hash: str
    chunk_totals: DemoCounts
    """The dataset's own totals over all commits."""


def faults_of_first(result: Result) -> list[str]:
    """Return what is wrong after a run, on a fresh or a used data directory."""
    found: list[str] = []
    counts = result.counts
    if result.state != "SUCCEEDED":
        found.append(f"{result.domain}: the run ended {result.state}")
    if not counts.adds_up:
        found.append(f"{result.domain}: {counts} does not add up")
    if counts.records_in != result.served:
        found.append(f"{result.domain}: the source holds {result.served} records, {counts.records_in} came in")
    if not result.chunk_totals.adds_up:
        found.append(f"{result.domain}: the dataset's totals {result.chunk_totals} do not add up")
    if result.rows != result.chunk_totals.canonical:
        found.append(f"{result.domain}: the dataset has {result.rows} rows, {result.chunk_totals.canonical} records became canonical")
    return found


def faults_of_second(first: Result, second: Result) -> list[str]:
    """Return what a repeated run has changed; it must change nothing."""
    found = faults_of_first(second)
    if second.content_hash != first.content_hash or second.rows != first.rows:
        found.append(f"{first.domain}: a repeated run changed the dataset")
    if second.counts.canonical or second.counts.quarantined:
        found.append(f"{first.domain}: a repeated run wrote {second.counts}")
    return found
