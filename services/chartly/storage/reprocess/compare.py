"""Compares a rebuild's staged chunks with the dataset: what changes, and what the dataset would come to. Writes nothing but its fold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartly.storage.arrow import native
from chartly.storage.commit.chunk_rows import ChunkRow
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.errors import ReprocessStale
from chartly.storage.model import Counts
from chartly.storage.names import quarantine_id_prefix

from .conflict_resolution import Fold, Place, StagedFile
from .model import Answer, Difference, Reprocess, Settled, Staged

ACCEPTED_FILE, REJECTED_FILE = "accepted.parquet", "rejected.parquet"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """What a rebuild stands on: the dataset at a version, and the chunks that are rebuilt."""

    reprocess: Reprocess
    held: DatasetRow
    staged: Sequence[Staged]
    replaced: Sequence[ChunkRow]
    """The chunks whose place the staged ones take."""
    settled: Sequence[Settled]
    """Records of these whose quarantine was ended."""
    hashes: Sequence[str]
    """Profiles whose records go."""
    files: Sequence[Path]
    quarantine_files: Sequence[Path]
    expired_files: Sequence[Path]
    """Keys that retention took out: what has one doesn't come back by a rebuild."""
    folder: Path
    """Where the staged files lie."""

    def path(self, chunk: Staged, file: str) -> Path:
        """Where a staged chunk's file lies."""
        return chunk_folder(self.folder, chunk.place) / file


def chunk_folder(folder: Path, place: int) -> Path:
    """Folder of a staged chunk: a thousand a folder, so that none grows too long to list."""
    return folder / f"{place // 1000:04d}" / f"{place:07d}"


def folded(ground: Ground, fold: Fold, tell: Tell) -> Difference:
    """Fill the fold, decide each key, and tell what differs.

    Raises:
        ReprocessStale: a chunk is not staged.
        Corrupt: a file can't be read.
    """
    reprocess, held = ground.reprocess, ground.held.dataset
    missing = sum(not chunk.staged for chunk in ground.staged)
    if missing or reprocess.policy is None:
        raise ReprocessStale(reprocess.reprocess_id, f"{missing} of its chunks are not staged")
    tell("reading")
    fold.load_scope({chunk.raw_sha256 for chunk in ground.staged}, ground.hashes)
    fold.load_held(ground.files)
    fold.load_expired(ground.expired_files)
    fold.load_accepted(_files(ground, ACCEPTED_FILE, [chunk for chunk in ground.staged if chunk.accepted]))
    fold.load_rejected(_files(ground, REJECTED_FILE, [chunk for chunk in ground.staged if chunk.rejected]))
    live = [(chunk.commit_version, quarantine_id_prefix(chunk.work_key)) for chunk in ground.replaced if chunk.counts.quarantined]
    fold.load_quarantined(ground.quarantine_files, held.key.dataset, live)
    places = [(Place(each.raw_sha256, each.offset), each) for each in ground.settled]
    fold.load_settled((place for place, _ in places), (place for place, each in places if each.stays))
    tell("comparing")
    fold.decide(reprocess.policy)
    compared = fold.compare()
    content = native.ContentHash(ground.held.content_state or None)
    for keys, record_ids in fold.removed():
        content.remove(keys, record_ids)
    for keys, record_ids in fold.added():
        content.add(keys, record_ids)
    duplicates, conflicts = fold.lost()
    taken, refused = fold.kept()
    stays = staying(ground, fold)
    edited = [each for each in stays if each.answer is Answer.EDITED]
    canonical = sum(each.canonical for each in edited)
    counts = counted(
        canonical=taken + canonical,
        duplicates=duplicates + len(edited) - canonical,
        quarantined=refused + conflicts + len(stays) - len(edited),
    )
    return Difference(
        base_version=held.version,
        base_rows=held.rows,
        base_content_hash=held.content_hash,
        chunks=len(ground.staged),
        unchanged=compared.unchanged,
        changed=compared.changed,
        appear=compared.appear,
        vanish=compared.vanish,
        newly_quarantined=compared.newly_quarantined,
        no_longer_quarantined=compared.no_longer_quarantined,
        outside=compared.outside,
        edited=len(edited),
        discarded=len(stays) - len(edited),
        counts=counts,
        reasons=compared.reasons,
        rows=compared.outside + compared.unchanged + compared.changed + compared.appear,
        content_hash=f"sha256:{content.hexdigest()}",
    )


def staying(ground: Ground, fold: Fold) -> list[Settled]:
    """Give the records that stay as somebody decided them."""
    places = fold.stays()
    found = {place: each for each in ground.settled if each.stays and (place := Place(each.raw_sha256, each.offset)) in places}
    return list(found.values())


def counted(*, canonical: int, duplicates: int, quarantined: int) -> Counts:
    """Counts that add up. A corrected record counts as what it became, a discarded one as quarantined."""
    return Counts(records_in=canonical + duplicates + quarantined, canonical=canonical, duplicates=duplicates, quarantined=quarantined)


def _files(ground: Ground, name: str, chunks: Sequence[Staged]) -> list[StagedFile]:
    return [
        StagedFile(path=str(ground.path(chunk, name)), place=chunk.place, position=chunk.position, raw_sha256=chunk.raw_sha256)
        for chunk in chunks
    ]
