"""The columns that a frozen normalizer fills, by name and type. It runs no plan."""

import json

from chartly import native

from .lookups import stand_in
from .secret_references import STAND_IN, secret_names


def plan_columns(profile_json: str, contract_json: str) -> dict[str, str]:
    """Return the columns of a resolved normalizer and its contract, with PyArrow's name of each type.

    Raises:
        chartly.native.PlanError: the plan does not compile; an earlier build may have accepted the profile.
    """
    document = json.loads(profile_json)
    # Neither the rows of a lookup table nor the value of a secret changes a column.
    secrets = dict.fromkeys(secret_names(document["spec"]), STAND_IN)
    return native.Plan.compile(stand_in(document), contract_json, secrets=secrets).columns
