"""The ledger over gRPC, on real files."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.audit.entry import EntryEncoder
from chartly.contracts import ContractStore
from chartly.ledger import checkpoint, layout, note
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import audit_pb2 as pb

StartHost = Callable[..., Awaitable[Host]]
SCOPE = Scope("service:normalizer", "tenant-demo", "proj-sales", frozenset({"service"}))
AUDITOR = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"operator"}))


def event(number: int) -> pb.AuditEvent:
    """Return an event of a commit."""
    details = Struct()
    details.update({"raw_sha256": "ab" * 32, "counts": {"records_in": number}})
    return pb.AuditEvent(
        event_key=f"dataset.updated/sales/{number}", type="dataset.updated", subject="dataset/sales", run_id="run_1", details=details
    )


async def test_an_event_is_under_a_signed_checkpoint_once_acknowledged(start_host: StartHost) -> None:
    """An acknowledged event is under a checkpoint of the returned size, which verifies with the log's published key."""
    host = await start_host("audit")
    with scoped(SCOPE):
        answer = await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=[event(1), event(2)]))
    with scoped(AUDITOR):
        audit = host.clients("test").audit
        key = note.Verifier.from_vkey((await audit.GetLogKey(pb.GetLogKeyRequest())).data.decode())
        signed = (await audit.GetCheckpoint(pb.GetCheckpointRequest())).data
    assert list(answer.indexes) == [0, 1]
    assert checkpoint.parse(note.open_note(signed, key), key.name).size == answer.tree_size == 2


async def test_a_repeated_event_keeps_its_index(start_host: StartHost) -> None:
    """Appending the same event again adds nothing."""
    host = await start_host("audit")
    with scoped(SCOPE):
        audit = host.clients("normalizer").audit
        first = await audit.AppendEvents(pb.AppendEventsRequest(events=[event(1)]))
        again = await audit.AppendEvents(pb.AppendEventsRequest(events=[event(1), event(2)]))
    assert list(first.indexes) == [0]
    assert (list(again.indexes), again.tree_size) == ([0, 1], 2)


async def test_the_log_verifies_and_goes_on_after_a_restart(start_host: StartHost) -> None:
    """A log of more than one tile verifies before and after a restart, and accepts further entries."""
    host = await start_host("audit")
    with scoped(SCOPE):
        for start in range(0, 600, 200):
            events = [event(start + i) for i in range(200)]
            await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=events))
    await host.stop()
    host = await start_host("audit")
    with scoped(SCOPE):
        await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=[event(9_999)]))
    with scoped(AUDITOR):
        report = await host.clients("test").audit.VerifyLog(pb.VerifyLogRequest())
    assert list(report.faults) == []
    assert (report.verified, report.tree_size) == (True, 601)


async def test_a_flipped_byte_is_named(start_host: StartHost) -> None:
    """A changed byte of a bundle is found, and the fault has its place."""
    host = await start_host("audit")
    with scoped(SCOPE):
        await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=[event(1)]))
    path = host.config.data_path / "ledger" / "log" / "tile" / layout.Tile(None, 0, 1).path
    raw = bytearray(path.read_bytes())
    raw[-2] ^= 0x01
    path.write_bytes(raw)
    with scoped(AUDITOR):
        report = await host.clients("test").audit.VerifyLog(pb.VerifyLogRequest())
    assert not report.verified
    assert any("tile/0/000.p/1" in fault for fault in report.faults)
    assert any("entry 0: the log and the index of entries have different entries" in fault for fault in report.faults)


async def test_a_rolled_back_checkpoint_is_seen(start_host: StartHost) -> None:
    """A log that was restored to an older valid state is detected by a later checkpoint."""
    host = await start_host("audit")
    folder = host.config.data_path / "ledger" / "log"
    with scoped(SCOPE):
        audit = host.clients("normalizer").audit
        await audit.AppendEvents(pb.AppendEventsRequest(events=[event(1)]))
        old = (folder / "checkpoint").read_bytes()
        await audit.AppendEvents(pb.AppendEventsRequest(events=[event(2)]))
    (folder / "checkpoint").write_bytes(old)
    with scoped(AUDITOR):
        report = await host.clients("test").audit.VerifyLog(pb.VerifyLogRequest())
    assert any("rolled back" in fault for fault in report.faults)


