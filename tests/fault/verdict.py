"""The checks of a run under kills. Pure."""

from dataclasses import asdict

from .disrupted_run import DisruptionCounts, Outcome
from .upstream import Expected


def broken(expected: Expected, calm: Outcome, stormy: Outcome, counts: DisruptionCounts) -> list[str]:
    """Return each violated expectation: of the undisturbed run, of the disturbed one, and between them."""
    found: list[str] = []
    for name, outcome in (("undisturbed", calm), ("killed", stormy)):
        if outcome.state != "RUN_STATE_SUCCEEDED":
            found.append(f"{name}: the run ended as {outcome.state}")
        if outcome.counts != {**asdict(expected), "replayed": 0}:
            found.append(f"{name}: counted {outcome.counts}, not {expected}")
        if outcome.rows != expected.canonical:
            found.append(f"{name}: the dataset has {outcome.rows} rows, not {expected.canonical}")
        if outcome.quarantined_listed != expected.quarantined:
            found.append(f"{name}: quarantine lists {outcome.quarantined_listed} records, not {expected.quarantined}")
        found += [f"{name}: {fault}" for fault in outcome.faults]
    if calm.content_hash != stormy.content_hash:
        found.append(f"the content hash is {stormy.content_hash}, undisturbed {calm.content_hash}")
    if counts.expired_calls < counts.expiries:
        found.append(f"{counts.expiries} calls waited past their deadline, and drones report {counts.expired_calls} as expired")
    found += [f"{name} ended by itself with exit codes {codes}" for name, codes in counts.ends.items()]
    return found
