"""Run a normalizer over samples and explain each field. Nothing is stored."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from chartly import native
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.profiles import Kind, ResolvedProfile
from chartly.profiles.record_framing import framed_records
from chartly.profiles.record_limits import lowered


def traces(profile: ResolvedProfile, records: Sequence[str], limits: Limits) -> list[dict[str, Any]]:
    """Return a trace for each sample; with ``recordsPath`` a sample is a page, and each of its records has a trace.

    The installation's limits of a record hold, as they do when records are normalized. Of all samples together at most
    ``profile_samples_max`` records are traced; ``records_left_out`` of the last trace counts the others.

    Raises:
        InvalidRequest: the profile is not a normalizer, is abstract, or needs a secret or a lookup dataset, which are not available
            here; or the list of a page has no records.
    """
    if profile.contract is None or profile.reference.kind is not Kind.NORMALIZER:
        raise InvalidRequest(violations=(FieldViolation("ref", "must be a normalizer profile that is not abstract"),))
    document = lowered(json.loads(profile.canonical), depth_max=limits.record_depth_max, record_bytes_max=limits.record_bytes_max)
    try:
        plan = native.Plan.compile(document, profile.contract.text)
    except native.PlanError as refused:
        raise InvalidRequest(violations=(FieldViolation("ref", f"can't be explained: {refused}"),)) from refused
    if "recordsPath" not in document["spec"]:
        return [plan.explain(record.encode()) for record in records]
    spec = document["spec"]
    samples = [sample for number, page in enumerate(records) for sample in _records_of(spec, page.encode(), f"records[{number}]")]
    shown = list(islice(_explained(plan, samples), limits.profile_samples_max))
    if left_out := len(samples) - len(shown):
        shown[-1]["records_left_out"] = left_out
    return shown


class _Sample(NamedTuple):
    """A record of a page; or a page that is rejected as one, with its reasons."""

    record: bytes
    page_reasons: list[dict[str, Any]]


def _explained(plan: native.Plan, samples: Sequence[_Sample]) -> Iterator[dict[str, Any]]:
    for sample in samples:
        yield {"accepted": False, "reasons": sample.page_reasons, "fields": []} if sample.page_reasons else plan.explain(sample.record)


def _records_of(spec: dict[str, Any], page: bytes, place: str) -> list[_Sample]:
    """Return the records of a page, as the profile divides it when records are normalized.

    Raises:
        InvalidRequest: the page's list has no records, so there is nothing to test.
    """
    framed = framed_records(spec, page)
    if any((each["offset"], each["length"]) == (0, len(page)) for each in framed.rejected):
        return [_Sample(page, [reason for each in framed.rejected for reason in each["reasons"]])]
    if not framed.spans:
        message = f"has no record to test: the list at recordsPath {spec['recordsPath']} is empty, or not there where allowEmpty permits it"
        raise InvalidRequest(violations=(FieldViolation(place, message),))
    return [_Sample(page[offset : offset + length], []) for offset, length in framed.spans]
