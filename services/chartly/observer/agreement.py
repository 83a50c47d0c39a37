"""Compares what storage says of a dataset with its table and with its ledger entries. Pure; it holds one bit a version.

A finding names dataset, version and place, and says the problem in one sentence; it never holds a record's value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

COUNTS = ("records_in", "canonical", "duplicates", "quarantined")
"""The counts of a commit; replayed records are part of no other count."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement."""

    dataset: str
    """Empty when no single dataset is concerned."""
    version: int
    """0 when no single version is concerned."""
    place: str
    """``table``, ``ledger``, ``ledger entry <index>`` or ``blob <sha256>``."""
    problem: str

    def __str__(self) -> str:
        named = [f"dataset {self.dataset}"] if self.dataset else []
        named += [f"version {self.version}"] if self.version else []
        return f"{', '.join([*named, self.place])}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset as storage describes it."""

    dataset: str
    version: int
    rows: int
    content_hash: str
    counts: Mapping[str, int]
    derived: bool = False
    """Each commit replaces all rows: the counts are those of the last commit alone."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A dataset as recomputed from its table, with the faults that storage found itself."""

    version: int
    rows: int
    content_hash: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class LedgerCommit:
    """A ledger entry of a commit."""

    index: int
    dataset: str
    version: int
    raw_sha256: str
    content_hash: str
    counts: Mapping[str, int]
    whole: bool = False
    """The counts are those of the whole dataset: it was reprocessed or rolled back."""


class LedgerComparison:
    """Compares a dataset's description with its ledger entries, one entry at a time.

    Entries of reprocesses and rollbacks (``whole``) come first: counts of earlier versions are void. Entries of later versions than the
    described one are skipped: they were committed after the description was read.
    """

    def __init__(self, described: Described) -> None:
        self._described = described
        self._seen = bytearray(described.version // 8 + 1)
        self._versions = 0
        self._counted_from = described.version if described.derived else 0
        self._counts = dict.fromkeys(COUNTS, 0)
        self._findings: list[Finding] = []

    def add(self, entry: LedgerCommit) -> None:
        """Add the next entry of the dataset."""
        if not 0 < entry.version <= self._described.version:
            return
        self._mark(entry)
        if entry.whole and entry.version > self._counted_from:
            self._counted_from = entry.version
            self._counts = dict.fromkeys(COUNTS, 0)
        if entry.version >= self._counted_from:
            for name in COUNTS:
                self._counts[name] += entry.counts.get(name, 0)
        own = self._described.content_hash
        if entry.version == self._described.version and entry.content_hash != own:
            self._note(
                entry.version, f"ledger entry {entry.index}", f"the entry has the content hash {entry.content_hash}, the dataset has {own}"
            )

    def findings(self) -> list[Finding]:
        """Return what does not agree, once all entries were added."""
        found = list(self._findings)
        version = self._described.version
        missing = version - self._versions
        if missing:
            first = next(each for each in range(1, version + 1) if not self._has(each))
            found.append(
                self._finding(first, "ledger", f"the ledger has no entry of {missing} versions; this version is the first of them")
            )
        for name in COUNTS:
            total, own = self._counts[name], self._described.counts.get(name, 0)
            if total != own:
                found.append(
                    self._finding(version, "ledger", f"the ledger's entries count {total} records as {name}, the dataset counts {own}")
                )
        return found

    def _mark(self, entry: LedgerCommit) -> None:
        if self._has(entry.version):
            self._note(entry.version, f"ledger entry {entry.index}", "the ledger has an earlier entry of the same version")
            return
        self._seen[entry.version // 8] |= 1 << entry.version % 8
        self._versions += 1

    def _has(self, version: int) -> bool:
        return bool(self._seen[version // 8] >> version % 8 & 1)

    def _note(self, version: int, place: str, problem: str) -> None:
        self._findings.append(self._finding(version, place, problem))

    def _finding(self, version: int, place: str, problem: str) -> Finding:
        return Finding(self._described.dataset, version, place, problem)


def table_findings(described: Described, recomputed: Recomputed) -> Iterator[Finding]:
    """Compare a dataset's table with its description. After a commit in between the two are of different versions: nothing is compared."""
    for fault in recomputed.faults:
        yield Finding(described.dataset, recomputed.version, "table", fault)
    if recomputed.version != described.version:
        return
    if recomputed.rows != described.rows:
        problem = f"the table has {recomputed.rows} rows, the dataset counts {described.rows}"
        yield Finding(described.dataset, described.version, "table", problem)
    if recomputed.content_hash != described.content_hash:
        problem = f"the table has the content hash {recomputed.content_hash}, the dataset has {described.content_hash}"
        yield Finding(described.dataset, described.version, "table", problem)


def unknown_dataset(entry: LedgerCommit) -> Finding:
    """Return the finding of a dataset that has ledger entries and that storage does not know."""
    return Finding(entry.dataset, entry.version, f"ledger entry {entry.index}", "storage has no dataset of this name")
