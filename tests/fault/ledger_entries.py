"""Compare the versions of datasets with their ledger entries: each version has exactly one."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from .client import Client

TYPES = ("dataset.updated", "dataset.reprocessed", "dataset.rolled_back")
"""Types of entries that say which version a dataset has since."""
# A version's entry follows its commit by at most the longest pause of a delivery (30 s).
_DELIVERED_S = 45.0
_POLL_S = 0.5


def entry_faults(versions: Mapping[str, int], entries: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return the disagreements.

    Args:
        versions: the version of each dataset; its versions are numbered from 1.
        entries: dataset and version of each ledger entry.
    """
    found = Counter(entries)
    wanted = {(dataset, number) for dataset, last in versions.items() for number in range(1, last + 1)}
    missing = [f"version {number} of {dataset} has no ledger entry" for dataset, number in sorted(wanted - set(found))]
    unknown = [
        f"the ledger has an entry of version {number} of {dataset}, which is none" for dataset, number in sorted(set(found) - wanted)
    ]
    repeated = [
        f"version {number} of {dataset} has {count} ledger entries" for (dataset, number), count in sorted(found.items()) if count > 1
    ]
    return (*missing, *unknown, *repeated)


async def entries_against_versions(client: Client) -> tuple[str, ...]:
    """Return the disagreements after all deliveries have had time."""
    faults: tuple[str, ...] = ()
    ends_s = asyncio.get_running_loop().time() + _DELIVERED_S
    while asyncio.get_running_loop().time() < ends_s:
        datasets = await client.items("/v1/datasets", "datasets")
        versions = {each["dataset"]: int(each["version"]) for each in datasets}
        events = [event for kind in TYPES for event in await client.items(f"/v1/audit/events?type={kind}", "events")]
        entries = [(event["subject"].removeprefix("dataset/"), int(event["details"]["dataset_version"])) for event in events]
        faults = entry_faults(versions, entries)
        if not faults:
            break
        await asyncio.sleep(_POLL_S)
    return faults
