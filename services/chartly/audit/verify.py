"""Verify the log within the service: its files against the checkpoint, earlier checkpoints and the durable index."""

from chartly.ledger import bundle, layout, note
from chartly.ledger.check import LogReport, check_log

from .store import EntryStore, LogFiles

# Number of earlier checkpoints that a check compares. Older ones need no comparison: a log contains all entries of its earlier versions.
REMEMBERED_MAX = 1_000
FAULTS_MAX = 100


def verify_log(files: LogFiles, entries: EntryStore, verifier: note.Verifier) -> LogReport:
    """Verify the whole log. Blocking; it reads every file and the index once."""
    report = check_log(files.read, verifier, entries.remembered(verifier.name, REMEMBERED_MAX))
    if report.checkpoint is None:
        return report
    faults = [*report.faults, *_differences(files, entries, report.checkpoint.size)]
    return LogReport(report.checkpoint, tuple(faults[:FAULTS_MAX]))


def _differences(files: LogFiles, entries: EntryStore, size: int) -> list[str]:
    faults: list[str] = []
    for tile in layout.bundles(size):
        start = tile.number * layout.TILE_WIDTH
        kept = [stored.data for stored in entries.read(start, tile.width)]
        try:
            written = bundle.unpack(files.read_tile(tile) or b"", tile.width)
        except bundle.BundleInvalidError:
            continue  # the check of the files has reported it
        if written != kept:
            at = next((i for i, (a, b) in enumerate(zip(written, kept, strict=False)) if a != b), min(len(written), len(kept)))
            faults.append(f"entry {start + at}: the log and the index of entries have different entries")
    return faults
