"""Decides which record each key of a reprocessed dataset has: staged records compete with each other and with the records that stay.

Records are ordered by their chunk's first commit and, within a chunk, by their place in the raw bytes. Reprocessing all chunks therefore
gives the same dataset as loading the same raw bytes again. Use: all ``load_`` methods, ``decide``, then the queries of the base class.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chartly.storage.arrow import pa
from chartly.storage.model import DedupePolicy, Value

from .resolution_database import CONFLICT, DUPLICATE, EXPIRED, SETTLED, RecordPosition, not_edited
from .resolution_results import ResolutionResults

# Files named in one statement; each costs the plan a little.
_FILES_A_STATEMENT = 256
# The chunk's position, then 32 bits of row number within its file.
_ORDER = "(position << 32) + row"
# Records that stay have no row number: they are the last ones of their commit.
_KEPT_ORDER = "(position << 32) + 4294967295"


class StagedFile(Value, frozen=True, kw_only=True):
    """A file of one staged chunk."""

    path: str
    place: int
    position: int
    raw_sha256: str


class ConflictResolution(ResolutionResults):
    """The conflict resolution of one reprocess. Use as a context manager; one thread."""

    def load_scope(self, raws: Iterable[str], hashes: Iterable[str]) -> None:
        """Load which records are reprocessed: those of these raw blobs that these profiles made."""
        self.run("CREATE TABLE raws (sha256 VARCHAR)")
        self.insert("raws", pa.table({"sha256": pa.array(list(raws), pa.string())}))
        self.run("CREATE TABLE hashes (hash VARCHAR)")
        self.insert("hashes", pa.table({"hash": pa.array(list(hashes), pa.string())}))

    def load_held(self, files: Sequence[Path]) -> None:
        """Load the dataset's records."""
        self.run("CREATE TABLE held (key BLOB, id BLOB, position BIGINT, inside BOOLEAN)")
        for part in _parts([str(path) for path in files]):
            self.run(
                "INSERT INTO held SELECT idempotency_key, unhex(substr(record_id, 8)), _sequence, "  # noqa: S608 - ours
                f"_raw_sha256 IN (SELECT sha256 FROM raws) AND _profile_hash IN (SELECT hash FROM hashes){not_edited(part)} "
                "FROM read_parquet(?, union_by_name=true, hive_partitioning=false)",
                part,
            )

    def load_accepted(self, files: Sequence[StagedFile]) -> None:
        """Load the staged records that the profile accepts."""
        self.run("CREATE TABLE staged (key BLOB, id BLOB, place BIGINT, position BIGINT, row BIGINT, byte BIGINT, raw VARCHAR)")
        self._load(
            files,
            "INSERT INTO staged SELECT f.idempotency_key, unhex(substr(f.record_id, 8)), p.place, p.position, f.file_row_number, "
            "f.raw_offset, p.raw_sha256 "
            "FROM read_parquet(?, filename='_file', file_row_number=true, hive_partitioning=false) f JOIN places p ON p.path = f._file",
        )

    def load_rejected(self, files: Sequence[StagedFile]) -> None:
        """Load places and reasons of the staged records that the profile rejects."""
        self.run("CREATE TABLE rejected (place BIGINT, row BIGINT, byte BIGINT, raw VARCHAR, reasons VARCHAR[])")
        self._load(
            files,
            'INSERT INTO rejected SELECT p.place, f.file_row_number, f."offset", p.raw_sha256, [v.reason FOR v IN f.reasons] '
            "FROM read_parquet(?, filename='_file', file_row_number=true, hive_partitioning=false) f JOIN places p ON p.path = f._file",
        )

    def load_quarantined(self, files: Sequence[Path], dataset: str, live: Iterable[tuple[int, str]]) -> None:
        """Load the places of the records that quarantine holds of the reprocessed chunks.

        Args:
            files: files of the quarantine table.
            dataset: the dataset's name.
            live: each chunk's commit and the prefix of its quarantine ids.
        """
        pairs = list(live)
        self.run("CREATE TABLE live (version BIGINT, prefix VARCHAR)")
        columns = {
            "version": pa.array([pair[0] for pair in pairs], pa.int64()),
            "prefix": pa.array([pair[1] for pair in pairs], pa.string()),
        }
        self.insert("live", pa.table(columns))
        self.run("CREATE TABLE quarantined (raw VARCHAR, byte BIGINT)")
        for part in _parts([str(path) for path in files]):
            self.run(
                "INSERT INTO quarantined SELECT q.raw_sha256, q.raw_offset "
                "FROM read_parquet(?, union_by_name=true, hive_partitioning=false) q "
                "JOIN live l ON l.version = q.sequence AND starts_with(q.quarantine_id, l.prefix) WHERE q.dataset = ?",
                part,
                dataset,
            )

    def load_expired(self, files: Sequence[Path]) -> None:
        """Load the keys that retention removed from the dataset, without those that were admitted again later."""
        self.run("CREATE TABLE expired (key BLOB)")
        for part in _parts([str(path) for path in files]):
            self.run("INSERT INTO expired SELECT idempotency_key FROM read_parquet(?, hive_partitioning=false)", part)
        self.run("CREATE TABLE over AS SELECT DISTINCT e.key FROM expired e ANTI JOIN held h ON h.key = e.key")

    def load_settled(self, ended: Iterable[RecordPosition], stay: Iterable[RecordPosition]) -> None:
        """Load which quarantined records are released or discarded, and which of them stay so whatever the profile says.

        Call it after the staged records are loaded. A place that several staged records share (a profile may split one raw record) decides
        for none of them.
        """
        self.run("CREATE TABLE settled (raw VARCHAR, byte BIGINT)")
        self.insert("settled", _places(stay))
        self.run("CREATE TABLE ended (raw VARCHAR, byte BIGINT)")
        self.insert("ended", _places(ended))
        self.run("DELETE FROM quarantined USING ended WHERE quarantined.raw = ended.raw AND quarantined.byte = ended.byte")
        shared = "(SELECT raw, byte FROM staged UNION ALL SELECT raw, byte FROM rejected)"
        self.run(f"DELETE FROM settled WHERE (raw, byte) IN (SELECT (raw, byte) FROM {shared} GROUP BY raw, byte HAVING count(*) > 1)")  # noqa: S608 - ours

    def decide(self, policy: DedupePolicy) -> None:
        """Find the record that wins each key that several records have.

        ``first`` and ``quarantine``: a record that stays wins, else the first one. ``last``: the last content wins, with the
        first of the records at the end that have it.
        """
        order = _KEPT_ORDER if policy == "last" else "-1"
        self.run("CREATE VIEW fresh AS SELECT * FROM staged ANTI JOIN settled USING (raw, byte)")
        self.run(
            f"CREATE VIEW candidates AS SELECT key, id, {order} AS pos, NULL::BIGINT AS place, NULL::BIGINT AS row "  # noqa: S608 - constants
            f"FROM held WHERE NOT inside UNION ALL SELECT key, id, {_ORDER}, place, row FROM fresh ANTI JOIN over USING (key)"
        )
        self.run("CREATE TABLE shared AS SELECT key FROM candidates GROUP BY key HAVING count(*) > 1")
        self.run("CREATE TABLE rivals AS SELECT c.* FROM candidates c SEMI JOIN shared USING (key)")
        if policy == "last":
            self.run(
                "CREATE TABLE winners AS WITH l AS (SELECT key, arg_max(id, pos) AS wid FROM rivals GROUP BY key), "
                "o AS (SELECT r.key, l.wid, max(r.pos) FILTER (r.id <> l.wid) AS other "
                "FROM rivals r JOIN l USING (key) GROUP BY r.key, l.wid) "
                "SELECT r.key, o.wid, min(r.pos) AS wpos FROM rivals r JOIN o USING (key) "
                "WHERE r.id = o.wid AND r.pos > coalesce(o.other, -2) GROUP BY r.key, o.wid"
            )
        else:
            self.run("CREATE TABLE winners AS SELECT key, arg_min(id, pos) AS wid, min(pos) AS wpos FROM rivals GROUP BY key")
        other = CONFLICT if policy == "quarantine" else DUPLICATE
        self.run(
            "CREATE TABLE losers AS SELECT r.key, r.place, r.row, "  # noqa: S608 - constants
            f"CASE WHEN r.id = w.wid THEN {DUPLICATE} ELSE {other} END AS verdict FROM rivals r JOIN winners w USING (key) "
            "WHERE r.pos <> w.wpos ORDER BY r.place, r.row"
        )
        self.run(
            f"INSERT INTO losers SELECT s.key, s.place, s.row, {EXPIRED} FROM fresh s SEMI JOIN over USING (key)"  # noqa: S608 - constant
        )
        self.run(
            f"INSERT INTO losers SELECT s.key, s.place, s.row, {SETTLED} FROM staged s SEMI JOIN settled USING (raw, byte)"  # noqa: S608 - constant
        )
        self.run(
            "CREATE TABLE kept AS SELECT s.key, s.id, s.place, s.row "
            "FROM staged s ANTI JOIN losers l ON l.place = s.place AND l.row = s.row"
        )
        self.run(
            "CREATE TABLE gone AS SELECT h.key, h.id FROM held h WHERE h.inside OR h.key IN (SELECT key FROM losers WHERE place IS NULL)"
        )
        self.run(
            "CREATE TABLE changes AS SELECT coalesce(g.key, k.key) AS key, g.id AS before, k.id AS after, k.place, k.row "
            "FROM gone g FULL JOIN kept k ON g.key = k.key"
        )

    def _load(self, files: Sequence[StagedFile], statement: str) -> None:
        for start in range(0, len(files), _FILES_A_STATEMENT):
            part = files[start : start + _FILES_A_STATEMENT]
            self.run("CREATE OR REPLACE TEMP TABLE places (path VARCHAR, place BIGINT, position BIGINT, raw_sha256 VARCHAR)")
            columns = {name: [getattr(file, name) for file in part] for name in ("path", "place", "position", "raw_sha256")}
            self.insert("places", pa.table(columns))
            self.run(statement, [file.path for file in part])


def _places(found: Iterable[RecordPosition]) -> "pa.Table":
    places = list(found)
    return pa.table(
        {"raw": pa.array([each.raw_sha256 for each in places], pa.string()), "byte": pa.array([each.offset for each in places], pa.int64())}
    )


def _parts(paths: list[str]) -> Iterator[list[str]]:
    return (paths[start : start + _FILES_A_STATEMENT] for start in range(0, len(paths), _FILES_A_STATEMENT))
