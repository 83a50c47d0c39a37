"""Profiles in the registry: immutable, private to their project, frozen when resolved."""

import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest

from chartly.platform.config import Limits
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.rules import rules_of
from chartly.profiles import Kind
from chartly.profiles.packaged import texts
from chartly.v1 import registry_pb2 as pb

SALES = "domains/sales/"
NORMALIZER = "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"
CONNECTOR = "tenant-demo/proj-sales::connector/sales-http@1.0.0"
STORAGE = "tenant-demo/proj-sales::storage/sales-events@1.0.0"
ANALYTICS = "tenant-demo/proj-sales::analytics/sales-daily-rollup@1.0.0"


def text_of(reference: str) -> str:
    """Return the packaged YAML of a sales profile."""
    kind, name = reference.split("::")[1].split("/")
    return texts()[f"{SALES}{kind}-{name}.yaml"]


async def put(clients: Clients, reference: str, text: str | None = None) -> pb.PutProfileResponse:
    """Store a sales profile, or ``text``, under its reference."""
    return await clients.registry.PutProfile(pb.PutProfileRequest(ref=reference, document=text or text_of(reference)))


async def test_same_content_again_changes_nothing(clients: Clients) -> None:
    """Storing the same document a second time returns the first version."""
    first = await put(clients, NORMALIZER)
    again = await put(clients, NORMALIZER, "# a comment more\n" + text_of(NORMALIZER))

    assert first.created
    assert not again.created
    assert again.profile == first.profile


async def test_other_content_under_the_same_version_is_refused(clients: Clients) -> None:
    """A version can't get other content."""
    await put(clients, STORAGE)

    with pytest.raises(RemoteError) as refused:
        await put(clients, STORAGE, text_of(STORAGE).replace("retentionDays: 30", "retentionDays: 31"))

    assert refused.value.remote_reason == "PROFILE_VERSION_TAKEN"
    stored = await clients.registry.GetProfile(pb.GetProfileRequest(ref=STORAGE))
    assert "retentionDays: 30" in stored.profile.document


async def test_document_must_agree_with_its_reference(clients: Clients) -> None:
    """A document with another name than its reference is refused."""
    with pytest.raises(RemoteError) as refused:
        await put(clients, STORAGE.replace("1.0.0", "1.0.1"), text_of(STORAGE))

    assert refused.value.remote_reason == "PROFILE_INVALID"


async def test_broken_document_names_line_and_rule(clients: Clients) -> None:
    """Each violation has place, line and rule."""
    broken = text_of(NORMALIZER).replace('amount: "$.totals.amount"', 'amount: "$.totals["')

    with pytest.raises(RemoteError) as refused:
        await put(clients, NORMALIZER, broken)

    line = broken.splitlines().index('    amount: "$.totals["') + 1
    (violation,) = refused.value.violations
    assert refused.value.remote_reason == "PROFILE_INVALID"
    assert violation.reason == "bad-jsonpath"
    assert violation.field == "spec.mapping.amount"
    assert violation.description.startswith(f"line {line}, column ")


async def test_validation_stores_nothing(clients: Clients) -> None:
    """Validation returns violations and stores nothing."""
    answer = await clients.registry.ValidateProfile(
        pb.ValidateProfileRequest(document=text_of(STORAGE).replace("dataset: sales-events", "dataset: sales-events\n  colour: red"))
    )

    assert [(found.path, found.rule) for found in answer.violations] == [("/spec/colour", "unknown-key")]
    with pytest.raises(RemoteError) as refused:
        await clients.registry.GetProfile(pb.GetProfileRequest(ref=STORAGE))
    assert refused.value.remote_reason == "PROFILE_UNKNOWN"


async def test_profile_of_another_project_looks_absent(clients: Clients) -> None:
    """A profile of another project is answered like one that does not exist."""
    await put(clients, STORAGE)

    stranger = Scope("user:eve", "tenant-other", "proj-sales", frozenset({"engineer"}))
    with scoped(stranger), pytest.raises(RemoteError) as refused:
        await clients.registry.GetProfile(pb.GetProfileRequest(ref=STORAGE))

    assert refused.value.remote_reason == "PROFILE_UNKNOWN"


