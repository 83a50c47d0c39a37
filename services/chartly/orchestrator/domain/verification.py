"""What a run's verification comes to. Pure: verdicts and facts in, sums and sentences out."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class VerificationSums(msgspec.Struct, frozen=True):
    """Parts by verdict."""

    equal: int = 0
    unequal: int = 0
    uncovered: int = 0
    first_difference: str = ""

    @property
    def parts(self) -> int:
        """How many were compared."""
        return self.equal + self.unequal + self.uncovered

    @property
    def verdict(self) -> str:
        """Unequal when anything is; else equal when anything could be compared."""
        return "unequal" if self.unequal else "equal" if self.equal else "uncovered"

    def plus(self, verdict: str, findings: Sequence[str]) -> "VerificationSums":
        """Add a part."""
        first = self.first_difference or (findings[0] if verdict == "unequal" and findings else "")
        counted = {name: getattr(self, name) + (name == verdict) for name in ("equal", "unequal", "uncovered")}
        return VerificationSums(first_difference=first, **counted)


def ledger_findings(kept: Mapping[str, str], told: Mapping[str, Any] | None) -> list[str]:
    """Compare what storage keeps of a commit with what the ledger has; facts that one of them never had are left out."""
    if told is None:
        return ["The ledger has no entry of this commit."]
    return [
        f"The ledger's {name} is {told[name]}, storage keeps {value}."
        for name, value in kept.items()
        if value and told.get(name) and told[name] != value
    ]
