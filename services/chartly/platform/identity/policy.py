"""Which role may do what: one table, read top to bottom. Pure; it knows neither tokens nor gRPC.

A permission is ``<resource>.<verb>`` as a method's proto option names it (``profiles.write``). Grants are spelled out, but for ``*``: a
new resource is nobody's but the operator's until this table says otherwise.
"""

from collections.abc import Iterable, Mapping

from .scope import SERVICE_ROLE

_ALL = "*"

_SELF = frozenset({"auth.self"})

_READ = frozenset(
    {
        "audit.read",
        "datasets.query",
        "datasets.read",
        "drones.read",
        "profiles.read",
        "quarantine.read",
        "reports.read",
        "results.read",
        "runs.read",
        "sources.read",
        "status.read",
        "workflows.read",
    }
)

_ANALYSE = frozenset({"reports.write"})

_ENGINEER = frozenset(
    {
        "datasets.write",
        "hooks.call",
        "profiles.write",
        "quarantine.write",
        "runs.write",
        "sources.ingest",
        "sources.write",
        "workflows.write",
    }
)

ROLES: Mapping[str, frozenset[str]] = {
    # Reads everything of a project and asks questions of its datasets; changes nothing.
    "viewer": _SELF | _READ,
    # Makes reports besides.
    "analyst": _SELF | _READ | _ANALYSE,
    # Builds and runs the project: profiles, workflows, sources, quarantine. Sealed payloads stay sealed: ``quarantine.unseal`` is the
    # operator's alone.
    "engineer": _SELF | _READ | _ANALYSE | _ENGINEER,
    # Runs the installation: everything, tokens included.
    "operator": frozenset({_ALL}),
    # A worker: leases work, posts results, reads what its work needs.
    "drone": _SELF | {"drones.work", "profiles.read", "sources.read"},
    # Pushes records into sources and calls hooks, and nothing else: what a device or a partner gets.
    "ingester": _SELF | {"hooks.call", "sources.ingest"},
    # Chartly's own services. Never granted to a person or key; besides all permissions it opens ``internal`` methods.
    SERVICE_ROLE: frozenset({_ALL}),
}


def allows(roles: Iterable[str], permission: str) -> bool:
    """Tell whether any of ``roles`` grants ``permission``. Unknown roles grant nothing; no permission is nobody's."""
    if not permission:
        return False
    return any(not {permission, _ALL}.isdisjoint(ROLES.get(role, frozenset())) for role in roles)


def permissions(roles: Iterable[str]) -> list[str]:
    """List what roles grant, sorted; ``*`` stands for all."""
    return sorted(frozenset[str]().union(*(ROLES.get(role, frozenset()) for role in roles)))
