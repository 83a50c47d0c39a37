"""Who asks, for which project: the one place that tenancy comes from. It decides nothing about permissions; ``policy.py`` does.

A scope is made from a verified internal token by the server's interceptor, or for background work by ``Scope.service``. No message has
a tenant field: a handler reads ``current_scope()``.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from chartly.platform.errors import InvalidArgument, Unauthenticated, error

# A tenant or project names a folder, a Delta table and a namespace, so it holds nothing that any of these would read differently.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")

SERVICE_ROLE = "service"
"""The role of Chartly's own services; no API key can carry it."""

SYSTEM = "system"
"""The tenant and project of work that belongs to no customer, such as asking every service for its status."""


@error(reason="TOKEN_INVALID")
class NoScope(Unauthenticated):
    """The call has no scope: it runs outside of a request and acts for nobody."""


@error(reason="INVALID_REQUEST")
class ProjectNameInvalid(InvalidArgument):
    """A project is named <tenant>/<project>, each of 1 to 63 characters a-z, 0-9, - or _."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose call this is. Equal scopes are the same caller in the same request."""

    principal: str
    """``user:<name>``, ``key:<id>`` or ``service:<name>``."""
    tenant: str
    project: str
    roles: frozenset[str] = field(default_factory=frozenset[str])
    request_id: str = ""
    job_id: str = ""
    on_behalf_of: str = ""
    """The principal for whom a service acts, empty when nobody."""
    credential: str = ""
    """Id of the bearer token that the caller showed at the edge, empty for a service's own work."""

    @property
    def name(self) -> str:
        """``<tenant>/<project>``, as ``X-Chartly-Project`` has it."""
        return f"{self.tenant}/{self.project}"

    @property
    def namespace(self) -> str:
        """``tenant/<tenant>/project/<project>``, where its profiles live."""
        return f"tenant/{self.tenant}/project/{self.project}"

    def acting_as(self, service: str) -> "Scope":
        """Give this scope to ``service`` acting for the caller: same project and request, the service's rights."""
        if self.principal == f"service:{service}":
            return self
        return replace(
            self,
            principal=f"service:{service}",
            roles=frozenset({SERVICE_ROLE}),
            on_behalf_of=self.on_behalf_of or self.principal,
        )

    @classmethod
    def service(cls, service: str, tenant: str = SYSTEM, project: str = SYSTEM, *, request_id: str = "", job_id: str = "") -> "Scope":
        """Make the scope of a service's own work for one project, or for none."""
        return cls(f"service:{service}", tenant, project, frozenset({SERVICE_ROLE}), request_id, job_id)


_current: ContextVar[Scope | None] = ContextVar("chartly_scope", default=None)


def current_scope() -> Scope:
    """Tell the scope of the call being served.

    Raises:
        NoScope: the code runs outside of a call and of ``scoped``.
    """
    scope = _current.get()
    if scope is None:
        raise NoScope
    return scope


def scope_or_none() -> Scope | None:
    """Tell the scope of the call being served, or None outside of one (logging)."""
    return _current.get()


@contextmanager
def scoped(scope: Scope) -> Generator[Scope]:
    """Run a block under ``scope``: background work, and the interceptor around each handler."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def enter(scope: Scope) -> None:
    """Set the scope for the rest of this task; for the interceptor, whose task ends with the call."""
    _current.set(scope)


def parse_project(text: str) -> tuple[str, str]:
    """Split ``<tenant>/<project>``.

    Raises:
        ProjectNameInvalid: it is anything else.
    """
    tenant, slash, project = text.partition("/")
    if not slash or not NAME.fullmatch(tenant) or not NAME.fullmatch(project):
        raise ProjectNameInvalid
    return tenant, project
