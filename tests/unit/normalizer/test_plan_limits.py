"""The configured limit of compiled plans."""

import json

from chartly.normalizer.chunk import PlanCache, PlanSource
from chartly.platform.config import Limits

PROFILE = json.dumps({"canonicalEventType": "t", "mapping": {"id": "$.id"}})


def test_plans_cached_max_bounds_the_plans_in_memory() -> None:
    """Two plans stay compiled where two may; a third drops the least recently used one."""
    plans = PlanCache(Limits(plans_cached_max=2).plans_cached_max)
    first, second, third = (PlanSource(f"sha256:{name}", PROFILE, "{}") for name in "abc")
    kept = [plans.get(first), plans.get(second)]
    assert [plans.get(first), plans.get(second)] == kept

    plans.get(third)

    assert plans.get(second) is kept[1]
    assert plans.get(first) is not kept[0]
