"""Dead letters over the real wire: healthy work goes on beside them, and each way back from them."""

import asyncio

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import audit_pb2, coordinator_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .test_runs import ADA, HtmlAnswered, Road, road, steps

__all__ = ["road"]  # the fixture

BOB = Scope("user:bob", "tenant-demo", "proj-other", frozenset({"engineer"}))


async def poisoned(road: Road, count: int = 1) -> pb.Run:
    """A run of five pages of ten records, of which some die."""
    road.edges.pages = [[10, 0]] * 5
    road.edges.failures["Normalize"] = [HtmlAnswered() for _ in range(count)]
    await road.start_drone()
    return await road.end((await road.run((await road.create()).workflow_id)).run_id)


async def letters(road: Road, **asked: object) -> list[pb.DeadLetter]:
    """The dead letters that a filter admits."""
    return list((await road.clients.orchestrator.ListDeadLetters(pb.ListDeadLettersRequest(**asked))).dead_letters)  # type: ignore[arg-type]


async def test_healthy_pages_go_on_beside_a_dead_one(road: Road) -> None:
    """One poison page of five: the others are committed, the run names reason and count, the letter names page and run."""
    run = await poisoned(road)
    assert (run.state, run.reason, run.counts.canonical) == (pb.RUN_STATE_FAILED, "UPSTREAM_BAD_RESPONSE", 40)
    assert [(each.reason, each.dead_letters) for each in run.dead_letters] == [("UPSTREAM_BAD_RESPONSE", 1)]
    assert "1 dead letter" in run.message
    assert steps(run) == {"connector_sync": "succeeded", "normalize": "failed", "write_dataset": "failed", "analytics_query": "cancelled"}
    [letter] = await letters(road, run_id=run.run_id)
    assert (letter.kind, letter.step, letter.source_id) == ("normalize", "normalize", "sales-http")
    assert (letter.state, letter.raw.size_bytes) == (pb.DEAD_LETTER_STATE_DEAD, 2_560)
    shown = await road.clients.orchestrator.GetDeadLetter(pb.GetDeadLetterRequest(dead_letter_id=letter.dead_letter_id))
    assert shown == letter


async def test_retried_run_does_what_was_left(road: Road) -> None:
    """Retrying the run does the dead page and the rollup alone; both runs' counts make the whole; asked again it is the same run."""
    run = await poisoned(road, 2)
    calls = len(road.edges.calls)
    again = await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    ended = await road.end(again.run_id)
    assert (ended.state, ended.retry_of) == (pb.RUN_STATE_SUCCEEDED, run.run_id)
    assert sorted(road.edges.calls[calls:]) == ["Normalize", "Normalize", "RunRollup"]
    assert run.counts.records_in + ended.counts.records_in == 50
    assert [each.profile for each in ended.steps] == [each.profile for each in run.steps]
    assert (await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))).run_id == again.run_id
    assert await letters(road) == []
    assert {each.retried_as for each in await letters(road, state=pb.DEAD_LETTER_STATE_RETRIED)} == {again.run_id}


async def test_one_letter_is_retried(road: Road) -> None:
    """Of two letters one is retried in a run of its own; the other stays, and a retry of the run takes it."""
    run = await poisoned(road, 2)
    first, second = await letters(road)
    request = pb.RetryDeadLettersRequest(dead_letter_ids=[first.dead_letter_id])
    retried = await road.clients.orchestrator.RetryDeadLetters(request)
    assert (retried.retried, len(retried.runs)) == (1, 1)
    assert (await road.end(retried.runs[0].run_id)).counts.records_in == 10
    assert [each.dead_letter_id for each in await letters(road)] == [second.dead_letter_id]

    repeated = await road.clients.orchestrator.RetryDeadLetters(request)
    assert (repeated.retried, [each.run_id for each in repeated.runs]) == (0, [retried.runs[0].run_id])
    rest = await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    assert (await road.end(rest.run_id)).counts.records_in == 10


async def test_letters_are_retried_by_filter(road: Road) -> None:
    """All letters of a reason are retried, those of one run in one run; a reason that none has admits none."""
    await poisoned(road, 3)
    for reason, expected in (("CORRUPT", (0, 0)), ("UPSTREAM_BAD_RESPONSE", (3, 1))):
        request = pb.RetryDeadLettersRequest(filter=pb.DeadLetterFilter(reason=reason))
        retried = await road.clients.orchestrator.RetryDeadLetters(request)
        assert (retried.retried, len(retried.runs), retried.more) == (*expected, False)


