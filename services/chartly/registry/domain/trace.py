"""Run a normalizer over samples and explain each field. Nothing is stored."""

from collections.abc import Sequence
from typing import Any

from chartly import native
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.profiles import Kind, ResolvedProfile


def traces(profile: ResolvedProfile, records: Sequence[str]) -> list[dict[str, Any]]:
    """Return a trace for each sample.

    Raises:
        InvalidRequest: the profile is not a normalizer, is abstract, or needs a secret or a lookup dataset, which are not available here.
    """
    if profile.contract is None or profile.reference.kind is not Kind.NORMALIZER:
        raise InvalidRequest(violations=(FieldViolation("ref", "must be a normalizer profile that is not abstract"),))
    try:
        plan = native.Plan.compile(profile.canonical.decode(), profile.contract.text)
    except native.PlanError as refused:
        raise InvalidRequest(violations=(FieldViolation("ref", f"can't be explained: {refused}"),)) from refused
    return [plan.explain(record.encode()) for record in records]
