"""The scope of a call: caller, tenant and project. Tenancy comes from here only; ``policy.py`` decides about permissions.

The server's interceptor makes a scope from a verified internal token. Background work makes one with ``Scope.service``. No request has a
tenant field: a handler reads ``current_scope()``.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from chartly.platform.errors import InvalidArgument, Unauthenticated, error

# A tenant or project names a folder, a Delta table and a namespace, so it may only contain characters that are safe in all of them.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")

SERVICE_ROLE = "service"
"""The role of Chartly's services; no API key can have it."""

SYSTEM = "system"
"""Tenant and project of work that belongs to no customer, such as a status request to every service."""


@error(reason="TOKEN_INVALID")
class NoScope(Unauthenticated):
    """There is no scope: the code runs outside of a request."""


@error(reason="INVALID_REQUEST")
class ProjectNameInvalid(InvalidArgument):
    """A project is named <tenant>/<project>, each of 1 to 63 characters a-z, 0-9, - or _."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The caller and project of a call. Equal scopes mean the same caller in the same request."""

    principal: str
    """``user:<name>``, ``key:<id>`` or ``service:<name>``."""
    tenant: str
    project: str
    roles: frozenset[str] = field(default_factory=frozenset[str])
    request_id: str = ""
    run_id: str = ""
    on_behalf_of: str = ""
    """The principal for whom a service acts; empty if there is none."""
    credential: str = ""
    """Id of the caller's bearer token at the edge; empty for a service's own work."""

    @property
    def name(self) -> str:
        """``<tenant>/<project>``, the form of ``X-Chartly-Project``."""
        return f"{self.tenant}/{self.project}"

    @property
    def namespace(self) -> str:
        """``tenant/<tenant>/project/<project>``, the namespace of its profiles."""
        return f"tenant/{self.tenant}/project/{self.project}"

    def acting_as(self, service: str) -> "Scope":
        """Return the scope of ``service`` acting for the caller: same project and request, the service's rights."""
        if self.principal == f"service:{service}":
            return self
        return replace(
            self,
            principal=f"service:{service}",
            roles=frozenset({SERVICE_ROLE}),
            on_behalf_of=self.on_behalf_of or self.principal,
        )

    @classmethod
    def service(cls, service: str, tenant: str = SYSTEM, project: str = SYSTEM, *, request_id: str = "", run_id: str = "") -> "Scope":
        """Return the scope of a service's own work for one project, or for none."""
        return cls(f"service:{service}", tenant, project, frozenset({SERVICE_ROLE}), request_id, run_id)


_current: ContextVar[Scope | None] = ContextVar("chartly_scope", default=None)


def current_scope() -> Scope:
    """Return the scope of the current call.

    Raises:
        NoScope: the code runs outside of a call and of ``scoped``.
    """
    scope = _current.get()
    if scope is None:
        raise NoScope
    return scope


def scope_or_none() -> Scope | None:
    """Return the scope of the current call, or None outside of a call (for logs)."""
    return _current.get()


@contextmanager
def scoped(scope: Scope) -> Generator[Scope]:
    """Run a block with ``scope``: for background work, and for the interceptor around each handler."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def enter(scope: Scope) -> None:
    """Set the scope for the rest of this task. For the interceptor, whose task ends with the call."""
    _current.set(scope)


def parse_project(text: str) -> tuple[str, str]:
    """Split ``<tenant>/<project>``.

    Raises:
        ProjectNameInvalid: the text has another form.
    """
    tenant, slash, project = text.partition("/")
    if not slash or not NAME.fullmatch(tenant) or not NAME.fullmatch(project):
        raise ProjectNameInvalid
    return tenant, project