async def test_discarded_letter_is_given_up_for_good(road: Road) -> None:
    """Who discarded a letter, and why, is in the ledger; it is not retried any more, and the queue forgets it."""
    run = await poisoned(road)
    [letter] = await letters(road)
    stats = await road.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())
    assert stats.dead_letters == 1
    request = pb.DiscardDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id], note="The upstream has withdrawn it.")
    for discarded in (1, 0):
        assert (await road.clients.orchestrator.DiscardDeadLetters(request)).discarded == discarded
    [gone] = await letters(road, state=pb.DEAD_LETTER_STATE_DISCARDED)
    assert (gone.note, gone.resolved_by) == ("The upstream has withdrawn it.", "user:ada")

    assert (await road.events(run.run_id, 6))[-1] == "workflow.dead_letter.discarded"
    [event] = (await road.clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run.run_id))).events[-1:]
    assert dict(event.details.items())["note"] == gone.note
    with pytest.raises(RemoteError) as refused:
        await road.clients.orchestrator.RetryDeadLetters(pb.RetryDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id]))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"
    async with asyncio.timeout(60):
        while stats.dead_letters:
            await asyncio.sleep(0.02)
            stats = await road.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())


async def test_run_without_anything_left_is_not_retried(road: Road) -> None:
    """A run whose letters were all discarded, and whose rollup ran, leaves nothing; a run that ended well is refused as well."""
    await road.start_drone()
    well = await road.end((await road.run((await road.create()).workflow_id)).run_id)
    with pytest.raises(RemoteError) as refused:
        await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=well.run_id))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"


async def test_cancelled_run_is_retried(road: Road) -> None:
    """A run that was cancelled in the middle goes on in a new one; together they count each page once."""
    road.edges.pages = [[10, 0]] * 6
    road.edges.normalizing.clear()
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    await road.edges.normalize_called.wait()
    cancelled = await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))
    road.edges.normalizing.set()
    assert cancelled.state == pb.RUN_STATE_CANCELLED
    assert await letters(road) == []
    again = await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    ended = await road.end(again.run_id)
    assert (ended.state, cancelled.counts.records_in + ended.counts.records_in) == (pb.RUN_STATE_SUCCEEDED, 60)


async def test_letters_belong_to_their_project(road: Road) -> None:
    """Another project sees none, and its ids are unknown there; a filter that filters nothing is refused."""
    await poisoned(road)
    [letter] = await letters(road)
    with scoped(BOB):
        assert await letters(road) == []
        with pytest.raises(RemoteError) as refused:
            await road.clients.orchestrator.GetDeadLetter(pb.GetDeadLetterRequest(dead_letter_id=letter.dead_letter_id))
        assert refused.value.remote_reason == "DEAD_LETTER_UNKNOWN"
        with pytest.raises(RemoteError) as unknown:
            await road.clients.orchestrator.RetryDeadLetters(pb.RetryDeadLettersRequest(dead_letter_ids=[letter.dead_letter_id]))
        assert unknown.value.remote_reason == "DEAD_LETTER_UNKNOWN"
    with pytest.raises(RemoteError) as invalid:
        await road.clients.orchestrator.DiscardDeadLetters(pb.DiscardDeadLettersRequest(note="no longer needed"))
    assert {violation.field for violation in invalid.value.violations} == {"dead_letter_ids"}
    assert ADA.project == "proj-sales"


async def test_letters_are_paged(road: Road) -> None:
    """Each letter is on one page, newest first."""
    await poisoned(road, 3)
    found: list[str] = []
    token = ""
    while True:
        answer = await road.clients.orchestrator.ListDeadLetters(pb.ListDeadLettersRequest(page_size=2, page_token=token))
        found += [each.dead_letter_id for each in answer.dead_letters]
        token = answer.next_page_token
        if not token:
            break
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 3


async def test_letters_and_their_retry_survive_a_restart(road: Road) -> None:
    """What a run left is in the database: after a restart it is listed and retried as before."""
    run = await poisoned(road)
    await road.stop_drone()
    await road.restart()
    assert len(await letters(road, run_id=run.run_id)) == 1
    again = await road.clients.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    await road.restart()
    await road.start_drone()
    assert (await road.end(again.run_id)).state == pb.RUN_STATE_SUCCEEDED
