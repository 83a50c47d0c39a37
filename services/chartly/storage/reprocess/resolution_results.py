"""What a decided conflict resolution says: counts, changed keys, samples, and the rows that are written or removed."""

from collections.abc import Iterator
from pathlib import Path

from chartly.storage.arrow import pa
from chartly.storage.model import Value

from .resolution_database import CONFLICT, DUPLICATE, EXPIRED, RecordPosition, ResolutionDatabase, not_edited


class Compared(Value, frozen=True, kw_only=True):
    """How the reprocessed records differ from those that they replace."""

    unchanged: int
    changed: int
    appear: int
    vanish: int
    outside: int
    newly_quarantined: int
    no_longer_quarantined: int
    reasons: dict[str, int]


class ResolutionResults(ResolutionDatabase):
    """Queries on the tables that ``ConflictResolution.decide`` made."""

    def stays(self) -> set[RecordPosition]:
        """Return the places of the settled records that stay as a person decided."""
        return {RecordPosition(str(raw), int(byte)) for raw, byte in self.run("SELECT raw, byte FROM settled").fetchall()}

    def compare(self) -> Compared:
        """Count the differences, by kind and by reason."""
        unchanged, changed, appear, vanish = self.one(
            "SELECT count(*) FILTER (before = after), count(*) FILTER (before <> after), count(*) FILTER (before IS NULL), "
            "count(*) FILTER (after IS NULL) FROM changes"
        )
        (outside,) = self.one("SELECT (SELECT count(*) FROM held) - (SELECT count(*) FROM gone)")
        self.run("CREATE VIEW refused AS SELECT * FROM rejected ANTI JOIN settled USING (raw, byte)")
        self.run(
            f"CREATE VIEW held_back AS SELECT raw, byte FROM refused UNION SELECT s.raw, s.byte FROM staged s JOIN losers l "  # noqa: S608 - constants
            f"ON l.place = s.place AND l.row = s.row WHERE l.verdict IN ({CONFLICT}, {EXPIRED})"
        )
        (newly,) = self.one("SELECT count(*) FROM (FROM held_back EXCEPT FROM quarantined)")
        (no_longer,) = self.one("SELECT count(*) FROM (FROM quarantined EXCEPT FROM held_back)")
        reasons: dict[str, int] = {}
        found = self.run(
            "SELECT reason, count(*) FROM (SELECT DISTINCT place, row, unnest(reasons) AS reason FROM refused) GROUP BY reason "
            "ORDER BY count(*) DESC, reason"
        ).fetchall()
        reasons.update({str(reason): int(records) for reason, records in found})
        for verdict, reason in ((CONFLICT, "DUPLICATE_CONFLICT"), (EXPIRED, "RETENTION_EXPIRED")):
            (lost,) = self.one(f"SELECT count(*) FROM losers WHERE verdict = {verdict} AND place IS NOT NULL")  # noqa: S608 - constant
            if lost:
                reasons[reason] = lost
        return Compared(
            unchanged=unchanged,
            changed=changed,
            appear=appear,
            vanish=vanish,
            outside=outside,
            newly_quarantined=newly,
            no_longer_quarantined=no_longer,
            reasons=dict(sorted(reasons.items(), key=lambda each: (-each[1], each[0]))),
        )

    def removed(self) -> "Iterator[tuple[pa.Array, pa.Array]]":
        """Yield keys and record ids that the dataset loses, including the old ids of changed keys."""
        return self.pairs("SELECT key, before FROM changes WHERE before IS NOT NULL AND before IS DISTINCT FROM after")

    def added(self) -> "Iterator[tuple[pa.Array, pa.Array]]":
        """Yield keys and record ids that the dataset gains, including the new ids of changed keys."""
        return self.pairs("SELECT key, after FROM changes WHERE after IS NOT NULL AND before IS DISTINCT FROM after")

    def sampled(self, change: str, count: int) -> list[tuple[bytes, int | None, int | None]]:
        """Return some changes of a kind: key, and chunk and row of the new record. The same ones each time."""
        condition = {
            "changed": "before <> after",
            "appear": "before IS NULL",
            "vanish": "after IS NULL",
        }[change]
        rows = self.run(f"SELECT key, place, row FROM changes WHERE {condition} ORDER BY key LIMIT {count}").fetchall()  # noqa: S608 - ours
        return [(bytes(key), place, row) for key, place, row in rows]

    def sampled_quarantine(self, count: int) -> list[tuple[str, int]]:
        """Return raw blob and offset of some records that the reprocess would quarantine newly."""
        query = f"SELECT raw, byte FROM (FROM held_back EXCEPT FROM quarantined) ORDER BY raw, byte LIMIT {count}"  # noqa: S608 - ours
        return [(str(raw), int(offset)) for raw, offset in self.run(query).fetchall()]

    def lost(self) -> tuple[int, int]:
        """Count the accepted records that don't enter the dataset: duplicates, and those that go into quarantine."""
        duplicates, held_back = self.one(
            f"SELECT count(*) FILTER (verdict = {DUPLICATE}), count(*) FILTER (verdict IN ({CONFLICT}, {EXPIRED})) "  # noqa: S608 - constants
            "FROM losers WHERE place IS NOT NULL"
        )
        return duplicates, held_back

    def kept(self) -> tuple[int, int]:
        """Count the accepted records that enter the dataset, and the rejected ones that go into quarantine."""
        taken, refused = self.one("SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM refused)")
        return taken, refused

    def losers(self, place: int) -> list[tuple[int, int]]:
        """Return row and verdict of a staged chunk's accepted records that don't enter the dataset."""
        return [
            (int(row), int(verdict))
            for row, verdict in self.run("SELECT row, verdict FROM losers WHERE place = ? ORDER BY row", place).fetchall()
        ]

    def dropped_rows(self, path: Path) -> list[int]:
        """Return the rows that are removed from one of the dataset's files."""
        rows = self.run(
            "SELECT file_row_number FROM read_parquet(?, file_row_number=true, hive_partitioning=false) "  # noqa: S608 - ours
            f"WHERE (_raw_sha256 IN (SELECT sha256 FROM raws) AND _profile_hash IN (SELECT hash FROM hashes){not_edited([str(path)])}) "
            "OR idempotency_key IN (SELECT key FROM losers WHERE place IS NULL) ORDER BY file_row_number",
            [str(path)],
        ).fetchall()
        return [int(row) for (row,) in rows]
