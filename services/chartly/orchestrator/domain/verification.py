"""Sum up the verification of a run: verdicts by part, and differences between storage and ledger. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class VerificationSums(msgspec.Struct, frozen=True):
    """Number of parts by verdict."""

    equal: int = 0
    unequal: int = 0
    uncovered: int = 0
    first_difference: str = ""

    @property
    def parts(self) -> int:
        """Number of all parts."""
        return self.equal + self.unequal + self.uncovered

    @property
    def verdict(self) -> str:
        """``unequal`` when a part is; else ``equal`` when a part could be compared; else ``uncovered``."""
        return "unequal" if self.unequal else "equal" if self.equal else "uncovered"

    def plus(self, verdict: str, findings: Sequence[str]) -> "VerificationSums":
        """Return the sums with one more part."""
        first = self.first_difference or (findings[0] if verdict == "unequal" and findings else "")
        counted = {name: getattr(self, name) + (name == verdict) for name in ("equal", "unequal", "uncovered")}
        return VerificationSums(first_difference=first, **counted)


def ledger_findings(kept: Mapping[str, str], entry: Mapping[str, Any] | None) -> list[str]:
    """Compare a commit as storage keeps it with its ledger entry. Facts that one of the two doesn't have are not compared.

    Args:
        kept: facts of the commit.
        entry: details of the ledger entry; None when the ledger has none.
    """
    if entry is None:
        return ["The ledger has no entry of this commit."]
    return [
        f"The ledger's {name} is {entry[name]}, storage keeps {value}."
        for name, value in kept.items()
        if value and entry.get(name) and entry[name] != value
    ]
