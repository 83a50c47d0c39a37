"""A short form of the documentation's sales profile, and its contract."""

from typing import Any

import pytest

PROFILE = """
canonicalEventType: sales.event
requiredFields: [event_id, amount]
mapping:
  event_id: "$.id"
  amount: "$.totals.amount"
  note: "$.note"
transforms:
  - {op: toNumber, field: amount}
"""

CONTRACT: dict[str, Any] = {
    "type": "object",
    "required": ["event_id", "amount", "type"],
    "properties": {
        "event_id": {"type": "string", "minLength": 1},
        "amount": {"type": "number", "minimum": 0},
        "note": {"type": "string"},
        "type": {"const": "sales.event"},
    },
}


@pytest.fixture
def profile() -> str:
    """Return the profile's spec as YAML."""
    return PROFILE


@pytest.fixture
def contract() -> dict[str, Any]:
    """Return the contract."""
    return CONTRACT
