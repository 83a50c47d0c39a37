"""Counts of records, by what became of them."""

import msgspec

from chartly.v1 import common_pb2


class RunCounts(msgspec.Struct, frozen=True):
    """Account for every record: ``records_in`` is the sum of the others."""

    records_in: int = 0
    canonical: int = 0
    duplicates: int = 0
    quarantined: int = 0
    replayed: int = 0

    @classmethod
    def of(cls, counts: common_pb2.RecordCounts) -> "RunCounts":
        """Return the counts of a message."""
        return cls(counts.records_in, counts.canonical, counts.duplicates, counts.quarantined, counts.replayed)

    def __add__(self, other: "RunCounts") -> "RunCounts":
        return RunCounts(
            self.records_in + other.records_in,
            self.canonical + other.canonical,
            self.duplicates + other.duplicates,
            self.quarantined + other.quarantined,
            self.replayed + other.replayed,
        )

    @property
    def balanced(self) -> bool:
        """Whether no count is negative and every record is accounted for."""
        parts = (self.canonical, self.duplicates, self.quarantined, self.replayed)
        return min(parts) >= 0 and self.records_in == sum(parts)

    @property
    def all_quarantined(self) -> bool:
        """Whether there was input and none of it is, or was before, in the dataset."""
        return self.records_in > 0 and self.quarantined == self.records_in
