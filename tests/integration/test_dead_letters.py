"""Dead letters over gRPC: other work continues, and each way to resolve them."""

import asyncio

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import audit_pb2, coordinator_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .test_runs import ADA, HtmlAnswered, RunPlatform, platform, steps

__all__ = ["platform"]  # the fixture

BOB = Scope("user:bob", "tenant-demo", "proj-other", frozenset({"engineer"}))


async def poisoned(platform: RunPlatform, count: int = 1) -> pb.Run:
    """A run of five pages of ten records, some of which fail."""
    platform.edges.pages = [[10, 0]] * 5
    platform.edges.failures["Normalize"] = [HtmlAnswered() for _ in range(count)]
    await platform.start_drone()
    return await platform.end((await platform.run((await platform.create()).workflow_id)).run_id)


async def letters(platform: RunPlatform, **asked: object) -> list[pb.DeadLetter]:
    """Return the dead letters of a filter."""
    return list((await platform.clients.orchestrator.ListDeadLetters(pb.ListDeadLettersRequest(**asked))).dead_letters)  # type: ignore[arg-type]


async def test_other_pages_are_committed(platform: RunPlatform) -> None:
    """Of five pages one fails: the others are committed, and run and dead letter have the reason."""
    run = await poisoned(platform)
    assert (run.state, run.reason, run.counts.canonical) == (pb.RUN_STATE_FAILED, "UPSTREAM_BAD_RESPONSE", 40)
    assert [(each.reason, each.dead_letters) for each in run.dead_letters] == [("UPSTREAM_BAD_RESPONSE", 1)]
    assert "1 dead letter" in run.message
    assert steps(run) == {"connector_sync": "succeeded", "normalize": "failed", "write_dataset": "failed", "analytics_query": "cancelled"}
    [letter] = await letters(platform, run_id=run.run_id)
    assert (letter.kind, letter.step, letter.source_id) == ("normalize", "normalize", "sales-http")
    assert (letter.state, letter.raw.size_bytes) == (pb.DEAD_LETTER_STATE_DEAD, 2_560)
    shown = await platform.clients.orchestrator.GetDeadLetter(pb.GetDeadLetterRequest(dead_letter_id=letter.dead_letter_id))
    assert shown == letter


async def test_retried_run_does_what_was_left(platform: RunPlatform) -> None:
    """A retry of a run does the failed page and the rollup only; repeated, it returns the same run."""
    run = await poisoned(platform, 2)
    calls = len(platform.edges.calls)
    again = await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    ended = await platform.end(again.run_id)
    assert (ended.state, ended.retry_of) == (pb.RUN_STATE_SUCCEEDED, run.run_id)
    assert sorted(platform.edges.calls[calls:]) == ["Normalize", "Normalize", "RunRollup"]
    assert run.counts.records_in + ended.counts.records_in == 50
    assert [each.profile for each in ended.steps] == [each.profile for each in run.steps]
    assert (await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))).run_id == again.run_id
    assert await letters(platform) == []
    assert {each.retried_as for each in await letters(platform, state=pb.DEAD_LETTER_STATE_RETRIED)} == {again.run_id}


async def test_one_letter_is_retried(platform: RunPlatform) -> None:
    """A retry of one of two dead letters leaves the other, which a retry of the run includes."""
    run = await poisoned(platform, 2)
    first, second = await letters(platform)
    request = pb.RetryDeadLettersRequest(dead_letter_ids=[first.dead_letter_id])
    retried = await platform.clients.orchestrator.RetryDeadLetters(request)
    assert (retried.retried, len(retried.runs)) == (1, 1)
    assert (await platform.end(retried.runs[0].run_id)).counts.records_in == 10
    assert [each.dead_letter_id for each in await letters(platform)] == [second.dead_letter_id]

    repeated = await platform.clients.orchestrator.RetryDeadLetters(request)
    assert (repeated.retried, [each.run_id for each in repeated.runs]) == (0, [retried.runs[0].run_id])
    rest = await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    assert (await platform.end(rest.run_id)).counts.records_in == 10


async def test_letters_are_retried_by_filter(platform: RunPlatform) -> None:
    """All dead letters of a reason are retried, those of one run in one run; an unused reason is refused."""
    await poisoned(platform, 3)
    for reason, expected in (("CORRUPT", (0, 0)), ("UPSTREAM_BAD_RESPONSE", (3, 1))):
        request = pb.RetryDeadLettersRequest(filter=pb.DeadLetterFilter(reason=reason))
        retried = await platform.clients.orchestrator.RetryDeadLetters(request)
        assert (retried.retried, len(retried.runs), retried.more) == (*expected, False)


