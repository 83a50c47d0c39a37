"""Selection of a reprocess's chunks, and the names of its parts."""

from datetime import UTC, datetime

import pytest

from chartly.normalizer.identity import work_key
from chartly.storage.model import FrozenRef
from chartly.storage.reprocess.model import ChunkFilter, chunk_work_key, chunks_digest, profile_name

NEW = FrozenRef(ref="acme/shop::normalizer/sales@2.0.0", hash="sha256:2")
FIRST, SECOND = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "landed_at", "quarantined", "held"),
    [
        (ChunkFilter(normalizer=NEW), FIRST, 0, True),
        (ChunkFilter(normalizer=NEW, since=FIRST), FIRST, 0, True),
        (ChunkFilter(normalizer=NEW, until=FIRST), FIRST, 0, False),
        (ChunkFilter(normalizer=NEW, since=SECOND), FIRST, 0, False),
        (ChunkFilter(normalizer=NEW, since=FIRST, until=SECOND), FIRST, 0, True),
        (ChunkFilter(normalizer=NEW, quarantined=True), FIRST, 0, False),
        (ChunkFilter(normalizer=NEW, quarantined=True), FIRST, 1, True),
    ],
)
def test_a_window_has_its_beginning_and_not_its_end(scope: ChunkFilter, landed_at: datetime, quarantined: int, *, held: bool) -> None:
    """A time window includes its start and excludes its end; with ``quarantined`` only chunks with quarantined records are selected."""
    assert scope.holds(landed_at, quarantined) is held


def test_chunks_of_any_version_of_the_normalizer_are_meant() -> None:
    """Chunks of all versions of the normalizer's name are selected, unless another name is set."""
    assert profile_name("global::normalizer/sales@1.0.0") == ChunkFilter(normalizer=NEW).replaced_name == "sales"
    assert ChunkFilter(normalizer=NEW, replaces="orders").replaced_name == "orders"


def test_reprocessed_chunk_has_the_work_key_of_a_load() -> None:
    """A reprocessed chunk has the work key of a load with the new profile, so that a later load counts as replayed."""
    assert chunk_work_key("a" * 64, "sha256:2", "sales") == work_key("a" * 64, "sha256:2", "sales")


def test_digest_of_chunks_depends_on_their_order() -> None:
    """The digest depends on the order and the digest of each chunk."""
    pairs = [("k1", "sha256:1"), ("k2", "sha256:2")]
    assert len({chunks_digest(pairs), chunks_digest(pairs[::-1]), chunks_digest(pairs[:1])}) == 3