@pytest.mark.parametrize("reference", ["global::storage/sales-events@1.0.0", "tenant-other/proj-sales::storage/sales-events@1.0.0"])
async def test_other_namespaces_cannot_be_written(clients: Clients, reference: str) -> None:
    """A project can only write to its own namespace."""
    with pytest.raises(RemoteError) as refused:
        await put(clients, reference, text_of(STORAGE))

    assert refused.value.remote_reason == "PROJECT_DENIED"


async def test_packaged_profiles_are_global_from_the_start(clients: Clients) -> None:
    """A new registry lists the packaged base profiles, without their texts."""
    listed = await clients.registry.ListProfiles(pb.ListProfilesRequest())

    assert "global::connector/base@1.0.0" in [profile.ref for profile in listed.profiles]
    assert all(not profile.document for profile in listed.profiles)


async def test_listing_goes_on_where_the_last_page_ended(clients: Clients) -> None:
    """Pages of one item have every profile once, in order."""
    await put(clients, STORAGE)
    whole = await clients.registry.ListProfiles(pb.ListProfilesRequest())
    found: list[str] = []
    token = ""
    while True:
        page = await clients.registry.ListProfiles(pb.ListProfilesRequest(page_size=1, page_token=token))
        found.extend(profile.ref for profile in page.profiles)
        if not (token := page.next_page_token):
            break

    assert found == [profile.ref for profile in whole.profiles]
    assert STORAGE in found


async def test_frozen_profile_has_the_hash_of_its_bytes(clients: Clients) -> None:
    """A frozen profile's bytes have its hash, and contain its contract."""
    await put(clients, NORMALIZER)

    resolved = await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=NORMALIZER))
    frozen = await clients.registry.GetFrozenProfile(pb.GetFrozenProfileRequest(hash=resolved.frozen.hash))

    assert resolved.frozen.ref == NORMALIZER
    assert resolved.frozen.hash == f"sha256:{sha256(frozen.resolved_json.encode()).hexdigest()}"
    assert json.loads(frozen.contract_json)["properties"]["type"] == {
        "description": "The canonical type, added by the normalizer.",
        "const": "sales.event",
    }


async def test_frozen_profiles_stay_within_their_project(clients: Clients) -> None:
    """A profile that another project froze is unknown."""
    await put(clients, STORAGE)
    resolved = await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=STORAGE))

    stranger = Scope("user:eve", "tenant-other", "proj-sales", frozenset({"engineer"}))
    with scoped(stranger), pytest.raises(RemoteError) as refused:
        await clients.registry.GetFrozenProfile(pb.GetFrozenProfileRequest(hash=resolved.frozen.hash))

    assert refused.value.remote_reason == "PROFILE_UNKNOWN"


async def test_project_reference_falls_back_to_global(clients: Clients) -> None:
    """A version that the project lacks is found in global; the project can't store that version afterwards."""
    reference = "tenant-demo/proj-sales::storage/base@1.0.0"

    resolved = await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=reference))
    with pytest.raises(RemoteError) as refused:
        await put(clients, reference, texts()["core/base/storage-base@1.0.0.yaml"])

    assert resolved.frozen.ref == "global::storage/base@1.0.0"
    assert refused.value.remote_reason == "PROFILE_VERSION_TAKEN"


async def test_diff_returns_each_changed_place(clients: Clients) -> None:
    """A diff of two versions has each changed place, with the text before and after."""
    later = STORAGE.replace("1.0.0", "1.0.1")
    await put(clients, STORAGE)
    await put(
        clients, later, text_of(STORAGE).replace("version: 1.0.0", "version: 1.0.1").replace("retentionDays: 30", "retentionDays: 31")
    )

    answer = await clients.registry.DiffProfiles(pb.DiffProfilesRequest(from_ref=STORAGE, to_ref=later))

    assert [(change.path, change.before, change.after) for change in answer.changes] == [
        ("/metadata/version", '"1.0.0"', '"1.0.1"'),
        ("/spec/retentionDays", "30", "31"),
    ]


