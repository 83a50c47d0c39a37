"""Whether datasets, ledger and raw blobs tell the same story. Pure: it is given what each keeps, and names what does not agree.

Each fault is one sentence with a dataset's name, a version or a digest; never a value of a record.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

COUNTS = ("records_in", "canonical", "duplicates", "quarantined")
"""What a commit counts; a chunk's own counts replay nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A dataset as storage describes it."""

    dataset: str
    version: int
    rows: int
    content_hash: str
    counts: Mapping[str, int]
    derived: bool = False
    """Each commit replaces the whole of it: its counts are those of the last one, and an earlier content may come back."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The same dataset as recomputed from its table, with what storage itself found wrong."""

    version: int
    rows: int
    content_hash: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as the ledger tells it."""

    dataset: str
    version: int
    work_key: str
    raw_sha256: str
    content_hash: str
    counts: Mapping[str, int]
    whole: bool = False
    """Its counts are those of the whole dataset: it was rebuilt or rolled back."""


def table_faults(kept: Kept, recomputed: Recomputed) -> Iterator[str]:
    """Hold a dataset's table against its description. A commit in between makes the two incomparable, and is no fault."""
    for fault in recomputed.faults:
        yield f"dataset {kept.dataset}: {fault}"
    if recomputed.version != kept.version:
        return
    if recomputed.rows != kept.rows:
        yield f"dataset {kept.dataset}: its table holds {recomputed.rows} rows, its description says {kept.rows}"
    if recomputed.content_hash != kept.content_hash:
        own, found = kept.content_hash, recomputed.content_hash
        yield f"dataset {kept.dataset}: its table's content hash is {found}, its description says {own}"


def ledger_faults(kept: Kept, commits: Iterable[Commit]) -> Iterator[str]:
    """Hold a dataset's description against the ledger's entries of its commits, later ones than the description left out."""
    mine = [commit for commit in commits if commit.dataset == kept.dataset and commit.version <= kept.version]
    for (work_key, _), times in sorted(Counter((commit.work_key, commit.version) for commit in mine).items()):
        if times > 1:
            yield f"dataset {kept.dataset}: the ledger has {times} entries of commit {work_key}"
    told_versions = {commit.version for commit in mine}
    missing = [version for version in range(1, kept.version + 1) if version not in told_versions]
    if missing:
        yield f"dataset {kept.dataset}: the ledger has no entry of {len(missing)} of its versions, first of {missing[0]}"
    begins = max((commit.version for commit in mine if commit.whole), default=0)
    counted = [commit for commit in mine if commit.version >= (kept.version if kept.derived else begins)]
    for name in COUNTS:
        told, own = sum(commit.counts.get(name, 0) for commit in counted), kept.counts.get(name, 0)
        if told != own:
            yield f"dataset {kept.dataset}: the ledger's entries come to {told} records as {name}, its own count is {own}"
    for commit in mine:
        if commit.version == kept.version and commit.content_hash != kept.content_hash:
            yield f"dataset {kept.dataset}: its content hash is {kept.content_hash}, the ledger's {commit.content_hash}"


def unknown_datasets(kept: Iterable[Kept], commits: Iterable[Commit]) -> Iterator[str]:
    """Name datasets of which the ledger tells commits and storage knows nothing."""
    known = {each.dataset for each in kept}
    for dataset in sorted({commit.dataset for commit in commits} - known):
        yield f"dataset {dataset}: the ledger has commits of it, and storage doesn't know it"
