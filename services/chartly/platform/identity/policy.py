"""The permissions of each role, in one table. Pure; it knows neither tokens nor gRPC.

A permission is ``<resource>.<verb>``, as in a method's proto option (``profiles.write``). Permissions are listed one by one, except for
``*``: only the operator has access to a new resource until this table lists it.
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
    # Reads everything of a project and queries its datasets; changes nothing.
    "viewer": _SELF | _READ,
    # Creates reports too.
    "analyst": _SELF | _READ | _ANALYSE,
    # Builds and runs the project: profiles, workflows, sources, quarantine. Does not see sealed payloads: only the operator has
    # ``quarantine.unseal``.
    "engineer": _SELF | _READ | _ANALYSE | _ENGINEER,
    # Runs the installation: everything, tokens included.
    "operator": frozenset({_ALL}),
    # A worker: leases work, posts results, reads what its work needs.
    "drone": _SELF | {"drones.work", "profiles.read", "sources.read"},
    # For a device or a partner: pushes records into sources and calls hooks, nothing else.
    "ingester": _SELF | {"hooks.call", "sources.ingest"},
    # Chartly's services. Never granted to a person or key. It has all permissions, and access to ``internal`` methods.
    SERVICE_ROLE: frozenset({_ALL}),
}


def allows(roles: Iterable[str], permission: str) -> bool:
    """Return whether any of ``roles`` grants ``permission``. An unknown role grants nothing; an empty permission is never granted."""
    if not permission:
        return False
    return any(not {permission, _ALL}.isdisjoint(ROLES.get(role, frozenset())) for role in roles)


def permissions(roles: Iterable[str]) -> list[str]:
    """Return the permissions of roles, sorted; ``*`` means all."""
    return sorted(frozenset[str]().union(*(ROLES.get(role, frozenset()) for role in roles)))