async def test_an_event_that_breaks_the_contract_is_refused(start_host: StartHost) -> None:
    """The error of an invalid event names the field."""
    host = await start_host("audit")
    with scoped(SCOPE), pytest.raises(RemoteError) as refused:
        await host.clients("normalizer").audit.AppendEvents(
            pb.AppendEventsRequest(events=[pb.AuditEvent(event_key="x", type="Not A Type", subject="run/1")])
        )
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert any("kind" in violation.field for violation in refused.value.violations)


async def test_events_are_listed_in_both_orders(start_host: StartHost) -> None:
    """Newest first is the reverse of oldest first, over all pages; a page token belongs to one order."""
    host = await start_host("audit")
    with scoped(SCOPE):
        await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=[event(n) for n in range(7)]))
    found: dict[bool, list[int]] = {}
    tokens: list[str] = []
    with scoped(AUDITOR):
        audit = host.clients("test").audit
        for newest_first in (False, True):
            token, found[newest_first] = "", []
            while True:
                request = pb.ListEventsRequest(page_size=3, page_token=token, newest_first=newest_first)
                page = await audit.ListEvents(request)
                found[newest_first] += [each.index for each in page.events]
                token = page.next_page_token
                if not token:
                    break
                tokens.append(token)
        with pytest.raises(RemoteError) as refused:
            await audit.ListEvents(pb.ListEventsRequest(page_token=tokens[0], newest_first=True))

    assert found == {False: [0, 1, 2, 3, 4, 5, 6], True: [6, 5, 4, 3, 2, 1, 0]}
    assert refused.value.remote_reason == "BAD_PAGE_TOKEN"


async def test_a_partial_tile_outlives_its_tile(start_host: StartHost) -> None:
    """The tiles of a checkpoint of 200 entries can be read after the full tiles exist."""
    host = await start_host("audit")
    partial: dict[str, bytes] = {}
    with scoped(SCOPE):
        for start in (0, 200):
            events = [event(start + i) for i in range(200)]
            await host.clients("normalizer").audit.AppendEvents(pb.AppendEventsRequest(events=events))
            for path in ("0/000.p/200", "entries/000.p/200") if not start else ():
                partial[path] = (host.config.data_path / "ledger" / "log" / "tile" / path).read_bytes()
    with scoped(AUDITOR):
        audit = host.clients("test").audit
        for path, content in partial.items():
            assert not (host.config.data_path / "ledger" / "log" / "tile" / path).exists()
            assert (await audit.GetTile(pb.GetTileRequest(path=path))).data == content
        with pytest.raises(RemoteError) as refused:
            await audit.GetTile(pb.GetTileRequest(path="0/001.p/145"))
    assert refused.value.remote_reason == "LOG_RANGE"


async def test_the_log_is_named_by_where_it_is_served(start_host: StartHost) -> None:
    """The origin is the edge's address of the first start, and never changes."""
    host = await start_host("audit", **{"edge.port": 8123})
    with scoped(AUDITOR):
        key = (await host.clients("test").audit.GetLogKey(pb.GetLogKeyRequest())).data.decode()
    assert key.startswith("127.0.0.1:8123/v1/audit/log+")


async def test_a_path_outside_the_log_is_not_found(start_host: StartHost) -> None:
    """No path leads to the signing key."""
    host = await start_host("audit")
    with scoped(AUDITOR), pytest.raises(RemoteError) as refused:
        await host.clients("test").audit.GetTile(pb.GetTileRequest(path="../../key"))
    assert refused.value.remote_reason == "LOG_RANGE"


async def test_entry_may_have_as_many_bytes_as_the_configured_limit(start_host: StartHost) -> None:
    """An event whose entry has ledger_entry_bytes_max bytes is appended; with one byte more it is refused."""
    host = await start_host("audit", limits__ledger_entry_bytes_max=500)

    def padded(length: int) -> pb.AuditEvent:
        details = Struct()
        details.update({"raw_sha256": "a" * length})
        moment = Timestamp(seconds=1_770_000_000)
        return pb.AuditEvent(event_key=f"run/{length:04}", type="run.started", subject="run/run_1", occurred_at=moment, details=details)

    encoder = EntryEncoder(ContractStore.packaged(), 65_535)
    rest = len(encoder.encode(padded(1), SCOPE, datetime.now(UTC)).data) - 1
    with scoped(SCOPE):
        audit = host.clients("normalizer").audit
        answer = await audit.AppendEvents(pb.AppendEventsRequest(events=[padded(500 - rest)]))
        with pytest.raises(RemoteError) as refused:
            await audit.AppendEvents(pb.AppendEventsRequest(events=[padded(501 - rest)]))
    assert list(answer.indexes) == [0]
    assert "must have at most 500 bytes" in str(refused.value.violations)
