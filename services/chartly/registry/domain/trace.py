"""Run a normalizer over samples and explain each field. Nothing is stored."""

import json
from collections.abc import Sequence
from typing import Any

from chartly import native
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.profiles import Kind, ResolvedProfile
from chartly.profiles.record_limits import lowered


def traces(profile: ResolvedProfile, records: Sequence[str], limits: Limits) -> list[dict[str, Any]]:
    """Return a trace for each sample. The installation's limits of a record hold, as they do when records are normalized.

    Raises:
        InvalidRequest: the profile is not a normalizer, is abstract, or needs a secret or a lookup dataset, which are not available here.
    """
    if profile.contract is None or profile.reference.kind is not Kind.NORMALIZER:
        raise InvalidRequest(violations=(FieldViolation("ref", "must be a normalizer profile that is not abstract"),))
    document = lowered(json.loads(profile.canonical), depth_max=limits.record_depth_max, record_bytes_max=limits.record_bytes_max)
    try:
        plan = native.Plan.compile(document, profile.contract.text)
    except native.PlanError as refused:
        raise InvalidRequest(violations=(FieldViolation("ref", f"can't be explained: {refused}"),)) from refused
    return [plan.explain(record.encode()) for record in records]
