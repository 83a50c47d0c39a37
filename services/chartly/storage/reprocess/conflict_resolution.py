"""Decides what a rebuild comes to: staged records against each other and against the records that stay, by key, in DuckDB on disk.

The order is that of the chunks' first commits and, within one, of the raw bytes; so a rebuild of all chunks leaves what loading the same
raw bytes anew would leave. It holds keys, digests and places, never a payload; what doesn't fit its memory it spills beside itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from chartly.storage.arrow import duckdb, pa, pq
from chartly.storage.errors import Corrupt
from chartly.storage.model import DedupePolicy, Value
from chartly.storage.table.columns import EDIT_SHA256

# Files named in one statement; each costs the plan a little.
_FILES_A_STATEMENT = 256
_BATCH_ROWS = 65_536
DUPLICATE, CONFLICT, EXPIRED, SETTLED = 1, 2, 3, 4
# Row number within a file: 32 bits of the order; the chunk's position stands above them.
_ORDER = "(position << 32) + row"
# Records that stay have no row of theirs in the order: they come last among those of their commit.
_KEPT_ORDER = "(position << 32) + 4294967295"


class StagedFile(Value, frozen=True, kw_only=True):
    """A file of one staged chunk."""

    path: str
    place: int
    position: int
    raw_sha256: str


class Place(NamedTuple):
    """Where a record lies in the raw bytes."""

    raw_sha256: str
    offset: int


class Compared(Value, frozen=True, kw_only=True):
    """How the rebuilt records differ from those whose place they take."""

    unchanged: int
    changed: int
    appear: int
    vanish: int
    outside: int
    newly_quarantined: int
    no_longer_quarantined: int
    reasons: dict[str, int]


class Fold:
    """One comparison in a database file of its own. Use as a context manager; one thread."""

    def __init__(self, path: Path, memory_bytes: int) -> None:
        self._path = path
        self._memory_bytes = memory_bytes
        self._db: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._db = duckdb.connect(
            str(self._path),
            config={
                "memory_limit": f"{self._memory_bytes}B",
                "threads": "1",
                "temp_directory": f"{self._path}.spill",
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        for left in (self._path, self._path.with_name(f"{self._path.name}.wal")):
            left.unlink(missing_ok=True)

    def load_scope(self, raws: Iterable[str], hashes: Iterable[str]) -> None:
        """Say whose records are rebuilt: those of these raw blobs that were made with these profiles."""
        self._run("CREATE TABLE raws (sha256 VARCHAR)")
        self._insert("raws", pa.table({"sha256": pa.array(list(raws), pa.string())}))
        self._run("CREATE TABLE hashes (hash VARCHAR)")
        self._insert("hashes", pa.table({"hash": pa.array(list(hashes), pa.string())}))

    def load_held(self, files: Sequence[Path]) -> None:
        """Read the dataset's records."""
        self._run("CREATE TABLE held (key BLOB, id BLOB, position BIGINT, inside BOOLEAN)")
        for part in _parts([str(path) for path in files]):
            self._run(
                "INSERT INTO held SELECT idempotency_key, unhex(substr(record_id, 8)), _sequence, "  # noqa: S608 - ours
                f"_raw_sha256 IN (SELECT sha256 FROM raws) AND _profile_hash IN (SELECT hash FROM hashes){_not_edited(part)} "
                "FROM read_parquet(?, union_by_name=true, hive_partitioning=false)",
                part,
            )

    def load_accepted(self, files: Sequence[StagedFile]) -> None:
        """Read the staged records that the profile accepts."""
        self._run("CREATE TABLE staged (key BLOB, id BLOB, place BIGINT, position BIGINT, row BIGINT, byte BIGINT, raw VARCHAR)")
        self._load(
            files,
            "INSERT INTO staged SELECT f.idempotency_key, unhex(substr(f.record_id, 8)), p.place, p.position, f.file_row_number, "
            "f.raw_offset, p.raw_sha256 "
            "FROM read_parquet(?, filename=true, file_row_number=true, hive_partitioning=false) f JOIN places p ON p.path = f.filename",
        )

    def load_rejected(self, files: Sequence[StagedFile]) -> None:
        """Read the places and reasons of the staged records that the profile rejects."""
        self._run("CREATE TABLE rejected (place BIGINT, row BIGINT, byte BIGINT, raw VARCHAR, reasons VARCHAR[])")
        self._load(
            files,
            'INSERT INTO rejected SELECT p.place, f.file_row_number, f."offset", p.raw_sha256, [v.reason FOR v IN f.reasons] '
            "FROM read_parquet(?, filename=true, file_row_number=true, hive_partitioning=false) f JOIN places p ON p.path = f.filename",
        )

    def load_quarantined(self, files: Sequence[Path], dataset: str, live: Iterable[tuple[int, str]]) -> None:
        """Read where the records lie that quarantine holds of the chunks that are rebuilt.

        Args:
            files: of the quarantine table.
            dataset: whose.
            live: commit and beginning of the quarantine ids of each chunk.
        """
        pairs = list(live)
        self._run("CREATE TABLE live (version BIGINT, prefix VARCHAR)")
        columns = {
            "version": pa.array([pair[0] for pair in pairs], pa.int64()),
            "prefix": pa.array([pair[1] for pair in pairs], pa.string()),
        }
        self._insert("live", pa.table(columns))
        self._run("CREATE TABLE quarantined (raw VARCHAR, byte BIGINT)")
        for part in _parts([str(path) for path in files]):
            self._run(
                "INSERT INTO quarantined SELECT q.raw_sha256, q.raw_offset "
                "FROM read_parquet(?, union_by_name=true, hive_partitioning=false) q "
                "JOIN live l ON l.version = q.sequence AND starts_with(q.quarantine_id, l.prefix) WHERE q.dataset = ?",
                part,
                dataset,
            )

    def load_expired(self, files: Sequence[Path]) -> None:
        """Read the keys that retention took out of the dataset; those that came back with somebody's leave are held."""
        self._run("CREATE TABLE expired (key BLOB)")
        for part in _parts([str(path) for path in files]):
            self._run("INSERT INTO expired SELECT idempotency_key FROM read_parquet(?, hive_partitioning=false)", part)
        self._run("CREATE TABLE over AS SELECT DISTINCT e.key FROM expired e ANTI JOIN held h ON h.key = e.key")

    def load_settled(self, ended: Iterable[Place], stay: Iterable[Place]) -> None:
        """Say which quarantined records wait no more, and which of them stay as somebody decided, whatever the profile makes of them.

        After the staged records. A place that several staged records share (a profile may explode one) decides for none of them.
        """
        self._run("CREATE TABLE settled (raw VARCHAR, byte BIGINT)")
        self._insert("settled", _places(stay))
        self._run("CREATE TABLE ended (raw VARCHAR, byte BIGINT)")
        self._insert("ended", _places(ended))
        self._run("DELETE FROM quarantined USING ended WHERE quarantined.raw = ended.raw AND quarantined.byte = ended.byte")
        shared = "(SELECT raw, byte FROM staged UNION ALL SELECT raw, byte FROM rejected)"
        self._run(f"DELETE FROM settled WHERE (raw, byte) IN (SELECT (raw, byte) FROM {shared} GROUP BY raw, byte HAVING count(*) > 1)")  # noqa: S608 - ours

    def stays(self) -> set[Place]:
        """Give the places of those that stay."""
        return {Place(str(raw), int(byte)) for raw, byte in self._run("SELECT raw, byte FROM settled").fetchall()}

    def decide(self, policy: DedupePolicy) -> None:
        """Find, for each key that several records have, the one that it keeps.

        ``first`` and ``quarantine``: what stays keeps its key, else the first record does. ``last``: the last content does, with the record
        that first had it in its last row.
        """
        order = _KEPT_ORDER if policy == "last" else "-1"
        self._run("CREATE VIEW fresh AS SELECT * FROM staged ANTI JOIN settled USING (raw, byte)")
        self._run(
            f"CREATE VIEW candidates AS SELECT key, id, {order} AS pos, NULL::BIGINT AS place, NULL::BIGINT AS row "  # noqa: S608 - constants
            f"FROM held WHERE NOT inside UNION ALL SELECT key, id, {_ORDER}, place, row FROM fresh ANTI JOIN over USING (key)"
        )
        self._run("CREATE TABLE shared AS SELECT key FROM candidates GROUP BY key HAVING count(*) > 1")
        self._run("CREATE TABLE rivals AS SELECT c.* FROM candidates c SEMI JOIN shared USING (key)")
        if policy == "last":
            self._run(
                "CREATE TABLE winners AS WITH l AS (SELECT key, arg_max(id, pos) AS wid FROM rivals GROUP BY key), "
                "o AS (SELECT r.key, l.wid, max(r.pos) FILTER (r.id <> l.wid) AS other "
                "FROM rivals r JOIN l USING (key) GROUP BY r.key, l.wid) "
                "SELECT r.key, o.wid, min(r.pos) AS wpos FROM rivals r JOIN o USING (key) "
                "WHERE r.id = o.wid AND r.pos > coalesce(o.other, -2) GROUP BY r.key, o.wid"
            )
        else:
            self._run("CREATE TABLE winners AS SELECT key, arg_min(id, pos) AS wid, min(pos) AS wpos FROM rivals GROUP BY key")
        other = CONFLICT if policy == "quarantine" else DUPLICATE
        self._run(
            "CREATE TABLE losers AS SELECT r.key, r.place, r.row, "  # noqa: S608 - constants
            f"CASE WHEN r.id = w.wid THEN {DUPLICATE} ELSE {other} END AS verdict FROM rivals r JOIN winners w USING (key) "
            "WHERE r.pos <> w.wpos ORDER BY r.place, r.row"
        )
        self._run(
            f"INSERT INTO losers SELECT s.key, s.place, s.row, {EXPIRED} FROM fresh s SEMI JOIN over USING (key)"  # noqa: S608 - constant
        )
        self._run(
            f"INSERT INTO losers SELECT s.key, s.place, s.row, {SETTLED} FROM staged s SEMI JOIN settled USING (raw, byte)"  # noqa: S608 - constant
        )
        self._run(
            "CREATE TABLE kept AS SELECT s.key, s.id, s.place, s.row "
            "FROM staged s ANTI JOIN losers l ON l.place = s.place AND l.row = s.row"
        )
        self._run(
            "CREATE TABLE gone AS SELECT h.key, h.id FROM held h WHERE h.inside OR h.key IN (SELECT key FROM losers WHERE place IS NULL)"
        )
        self._run(
            "CREATE TABLE changes AS SELECT coalesce(g.key, k.key) AS key, g.id AS before, k.id AS after, k.place, k.row "
            "FROM gone g FULL JOIN kept k ON g.key = k.key"
        )

    def compare(self) -> Compared:
        """Count what differs."""
        unchanged, changed, appear, vanish = self._one(
            "SELECT count(*) FILTER (before = after), count(*) FILTER (before <> after), count(*) FILTER (before IS NULL), "
            "count(*) FILTER (after IS NULL) FROM changes"
        )
        (outside,) = self._one("SELECT (SELECT count(*) FROM held) - (SELECT count(*) FROM gone)")
        self._run("CREATE VIEW refused AS SELECT * FROM rejected ANTI JOIN settled USING (raw, byte)")
        self._run(
            f"CREATE VIEW held_back AS SELECT raw, byte FROM refused UNION SELECT s.raw, s.byte FROM staged s JOIN losers l "  # noqa: S608 - constants
            f"ON l.place = s.place AND l.row = s.row WHERE l.verdict IN ({CONFLICT}, {EXPIRED})"
        )
        (newly,) = self._one("SELECT count(*) FROM (FROM held_back EXCEPT FROM quarantined)")
        (no_longer,) = self._one("SELECT count(*) FROM (FROM quarantined EXCEPT FROM held_back)")
        reasons: dict[str, int] = {}
        found = self._run(
            "SELECT reason, count(*) FROM (SELECT DISTINCT place, row, unnest(reasons) AS reason FROM refused) GROUP BY reason "
            "ORDER BY count(*) DESC, reason"
        ).fetchall()
        reasons.update({str(reason): int(records) for reason, records in found})
        for verdict, reason in ((CONFLICT, "DUPLICATE_CONFLICT"), (EXPIRED, "RETENTION_EXPIRED")):
            (lost,) = self._one(f"SELECT count(*) FROM losers WHERE verdict = {verdict} AND place IS NOT NULL")  # noqa: S608 - constant
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
        """Give keys and record ids that the dataset loses, those that change included."""
        return self._pairs("SELECT key, before FROM changes WHERE before IS NOT NULL AND before IS DISTINCT FROM after")

    def added(self) -> "Iterator[tuple[pa.Array, pa.Array]]":
        """Give keys and record ids that the dataset gains, those that change included."""
        return self._pairs("SELECT key, after FROM changes WHERE after IS NOT NULL AND before IS DISTINCT FROM after")

    def sampled(self, change: str, count: int) -> list[tuple[bytes, int | None, int | None]]:
        """Give the key of some changes, and where the new record is staged; the same ones each time."""
        condition = {
            "changed": "before <> after",
            "appear": "before IS NULL",
            "vanish": "after IS NULL",
        }[change]
        rows = self._run(f"SELECT key, place, row FROM changes WHERE {condition} ORDER BY key LIMIT {count}").fetchall()  # noqa: S608 - ours
        return [(bytes(key), place, row) for key, place, row in rows]

    def sampled_quarantine(self, count: int) -> list[tuple[str, int]]:
        """Give raw blob and offset of some records that would be quarantined newly."""
        query = f"SELECT raw, byte FROM (FROM held_back EXCEPT FROM quarantined) ORDER BY raw, byte LIMIT {count}"  # noqa: S608 - ours
        return [(str(raw), int(offset)) for raw, offset in self._run(query).fetchall()]

    def lost(self) -> tuple[int, int]:
        """Count the accepted records that the dataset does not take: duplicates, and those that go into quarantine."""
        duplicates, held_back = self._one(
            f"SELECT count(*) FILTER (verdict = {DUPLICATE}), count(*) FILTER (verdict IN ({CONFLICT}, {EXPIRED})) "  # noqa: S608 - constants
            "FROM losers WHERE place IS NOT NULL"
        )
        return duplicates, held_back

    def kept(self) -> tuple[int, int]:
        """Count the accepted records that the dataset takes, and the rejected ones that go into quarantine."""
        taken, refused = self._one("SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM refused)")
        return taken, refused

    def losers(self, place: int) -> list[tuple[int, int]]:
        """Give row and verdict of a staged chunk's accepted records that the dataset does not take."""
        return [
            (int(row), int(verdict))
            for row, verdict in self._run("SELECT row, verdict FROM losers WHERE place = ? ORDER BY row", place).fetchall()
        ]

    def dropped_rows(self, path: Path) -> list[int]:
        """Give the rows of one of the dataset's files that go."""
        rows = self._run(
            "SELECT file_row_number FROM read_parquet(?, file_row_number=true, hive_partitioning=false) "  # noqa: S608 - ours
            f"WHERE (_raw_sha256 IN (SELECT sha256 FROM raws) AND _profile_hash IN (SELECT hash FROM hashes){_not_edited([str(path)])}) "
            "OR idempotency_key IN (SELECT key FROM losers WHERE place IS NULL) ORDER BY file_row_number",
            [str(path)],
        ).fetchall()
        return [int(row) for (row,) in rows]

    def _load(self, files: Sequence[StagedFile], statement: str) -> None:
        for start in range(0, len(files), _FILES_A_STATEMENT):
            part = files[start : start + _FILES_A_STATEMENT]
            self._run("CREATE OR REPLACE TEMP TABLE places (path VARCHAR, place BIGINT, position BIGINT, raw_sha256 VARCHAR)")
            columns = {name: [getattr(file, name) for file in part] for name in ("path", "place", "position", "raw_sha256")}
            self._insert("places", pa.table(columns))
            self._run(statement, [file.path for file in part])

    def _insert(self, table: str, rows: "pa.Table") -> None:
        if not rows.num_rows:
            return
        db = self._opened
        db.register("incoming", rows)
        db.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - ours
        db.unregister("incoming")

    def _pairs(self, query: str) -> "Iterator[tuple[pa.Array, pa.Array]]":
        digest = pa.binary(32)
        # A cursor of its own: its rows are read while others ask.
        with self._opened.cursor() as cursor:
            for batch in cursor.sql(query).to_arrow_reader(_BATCH_ROWS):
                yield batch.column(0).cast(pa.binary()).cast(digest), batch.column(1).cast(pa.binary()).cast(digest)

    def _one(self, query: str) -> tuple[Any, ...]:
        return tuple(int(value) for row in self._run(query).fetchall() for value in row)

    def _run(self, query: str, *parameters: object) -> "duckdb.DuckDBPyConnection":
        try:
            return self._opened.execute(query, list(parameters))
        except (duckdb.IOException, duckdb.InvalidInputException) as broken:
            raise Corrupt("table or staged files", "can't be read") from broken

    @property
    def _opened(self) -> "duckdb.DuckDBPyConnection":
        if self._db is None:
            raise RuntimeError("a fold is used within its context")
        return self._db


def _parts(paths: list[str]) -> Iterator[list[str]]:
    return (paths[start : start + _FILES_A_STATEMENT] for start in range(0, len(paths), _FILES_A_STATEMENT))


def _places(found: Iterable[Place]) -> "pa.Table":
    places = list(found)
    return pa.table(
        {"raw": pa.array([each.raw_sha256 for each in places], pa.string()), "byte": pa.array([each.offset for each in places], pa.int64())}
    )


def _not_edited(files: Sequence[str]) -> str:
    """The condition that leaves out records that somebody corrected: their raw bytes alone don't make them again."""
    return f" AND {EDIT_SHA256} IS NULL" if any(EDIT_SHA256 in pq.read_schema(file).names for file in files) else ""