async def test_discarded_letter_is_final(platform: RunPlatform) -> None:
    """The ledger has the caller and note of a discard; the dead letter can't be retried, and the queue deletes it."""
    run = await poisoned(platform)
    [letter] = await letters(platform)
    stats = await platform.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())
    assert stats.dead_letters == 1
    request = pb.DiscardDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id], note="The upstream has withdrawn it.")
    for discarded in (1, 0):
        assert (await platform.clients.orchestrator.DiscardDeadLetters(request)).discarded == discarded
    [gone] = await letters(platform, state=pb.DEAD_LETTER_STATE_DISCARDED)
    assert (gone.note, gone.resolved_by) == ("The upstream has withdrawn it.", "user:ada")

    assert (await platform.events(run.run_id, 6))[-1] == "workflow.dead_letter.discarded"
    [event] = (await platform.clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run.run_id))).events[-1:]
    assert dict(event.details.items())["note"] == gone.note
    with pytest.raises(RemoteError) as refused:
        await platform.clients.orchestrator.RetryDeadLetters(pb.RetryDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id]))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"
    async with asyncio.timeout(60):
        while stats.dead_letters:
            await asyncio.sleep(0.02)
            stats = await platform.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())


async def test_run_without_anything_left_is_not_retried(platform: RunPlatform) -> None:
    """A run with only discarded dead letters, or one that succeeded, has nothing to retry."""
    await platform.start_drone()
    well = await platform.end((await platform.run((await platform.create()).workflow_id)).run_id)
    with pytest.raises(RemoteError) as refused:
        await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=well.run_id))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"


async def test_cancelled_run_is_retried(platform: RunPlatform) -> None:
    """A cancelled run is continued by a new one; together they count each page once."""
    platform.edges.pages = [[10, 0]] * 6
    platform.edges.normalizing.clear()
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    await platform.edges.normalize_called.wait()
    cancelled = await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))
    platform.edges.normalizing.set()
    assert cancelled.state == pb.RUN_STATE_CANCELLED
    assert await letters(platform) == []
    again = await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    ended = await platform.end(again.run_id)
    assert (ended.state, cancelled.counts.records_in + ended.counts.records_in) == (pb.RUN_STATE_SUCCEEDED, 60)


async def test_letters_belong_to_their_project(platform: RunPlatform) -> None:
    """Another project sees no dead letter, and its ids are unknown there; an empty filter is refused."""
    await poisoned(platform)
    [letter] = await letters(platform)
    with scoped(BOB):
        assert await letters(platform) == []
        with pytest.raises(RemoteError) as refused:
            await platform.clients.orchestrator.GetDeadLetter(pb.GetDeadLetterRequest(dead_letter_id=letter.dead_letter_id))
        assert refused.value.remote_reason == "DEAD_LETTER_UNKNOWN"
        with pytest.raises(RemoteError) as unknown:
            await platform.clients.orchestrator.RetryDeadLetters(pb.RetryDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id]))
        assert unknown.value.remote_reason == "DEAD_LETTER_UNKNOWN"
    with pytest.raises(RemoteError) as invalid:
        await platform.clients.orchestrator.DiscardDeadLetters(pb.DiscardDeadLettersRequest(note="no longer needed"))
    assert {violation.field for violation in invalid.value.violations} == {"dead_letter_ids"}
    assert ADA.project == "proj-sales"


async def test_letters_are_paged(platform: RunPlatform) -> None:
    """Each letter is on one page, newest first."""
    await poisoned(platform, 3)
    found: list[str] = []
    token = ""
    while True:
        answer = await platform.clients.orchestrator.ListDeadLetters(pb.ListDeadLettersRequest(page_size=2, page_token=token))
        found += [each.dead_letter_id for each in answer.dead_letters]
        token = answer.next_page_token
        if not token:
            break
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 3


async def test_letters_and_their_retry_survive_a_restart(platform: RunPlatform) -> None:
    """After a restart dead letters are listed and retried as before."""
    run = await poisoned(platform)
    await platform.stop_drone()
    await platform.restart()
    assert len(await letters(platform, run_id=run.run_id)) == 1
    again = await platform.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    await platform.restart()
    await platform.start_drone()
    assert (await platform.end(again.run_id)).state == pb.RUN_STATE_SUCCEEDED
