"""Compares the staged chunks of a reprocess with the dataset: what changes, and what the dataset would be. Changes no dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartly.storage.arrow import native
from chartly.storage.commit.chunk_rows import ChunkRow
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.errors import ReprocessStale
from chartly.storage.model import Counts
from chartly.storage.names import quarantine_id_prefix

from .conflict_resolution import ConflictResolution, RecordPosition, StagedFile
from .model import Answer, Difference, Reprocess, Settled, StagedChunk
from .progress import Report

ACCEPTED_FILE, REJECTED_FILE = "accepted.parquet", "rejected.parquet"


@dataclass(frozen=True)
class ReprocessInputs:
    """What a reprocess works on: the dataset at a version, and the chunks that are reprocessed."""

    reprocess: Reprocess
    held: DatasetRow
    staged: Sequence[StagedChunk]
    replaced: Sequence[ChunkRow]
    """The chunks that the staged ones replace."""
    settled: Sequence[Settled]
    """Quarantined records of these chunks that were released or discarded."""
    hashes: Sequence[str]
    """Hashes of the profiles whose records are replaced."""
    files: Sequence[Path]
    quarantine_files: Sequence[Path]
    expired_files: Sequence[Path]
    """Files with the keys that retention removed. A reprocess does not bring their records back."""
    folder: Path
    """Folder of the staged files."""

    def path(self, chunk: StagedChunk, file: str) -> Path:
        """Return the path of a staged chunk's file."""
        return chunk_folder(self.folder, chunk.place) / file


def chunk_folder(folder: Path, place: int) -> Path:
    """Return the folder of a staged chunk. A parent folder holds at most a thousand of them."""
    return folder / f"{place // 1000:04d}" / f"{place:07d}"


def resolve(inputs: ReprocessInputs, resolution: ConflictResolution, report: Report) -> Difference:
    """Load all records, decide each key, and return the differences.

    Raises:
        ReprocessStale: a chunk is not staged.
        Corrupt: a file is missing or can't be read.
    """
    reprocess, held = inputs.reprocess, inputs.held.dataset
    missing = sum(not chunk.staged for chunk in inputs.staged)
    if missing or reprocess.policy is None:
        raise ReprocessStale(reprocess.reprocess_id, f"{missing} of its chunks are not staged")
    report("reading")
    resolution.load_scope({chunk.raw_sha256 for chunk in inputs.staged}, inputs.hashes)
    resolution.load_held(inputs.files)
    resolution.load_expired(inputs.expired_files)
    resolution.load_accepted(_files(inputs, ACCEPTED_FILE, [chunk for chunk in inputs.staged if chunk.accepted]))
    resolution.load_rejected(_files(inputs, REJECTED_FILE, [chunk for chunk in inputs.staged if chunk.rejected]))
    live = [(chunk.commit_version, quarantine_id_prefix(chunk.work_key)) for chunk in inputs.replaced if chunk.counts.quarantined]
    resolution.load_quarantined(inputs.quarantine_files, held.key.dataset, live)
    places = [(RecordPosition(each.raw_sha256, each.offset), each) for each in inputs.settled]
    resolution.load_settled((place for place, _ in places), (place for place, each in places if each.stays))
    report("comparing")
    resolution.decide(reprocess.policy)
    compared = resolution.compare()
    content = native.ContentHash(inputs.held.content_state or None)
    for keys, record_ids in resolution.removed():
        content.remove(keys, record_ids)
    for keys, record_ids in resolution.added():
        content.add(keys, record_ids)
    duplicates, conflicts = resolution.lost()
    taken, refused = resolution.kept()
    stays = staying(inputs, resolution)
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
        chunks=len(inputs.staged),
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


def staying(inputs: ReprocessInputs, resolution: ConflictResolution) -> list[Settled]:
    """Return the settled records that stay as a person decided."""
    places = resolution.stays()
    found = {place: each for each in inputs.settled if each.stays and (place := RecordPosition(each.raw_sha256, each.offset)) in places}
    return list(found.values())


def counted(*, canonical: int, duplicates: int, quarantined: int) -> Counts:
    """Return counts that add up. A corrected record counts as what it became, a discarded one as quarantined."""
    return Counts(records_in=canonical + duplicates + quarantined, canonical=canonical, duplicates=duplicates, quarantined=quarantined)


def _files(inputs: ReprocessInputs, name: str, chunks: Sequence[StagedChunk]) -> list[StagedFile]:
    return [
        StagedFile(path=str(inputs.path(chunk, name)), place=chunk.place, position=chunk.position, raw_sha256=chunk.raw_sha256)
        for chunk in chunks
    ]