async def test_workflow_names_profiles_that_are_there(clients: Clients) -> None:
    """A workflow is stored only if all its profiles exist."""
    reference = "tenant-demo/proj-sales::workflow/sales-onboard@1.0.0"
    text = texts()[f"{SALES}workflows/sales-onboard@1.0.0.yaml"]
    with pytest.raises(RemoteError) as refused:
        await put(clients, reference, text)
    for profile in (CONNECTOR, NORMALIZER, STORAGE, ANALYTICS):
        await put(clients, profile)

    stored = await put(clients, reference, text)

    assert [violation.reason for violation in refused.value.violations] == ["unknown-profile"] * 4
    assert stored.profile.kind == "workflow"


async def test_deprecated_profile_cannot_be_named_by_a_new_workflow(clients: Clients) -> None:
    """A deprecated version can be read and resolved, but a new workflow can't name it."""
    for profile in (CONNECTOR, NORMALIZER, STORAGE, ANALYTICS):
        await put(clients, profile)

    answer = await clients.registry.DeprecateProfile(pb.DeprecateProfileRequest(ref=STORAGE))
    with pytest.raises(RemoteError) as refused:
        await put(
            clients,
            "tenant-demo/proj-sales::workflow/sales-onboard@1.0.0",
            texts()[f"{SALES}workflows/sales-onboard@1.0.0.yaml"],
        )
    resolved = await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=STORAGE))

    assert answer.profile.deprecated
    assert [violation.reason for violation in refused.value.violations] == ["deprecated-profile"]
    assert resolved.frozen.ref == STORAGE


async def test_profile_test_traces_a_sample(clients: Clients) -> None:
    """A normalizer that isn't stored runs on a sample and returns a trace."""
    sample = '{"id":"sale_001","timestamp":"2026-02-02T12:00:00Z","totals":{"amount":"19.99","currency":"USD"}}'

    answer = await clients.registry.TestProfile(pb.TestProfileRequest(document=text_of(NORMALIZER), records=[sample]))

    (trace,) = answer.traces
    assert "sale_001" in str(trace)


async def test_profile_test_applies_the_depth_of_a_record(start_host: Callable[..., Awaitable[Host]]) -> None:
    """A sample as deep as the installation's records may be is traced; with a lower limit it gets the reason of the quarantine."""
    sample = '{"id":"sale_001","timestamp":"2026-02-02T12:00:00Z","totals":{"amount":"1","currency":"USD"}}'
    outcomes: list[bool] = []
    for depth in (2, 1):
        host = await start_host("registry", limits__record_depth_max=depth)
        with scoped(Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"operator"}))):
            request = pb.TestProfileRequest(document=text_of(NORMALIZER), records=[sample])
            (trace,) = (await host.clients("test").registry.TestProfile(request)).traces
        await host.stop()
        outcomes.append("DEPTH_EXCEEDED" in str(trace))
    assert outcomes == [False, True]


async def test_profile_test_applies_the_size_of_a_record(start_host: Callable[..., Awaitable[Host]]) -> None:
    """A sample of record_bytes_max is traced; with a lower limit the same sample is refused."""
    sample = '{"id":"sale_001","timestamp":"2026-02-02T12:00:00Z","totals":{"amount":"1","currency":"USD"}}'
    request = pb.TestProfileRequest(document=text_of(NORMALIZER), records=[sample])
    with scoped(Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"operator"}))):
        host = await start_host("registry", limits__record_bytes_max=len(sample))
        (trace,) = (await host.clients("test").registry.TestProfile(request)).traces
        assert "sale_001" in str(trace)
        await host.stop()
        host = await start_host("registry", limits__record_bytes_max=len(sample) - 1)
        with pytest.raises(RemoteError) as refused:
            await host.clients("test").registry.TestProfile(request)
    assert [violation.field for violation in refused.value.violations] == ["records[0]"]


def test_kinds_of_a_listing_are_those_of_documents() -> None:
    """The proto's kinds are those of documents."""
    fields: Any = pb.ListProfilesRequest.DESCRIPTOR.fields_by_name

    assert rules_of(fields["kind"], Limits()).one_of == tuple(Kind)
