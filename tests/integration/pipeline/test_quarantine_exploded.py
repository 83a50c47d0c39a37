"""Children of `explode` leave quarantine: each runs with the record around it, which its mapping reads too."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import dataset_pb2, normalizer_pb2, quarantine_pb2, registry_pb2

from .conftest import PROJECT, Pipeline

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer")
PROFILE = """apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: normalizer, name: sale-lines, version: {version}}}
spec:
  canonicalEventType: sales.event
  recordsPath: "$.items[*]"
  explode: "$.lines[*]"
  requiredFields: [event_id, occurred_at, amount, currency]
  mapping:
    event_id: "@.no"
    occurred_at: "$.timestamp"
    amount: {amount}
    currency: "$.currency"
  transforms: [{{op: toNumber, field: amount}}]
  dedupe: {{keys: [event_id], policy: quarantine}}
"""


def order(number: int, *amounts: str) -> dict[str, Any]:
    """Return an order with a line for each amount."""
    lines = [{"no": f"o{number}-{line}", "amount": amount, "note": "\u00e9"} for line, amount in enumerate(amounts)]
    return {"id": number, "timestamp": "2026-02-02T12:00:00Z", "currency": "USD", "lines": lines}


PAGE = [order(1, "1.5", "many", "2.5"), order(2, "several", "none"), 7]


class Exploded(Pipeline):
    """A page of orders: two lines are committed, three are in quarantine, and so is a number in place of an order."""

    async def begin(self) -> list[quarantine_pb2.QuarantinedRecord]:
        """Normalize the page; return the quarantined records by their place."""
        await self.put_domain("sales")
        await self.put("1.0.0", '"@.amount"')
        normalizer = await self.frozen("normalizer/sale-lines@1.0.0")
        await self.clients.normalizer.Normalize(
            normalizer_pb2.NormalizeRequest(
                run_id="run_1",
                source_id="sales-http",
                raw=await self.put_blob(json.dumps({"items": PAGE}, ensure_ascii=False, indent=1).encode()),
                normalizer=normalizer,
                storage=await self.frozen("storage/sales-events@1.0.0"),
                item_key="run_1/1",
            )
        )
        return await self.waiting()

    async def put(self, version: str, amount: str) -> None:
        """Store a version of the profile."""
        document = PROFILE.format(version=version, amount=amount)
        reference = f"{PROJECT}::normalizer/sale-lines@{version}"
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=document))

    async def waiting(self) -> list[quarantine_pb2.QuarantinedRecord]:
        """Return the open and retried records by their place."""
        answer = await self.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest())
        return sorted((each for each in answer.records if each.state in {"open", "retried"}), key=lambda each: each.place.offset)

    async def rows(self) -> dict[Any, Any]:
        """Return amount and currency of each committed line."""
        answer = await self.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events"))
        return {row["event_id"]: (row["amount"], row["currency"]) for row in answer.records}


async def test_children_are_retried_with_the_record_around_them(start_host: StartHost) -> None:
    """A newer profile takes all three lines; fields of the order are theirs, and nobody else's."""
    exploded = Exploded(await start_host(*SERVICES))
    held = await exploded.begin()
    await exploded.put("1.1.0", "{const: 9}")
    lines = [each.quarantine_id for each in held[:3]]

    request = quarantine_pb2.RetryQuarantinedRequest(quarantine_ids=lines, normalizer_ref=f"{PROJECT}::normalizer/sale-lines@1.1.0")
    answer = await exploded.clients.quarantine.RetryQuarantined(request)

    assert [outcome.state for outcome in answer.outcomes] == ["released"] * 3
    assert await exploded.rows() == {
        "o1-0": (1.5, "USD"),
        "o1-1": (9, "USD"),
        "o1-2": (2.5, "USD"),
        "o2-0": (9, "USD"),
        "o2-1": (9, "USD"),
    }


async def test_child_is_released_with_a_correction(start_host: StartHost) -> None:
    """The correction changes the line alone; its longer text moves no other line, and one that is still wrong stays."""
    exploded = Exploded(await start_host(*SERVICES))
    first, second, *_ = await exploded.begin()
    outcomes: list[str] = []
    for held, amount in ((first, "12345.678"), (second, "still words")):
        request = quarantine_pb2.ReleaseQuarantinedRequest(
            quarantine_id=held.quarantine_id, justification="asked the shop", merge_patch=json.dumps({"amount": amount})
        )
        outcomes.append((await exploded.clients.quarantine.ReleaseQuarantined(request)).outcome.state)

    assert outcomes == ["released", "retried"]
    assert await exploded.rows() == {"o1-0": (1.5, "USD"), "o1-1": (12345.678, "USD"), "o1-2": (2.5, "USD")}


async def test_record_that_was_not_exploded_is_refused_with_the_way_on(start_host: StartHost) -> None:
    """What was rejected as a whole may become many records; the error names what to do instead."""
    exploded = Exploded(await start_host(*SERVICES))
    *_, whole = await exploded.begin()

    with pytest.raises(RemoteError) as refused:
        await exploded.clients.quarantine.RetryQuarantined(quarantine_pb2.RetryQuarantinedRequest(quarantine_ids=[whole.quarantine_id]))

    assert refused.value.remote_reason == "PROFILE_INVALID"
    assert "reprocess the dataset" in refused.value.violations[0].description
